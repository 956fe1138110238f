"""What the platform tells its operators, and which of its new functions an account has already."""

from datetime import datetime
from uuid import UUID

import strawberry

from accounts import queries as accounts
from accounts.values import AccountId
from announcements import queries
from announcements.values import Severity
from graphql_api.context import Info

strawberry.enum(Severity, name="AnnouncementSeverity")


@strawberry.type(description="The words of an announcement in one language. Plain text.")
class AnnouncementText:
    """Words in a language."""

    language: str
    text: str


@strawberry.type(description="What the platform's staff tells operators.")
class Announcement:
    """An announcement."""

    id: UUID
    severity: Severity
    texts: list[AnnouncementText]
    link: str | None
    begins_at: datetime
    ends_at: datetime


@strawberry.type
class AnnouncementQueries:
    """Reading announcements."""

    @strawberry.field(description="What is announced to an account now, the weightiest first.")
    def announcements(self, info: Info, account_id: UUID) -> list[Announcement]:
        """Those that are shown in the portal."""
        return [shown(one) for one in queries.announcements_for(info.context.actor, AccountId(account_id))]

    @strawberry.field(description="Functions that are switched on step by step, by name: those that an account has.")
    def functions_on(self, info: Info, account_id: UUID) -> list[str]:
        """What the account has of what not everybody has yet."""
        return [flag.value for flag in accounts.functions_on(info.context.actor, AccountId(account_id))]


def shown(one: queries.Notice) -> Announcement:
    """As the schema shows it."""
    texts = [AnnouncementText(language=code, text=text) for code, text in sorted(one.texts.items())]
    return Announcement(
        id=one.id,
        severity=one.severity,
        texts=texts,
        link=one.link or None,
        begins_at=one.begins_at,
        ends_at=one.ends_at,
    )
