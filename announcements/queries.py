"""Every read of this room."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from accounts import access
from accounts.access import SYSTEM, Actor, ActorKind, allowed_in
from accounts.models import Account, AccountLineage
from accounts.rights import Right
from accounts.values import AccountId
from announcements.models import Announcement, AnnouncementAccount, PutAway
from announcements.values import AnnouncementId, Audience, Severity
from kit import clock, db
from kit.errors import NotFound
from kit.known import Known
from kit.paging import Page
from kit.use_case import query
from licensing.queries import plans_held


@dataclass(frozen=True)
class Notice:
    """An announcement as its readers get it, with its words in every language that there are."""

    id: UUID
    severity: Severity
    texts: dict[str, str]
    link: str
    begins_at: datetime
    ends_at: datetime

    def words(self, language: str) -> str:
        """In this language, else in English, German, or whatever there is."""
        found = (self.texts.get(code) for code in (language, "en", "de"))
        return next((text for text in found if text), next(iter(self.texts.values())))


@dataclass(frozen=True)
class _Told:
    """A notice and whom it is for; `accounts` with all below the chosen ones."""

    notice: Notice
    audience: Audience
    plan: str
    accounts: frozenset[UUID]


@query
def anything_announced(actor: Actor) -> bool:
    """Whether anybody is told anything now, so that pages ask no further where nobody is. No statement."""
    access.public("that there is an announcement says nothing of it")
    return any(_is_present(one) for one in _known())


@query
def announcements_for(actor: Actor, account_id: AccountId) -> list[Notice]:
    """What an account is told now, the weightiest first; without what the person has put away."""
    allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    told = [one for one in _known() if _is_present(one)]
    plans = plans_held(SYSTEM, account_id) if any(one.audience is Audience.PLAN for one in told) else frozenset()
    meant = [one.notice for one in told if _is_meant(one, account_id, plans)]
    away = _put_away(actor, meant)
    kept = [one for one in meant if one.id not in away]
    return sorted(kept, key=lambda one: (-list(Severity).index(one.severity), one.begins_at))


def _is_present(told: _Told) -> bool:
    return told.notice.begins_at <= clock.now() < told.notice.ends_at


def _is_meant(told: _Told, account_id: UUID, plans: Collection[str]) -> bool:
    if told.audience is Audience.ACCOUNTS:
        return account_id in told.accounts
    return told.audience is Audience.ALL or told.plan in plans


def _put_away(actor: Actor, notices: Collection[Notice]) -> set[UUID]:
    if actor.kind is not ActorKind.USER or not notices:
        return set()
    mine = select(PutAway.announcement_id).where(
        PutAway.user_id == actor.id, PutAway.announcement_id.in_([one.id for one in notices])
    )
    return set(db.session().scalars(mine))


def _read() -> list[_Told]:
    """What is shown now or later, to anybody."""
    rows = list(db.session().scalars(select(Announcement).where(Announcement.ends_at > clock.now())))
    chosen: dict[UUID, set[UUID]] = {}
    below = select(AnnouncementAccount.announcement_id, AccountLineage.account_id).join(
        AccountLineage, AccountLineage.ancestor_id == AnnouncementAccount.account_id
    )
    for announcement_id, account_id in db.session().execute(
        below.where(AnnouncementAccount.announcement_id.in_([row.id for row in rows]))
    ):
        chosen.setdefault(announcement_id, set()).add(account_id)
    return [_Told(_notice(row), row.audience, row.plan, frozenset(chosen.get(row.id, ()))) for row in rows]


_known = Known("announcements", _read)


def _notice(row: Announcement) -> Notice:
    return Notice(row.id, row.severity, dict(row.texts), row.link, row.begins_at, row.ends_at)


@dataclass(frozen=True)
class Written:
    """An announcement as the staff reads it, with the accounts that were chosen."""

    row: Announcement
    notice: Notice
    accounts: tuple[Account, ...]


@query
def all_announcements(actor: Actor, *, number: int = 1, size: int = 25) -> Page[Written]:
    """Every announcement for the staff of the platform, the newest first."""
    access.staff(actor)
    number = max(1, number)
    newest = select(Announcement).order_by(Announcement.begins_at.desc(), Announcement.id.desc())
    rows = list(db.session().scalars(newest.limit(size).offset((number - 1) * size)))
    total = db.session().scalar(select(func.count()).select_from(Announcement)) or 0
    return Page(tuple(_written(rows)), number, size, total)


@query
def announcement(actor: Actor, announcement_id: AnnouncementId) -> Written:
    """One of them. Raises NotFound."""
    access.staff(actor)
    row = db.session().get(Announcement, announcement_id)
    if row is None:
        raise NotFound()
    return next(iter(_written([row])))


def _written(rows: Iterable[Announcement]) -> list[Written]:
    rows = list(rows)
    chosen = (
        select(AnnouncementAccount.announcement_id, Account)
        .join(Account, Account.id == AnnouncementAccount.account_id)
        .where(AnnouncementAccount.announcement_id.in_([row.id for row in rows]))
        .order_by(Account.name)
    )
    accounts: dict[UUID, list[Account]] = {}
    for announcement_id, account in db.session().execute(chosen):
        accounts.setdefault(announcement_id, []).append(account)
    return [Written(row, _notice(row), tuple(accounts.get(row.id, ()))) for row in rows]
