"""What is looked for among the audit lines, as it stands in an address.

As with the message log: people see everything where they typed nothing that makes sense; a program is told so.
"""

from uuid import UUID

from flask import request

from accounts.queries import AuditFilter
from accounts.values import AccountId
from kit.errors import Invalid
from portal.actor import current_account_id, for_program
from portal.message_filter import instant, read

FIELDS = ("actor", "door", "thing", "since", "until", "all")
OF_PROGRAMS = (*FIELDS, "account", "before")
LONGEST_TEXT = 200


def asked() -> dict[str, str]:
    """The fields that are filled in, for other addresses with the same question."""
    return {name: request.args[name] for name in FIELDS if request.args.get(name)}


def audit_filter() -> AuditFilter:
    """The question. Raises Invalid where a program asks."""
    if for_program():
        unknown = {name: "unknown" for name in request.args if name not in OF_PROGRAMS}
        if unknown:
            raise Invalid(**unknown)
        account_id = read("account", lambda text: AccountId(UUID(text)))
    else:
        account_id = current_account_id()
    return AuditFilter(
        account_id=account_id,
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
