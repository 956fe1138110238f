"""Asking for a mass change, stopping it, and taking it back."""

from uuid import UUID

from sqlalchemy import exists, select

from accounts.access import Actor, allowed
from accounts.models import Account
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.notes import tell
from kit.use_case import use_case
from mass_changes.errors import NothingToUndo, NothingWaits, StillAtWork
from mass_changes.models import MassChange, MassChangeRow
from mass_changes.placing import place_first
from mass_changes.rights import NEEDED
from mass_changes.scopes import judged_scope
from mass_changes.states import next_stored
from mass_changes.values import MassChangeId, RowState, Scope, Wish
from mass_changes.wishes import judged_wish

LONGEST_KEY = 100


@use_case
def start_mass_change(
    actor: Actor, account_id: AccountId, wish: Wish, scope: Scope, *, request_key: str | None = None
) -> MassChange:
    """Change many connectors of an account and those below it, in batches from now on; each gets a row first.

    Where the actor lacks the right by then, the row is refused at once. Asked again with the same `request_key`, it is
    the change of the first time. Raises Invalid by field; Conflict(`other_request`).
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
        closed=sorted(map(str, actor.closed)),
    )
    db.session().add(made)
    db.session().flush()
    place_first(actor, made)
    return made


@use_case
def stop_mass_change(actor: Actor, mass_change_id: MassChangeId) -> MassChange:
    """Leave what waits as it is, be it to change or to change back. Raises NothingWaits."""
    made = _of_actor(actor, mass_change_id)
    if not made.at_work or not (made.unplaced or _any(made, next_stored(made))):
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
    if not _any(made, RowState.DONE):
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


def _any(made: MassChange, state: RowState) -> bool:
    of_change = MassChangeRow.mass_change_id == made.id, MassChangeRow.state == state
    return bool(db.session().scalar(select(exists().where(*of_change))))


def _asked_before(actor: Actor, request_key: str | None) -> MassChange | None:
    if not request_key:
        return None
    known = MassChange.requested_by == actor.reference, MassChange.request_key == request_key
    return db.session().scalars(select(MassChange).where(*known)).one_or_none()
