"""Audit lines on their way out of the house: everything that fits a filter, a stretch at a time."""

from collections.abc import Iterator
from datetime import UTC
from uuid import UUID

import orjson

from accounts.access import Actor
from accounts.queries import AuditFilter, AuditRow, audit_lines

MOST_EXPORTED, STRETCH = 1_000_000, 500


def exported_lines(actor: Actor, wanted: AuditFilter, *, before: UUID | None = None) -> Iterator[tuple[AuditRow, ...]]:
    """All lines that fit, newest first, at most `MOST_EXPORTED`; with `before` those older than a line.

    Each stretch is read when it is asked for, in a transaction of its own, and the rights with it. Raises Invalid.
    """
    left = MOST_EXPORTED
    while left:
        page = audit_lines(actor, wanted, before=before, limit=min(STRETCH, left))
        yield page.rows
        if page.older is None:
            return
        before = page.older
        left -= len(page.rows)


def json_line(row: AuditRow) -> str:
    """A line for programs, with the names of GraphQL."""
    facts = {
        "id": row.id,
        "accountId": row.account_id,
        "at": row.at.astimezone(UTC),
        "actor": row.actor,
        "door": row.door,
        "thing": row.thing or None,
        "surface": row.surface or None,
        "address": row.address or None,
        "agent": row.agent or None,
        "credential": row.credential or None,
        "throughAccountId": row.through_id,
        "byStaff": row.by_staff,
        "onBehalfOf": row.on_behalf_of or None,
        "changes": row.changes,
        "arguments": row.arguments,
        "number": row.number,
        "seal": row.seal,
    }
    return orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE).decode()
