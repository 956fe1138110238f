"""What is looked for among the audit lines, as it stands in an address.

As with the message log: people see everything where they typed nothing that makes sense; a program is told so.
"""

from uuid import UUID

from flask import request

from accounts.queries import AuditFilter
from portal import message_filter
from portal.actor import for_program
from portal.message_filter import asked_account, instant, read

FIELDS = ("actor", "door", "thing", "since", "until", "all")
OF_PROGRAMS = (*FIELDS, "account", "before")
LONGEST_TEXT = 200


def asked() -> dict[str, str]:
    """The fields that are filled in, for other addresses with the same question."""
    return message_filter.asked(FIELDS)


def audit_filter() -> AuditFilter:
    """The question. Raises Invalid where a program asks."""
    return AuditFilter(
        account_id=asked_account(OF_PROGRAMS),
        actor=_text("actor"),
        door=_text("door"),
        thing=_text("thing"),
        since=read("since", instant),
        until=read("until", instant),
        by_people="all" not in request.args and not _text("actor") and not for_program(),
    )


def before() -> UUID | None:
    """The line from which on older ones are asked for."""
    return read("before", UUID)


def _text(name: str) -> str:
    return request.args.get(name, "").strip()[:LONGEST_TEXT]
