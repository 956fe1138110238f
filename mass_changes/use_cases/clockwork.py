"""A few connectors of a mass change at a time: chargers must not wait for thousands of prices."""

from collections.abc import Callable, Sequence

from sqlalchemy import exists, select

from accounts.access import Actor, system
from accounts.queries.actors import actor_named
from accounts.shares import read_mandates
from billing.selling import read_ahead
from kit import clock, db
from kit.errors import AppError, Forbidden, Invalid
from kit.held import hold
from kit.notes import tell
from kit.use_case import use_case
from mass_changes.changing import change, change_back
from mass_changes.models import MassChange, MassChangeRow
from mass_changes.placing import place_more
from mass_changes.results import Facts
from mass_changes.states import next_stored
from mass_changes.values import MassChangeId, RowState, Subject, Wish
from stations.models import Connector

BATCH = 50


@use_case
def go_on(actor: Actor, mass_change_id: MassChangeId) -> bool:
    """Give the next connectors their rows; where all have one, change the next, or change them back. False: nothing
    waits any more. A refusal concerns its own row; the others go on.
    """
    system(actor)
    made = db.session().get(MassChange, mass_change_id, with_for_update=True, populate_existing=True)
    if made is None or not (made.at_work or made.unplaced):
        return False
    if made.unplaced:
        place_more(made)
    else:
        _work_on(made)
    tell("mass_change", made.id)
    return made.at_work or made.unplaced > 0


def _work_on(made: MassChange) -> None:
    waiting = MassChangeRow.mass_change_id == made.id, MassChangeRow.state == next_stored(made)
    rows = db.session().scalars(select(MassChangeRow).where(*waiting).order_by(MassChangeRow.connector_id).limit(BATCH))
    undoing, wish = made.undone_at is not None, Wish.from_plain(made.subject, made.wish)
    person = actor_named((made.undone_by if undoing else made.requested_by) or "")
    for row, facts in _read_ahead(wish, rows.all()):
        if undoing:
            _try(row, RowState.LEFT, lambda: _undo(person, wish, row, facts))  # noqa: B023  # called at once
        else:
            _try(row, RowState.REFUSED, lambda: _change(person, wish, row, facts))  # noqa: B023
    db.current().flush()
    made.at_work = bool(db.session().scalar(select(exists().where(*waiting))))


def _read_ahead(wish: Wish, rows: Sequence[MassChangeRow]) -> list[tuple[MassChangeRow, Facts]]:
    """Rows with the present facts, and all that the doors will ask for, in a few statements for all."""
    connectors = hold(Connector, [row.connector_id for row in rows])
    read_mandates({one.account_id for one in connectors.values()})
    prices = {} if wish.subject is Subject.OPENING_HOURS else read_ahead(connectors.values())
    return [(row, Facts(connectors[row.connector_id], prices.get(row.connector_id))) for row in rows]


def _change(person: Actor, wish: Wish, row: MassChangeRow, facts: Facts) -> None:
    before = facts.present(wish.subject)
    after = change(person, facts, wish)
    row.before, row.after = before, after
    row.state = RowState.SAME if before == after else RowState.DONE


def _undo(person: Actor, wish: Wish, row: MassChangeRow, facts: Facts) -> None:
    change_back(person, facts, wish.subject, row.before, row.after)
    row.state = RowState.UNDONE


def _try(row: MassChangeRow, refused: RowState, deed: Callable[[], None]) -> None:
    """The doors of `changing` refuse before they write anything, so there is nothing to take back."""
    try:
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
