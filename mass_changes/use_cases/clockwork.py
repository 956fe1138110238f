"""A few connectors of a mass change at a time: chargers must not wait for thousands of prices."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from accounts.access import SYSTEM, Actor, system
from accounts.queries.actors import actor_named
from billing.queries import prices_of
from kit import clock, db
from kit.errors import AppError, Forbidden, Invalid
from kit.notes import tell
from kit.use_case import use_case
from mass_changes.changing import change, change_back
from mass_changes.models import MassChange, MassChangeRow
from mass_changes.results import Facts
from mass_changes.values import MassChangeId, RowState, Wish
from stations.models import Connector

BATCH = 20


@use_case
def go_on(actor: Actor, mass_change_id: MassChangeId) -> bool:
    """Change the next connectors, or change them back; False: nothing waits any more.

    A refusal concerns its own row: what it had begun is undone, the others go on.
    """
    system(actor)
    made = db.session().get(MassChange, mass_change_id, with_for_update=True, populate_existing=True)
    if made is None or not made.at_work:
        return False
    undoing = made.undone_at is not None
    waiting = _waiting(made.id, RowState.UNDOING if undoing else RowState.WAITING)
    rows = db.session().scalars(select(MassChangeRow).where(*waiting).order_by(MassChangeRow.connector_id).limit(BATCH))
    _work_on(made, list(rows), undoing=undoing)
    db.session().flush()
    made.at_work = bool(db.session().scalar(select(exists().where(*waiting))))
    tell("mass_change", made.id)
    return made.at_work


def _work_on(made: MassChange, rows: Sequence[MassChangeRow], *, undoing: bool) -> None:
    person = actor_named((made.undone_by if undoing else made.requested_by) or "")
    facts = _facts([row.connector_id for row in rows])
    wish = Wish.from_plain(made.subject, made.wish)
    for row in rows:
        of_row = facts[row.connector_id]
        if undoing:
            _try(row, RowState.LEFT, lambda: _undo(person, made, row, of_row))  # noqa: B023  # called at once
        else:
            _try(row, RowState.REFUSED, lambda: _change(person, wish, row, of_row))  # noqa: B023


def _change(person: Actor, wish: Wish, row: MassChangeRow, facts: Facts) -> None:
    before = facts.present(wish.subject)
    after = change(person, facts, wish)
    row.before, row.after = before, after
    row.state = RowState.SAME if before == after else RowState.DONE


def _undo(person: Actor, made: MassChange, row: MassChangeRow, facts: Facts) -> None:
    change_back(person, facts, made.subject, row.before, row.after)
    row.state = RowState.UNDONE


def _try(row: MassChangeRow, refused: RowState, deed: Callable[[], None]) -> None:
    try:
        with db.session().begin_nested():
            deed()
    except AppError as refusal:
        row.state = refused
        row.problem, row.field = _named(refusal)
    row.done_at = clock.now()


def _named(refusal: AppError) -> tuple[str, str | None]:
    """The code, and what it is about: the first field, or the right that is missing."""
    if isinstance(refusal, Invalid):
        field, code = next(iter(refusal.fields.items()))
        return code, field
    return refusal.code, refusal.right if isinstance(refusal, Forbidden) else None


def _facts(connector_ids: Sequence[UUID]) -> dict[UUID, Facts]:
    prices = prices_of(SYSTEM, connector_ids)
    connectors = db.session().scalars(select(Connector).where(Connector.id.in_(connector_ids)))
    return {one.id: Facts(one, prices.get(one.id)) for one in connectors}


def _waiting(mass_change_id: UUID, state: RowState) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return MassChangeRow.mass_change_id == mass_change_id, MassChangeRow.state == state
