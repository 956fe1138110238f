"""Audit lines on their way out of the house: everything that fits a filter, a stretch at a time."""

from collections.abc import Iterator
from uuid import UUID

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
