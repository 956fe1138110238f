"""Asking for a mass change, stopping it, and taking it back."""

from uuid import UUID

from sqlalchemy import ColumnElement, Update, Uuid, insert, literal, select, update

from accounts.access import Actor, allowed, visible
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.notes import tell
from kit.use_case import use_case
from mass_changes.errors import NothingToUndo, NothingWaits, StillAtWork
from mass_changes.models import MassChange, MassChangeRow
from mass_changes.rights import NEEDED
from mass_changes.scopes import judged_scope, meant
from mass_changes.values import MassChangeId, RowState, Scope, Wish
from mass_changes.wishes import judged_wish
from stations.models import Connector, Station

_COLUMNS = ("mass_change_id", "connector_id", "account_id", "station_id", "state", "problem", "field")
LONGEST_KEY = 100


@use_case
def start_mass_change(
    actor: Actor, account_id: AccountId, wish: Wish, scope: Scope, *, request_key: str | None = None
) -> MassChange:
    """Change many connectors of an account and those below it, in batches from now on; each has a row from the start.

    Where the actor lacks the right now, the row is refused at once. Asked again with the same `request_key`, it is the
    change of the first time. Raises Invalid by field; Conflict(`other_request`).
    """
    allowed(actor, NEEDED[wish.subject], Account, account_id)
    judged_wish(wish)
    judged_scope(scope)
    if len(request_key or "") > LONGEST_KEY:
        raise Invalid(request_key="too_long")
    earlier = _asked_before(actor, request_key)
    asked = {"account_id": account_id, "subject": wish.subject, "wish": wish.plain(), "scope": scope.plain()}
    if earlier is not None:
        if any(getattr(earlier, name) != value for name, value in asked.items()):
            raise Conflict("other_request")
        return earlier
    made = MassChange(
        **asked,
        requested_by=actor.reference,
        request_key=request_key or None,
        requested_at=clock.now(),
        at_work=True,
    )
    db.session().add(made)
    db.session().flush()
    _place(actor, made, scope)
    return made


@use_case
def stop_mass_change(actor: Actor, mass_change_id: MassChangeId) -> MassChange:
    """Leave what waits as it is, be it to change or to change back. Raises NothingWaits."""
    made = _of_actor(actor, mass_change_id)
    stopped = _turn(made, RowState.WAITING, RowState.STOPPED) + _turn(made, RowState.UNDOING, RowState.DONE)
    if not stopped:
        raise NothingWaits()
    made.at_work = False
    tell("mass_change", made.id)
    return made


@use_case
def undo_mass_change(actor: Actor, mass_change_id: MassChangeId) -> MassChange:
    """Put everything back that nobody changed since, with the rights of whoever asks for it now.

    Raises StillAtWork, NothingToUndo.
    """
    made = _of_actor(actor, mass_change_id)
    if made.at_work:
        raise StillAtWork()
    if not _turn(made, RowState.DONE, RowState.UNDOING):
        raise NothingToUndo()
    made.at_work, made.undone_by, made.undone_at = True, actor.reference, clock.now()
    tell("mass_change", made.id)
    return made


def _of_actor(actor: Actor, mass_change_id: UUID) -> MassChange:
    """The change, locked; whoever could ask for it may stop it and take it back."""
    made = db.session().get(MassChange, mass_change_id)
    if made is None:
        raise NotFound()
    return allowed(actor, NEEDED[made.subject], MassChange, mass_change_id, lock=True)


def _place(actor: Actor, made: MassChange, scope: Scope) -> None:
    """A row for each connector that the actor sees; those where the right is missing are refused."""
    right = NEEDED[made.subject]
    of_scope = meant(made.account_id, scope)
    rows = (
        select(
            literal(made.id, Uuid()),
            Connector.id,
            Connector.account_id,
            Connector.station_id,
            literal(RowState.REFUSED.value),
            literal("forbidden"),
            literal(right.value),
        )
        .join(Station, Station.id == Connector.station_id)
        .join(Account, Account.id == Connector.account_id)
        .where(*of_scope)
    )
    session = db.session()
    session.execute(insert(MassChangeRow).from_select(_COLUMNS, visible(actor, Right.VIEW_STATIONS, rows, Connector)))
    may = visible(actor, right, select(Connector.id), Connector)
    ready = {"state": RowState.WAITING, "problem": None, "field": None}
    mine = MassChangeRow.mass_change_id == made.id
    session.execute(_update(mine, MassChangeRow.connector_id.in_(may)).values(ready))


def _turn(made: MassChange, before: RowState, after: RowState) -> int:
    turned = _update(MassChangeRow.mass_change_id == made.id, MassChangeRow.state == before).values(state=after)
    return int(db.session().execute(turned).rowcount)  # type: ignore[attr-defined]  # an UPDATE has a row count


def _update(*conditions: ColumnElement[bool]) -> Update:
    return update(MassChangeRow).where(*conditions).execution_options(synchronize_session=False)


def _asked_before(actor: Actor, request_key: str | None) -> MassChange | None:
    if not request_key:
        return None
    known = MassChange.requested_by == actor.reference, MassChange.request_key == request_key
    return db.session().scalars(select(MassChange).where(*known)).one_or_none()
