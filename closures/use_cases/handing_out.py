"""Documents of a closed account are handed out to whoever has a claim: by staff, with a reason, for some days."""

from collections.abc import Collection
from uuid import UUID

from accounts import access
from accounts.access import Actor
from closures.errors import WithdrawnAlready
from closures.models import Closure, HandOut
from closures.queries.kept import named
from closures.values import (
    HAND_OUT_GOOD,
    LONGEST_REASON,
    MOST_HANDED_OUT,
    ClosureId,
    ClosureState,
    HandOutId,
)
from kit import clock, db
from kit.errors import Invalid, NotFound
from kit.ids import new_id
from kit.use_case import use_case


@use_case
def hand_out(actor: Actor, closure_id: ClosureId, *, document_ids: Collection[UUID], reason: str) -> HandOut:
    """Make a link to some documents of a closed account; the log of the account says which, by whom and why.

    For staff. Raises NotFound, Invalid(documents=, reason=).
    """
    access.staff(actor)
    closure = db.session().get(Closure, closure_id)
    if closure is None or closure.state is not ClosureState.CLOSED:
        raise NotFound()
    access.staff(actor, closure.account_id)
    chosen = dict.fromkeys(document_ids)
    problems = {**_judged_documents(closure.account_id, chosen), **_judged_reason(reason)}
    if problems:
        raise Invalid(**problems)
    now = clock.now()
    row = HandOut(
        id=new_id(),
        account_id=closure.account_id,
        closure_id=closure.id,
        documents=[str(one) for one in chosen],
        reason=reason.strip(),
        given_by=actor.reference,
        given_at=now,
        expires_at=now + HAND_OUT_GOOD,
    )
    db.session().add(row)
    return row


@use_case
def withdraw_hand_out(actor: Actor, hand_out_id: HandOutId) -> HandOut:
    """Let its link work no more. For staff. Raises NotFound, WithdrawnAlready."""
    access.staff(actor)
    row = db.session().get(HandOut, hand_out_id, with_for_update=True)
    if row is None:
        raise NotFound()
    access.staff(actor, row.account_id)
    if row.withdrawn_at is not None or row.expires_at <= clock.now():
        raise WithdrawnAlready()
    row.withdrawn_at = clock.now()
    return row


def _judged_documents(account_id: UUID, chosen: Collection[UUID]) -> dict[str, str]:
    if not chosen:
        return {"documents": "required"}
    if len(chosen) > MOST_HANDED_OUT:
        return {"documents": "too_many"}
    return {} if len(named(account_id, list(chosen))) == len(chosen) else {"documents": "unknown"}


def _judged_reason(reason: str) -> dict[str, str]:
    if not reason.strip():
        return {"reason": "required"}
    return {"reason": "too_long"} if len(reason.strip()) > LONGEST_REASON else {}
