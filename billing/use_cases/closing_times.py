"""It has closed: who may not charge any more is stopped, where the operator wants that."""

from datetime import timedelta

from sqlalchemy import select

from accounts.access import SYSTEM, Actor, system
from billing.models import Payment
from billing.use_cases.payments import ask_to_stop
from billing.values import PaymentState
from charging.models import ChargingSession
from charging.use_cases import request_stop
from charging.values import SessionId, SessionState
from kit import clock, db
from kit.use_case import use_case
from stations.models import StationCommand
from stations.values import Action

ASK_AGAIN = timedelta(minutes=5)  # a charger that refused or did not answer


@use_case
def stop_at_closing(actor: Actor, session_id: SessionId) -> bool:
    """Ask the charger to end the session, at most once in five minutes; False: it was asked lately, or it is over."""
    system(actor)
    session = db.session().get_one(ChargingSession, session_id, with_for_update=True)
    if session.state is not SessionState.ACTIVE or _asked_lately(session):
        return False
    paid = select(Payment).where(
        Payment.authorisation_id == session.authorisation_id, Payment.state == PaymentState.HELD
    )
    payment = db.session().scalars(paid.with_for_update()).one_or_none() if session.authorisation_id else None
    if payment is not None:
        return ask_to_stop(payment)
    request_stop(SYSTEM, session_id)
    return True


def _asked_lately(session: ChargingSession) -> bool:
    lately = select(StationCommand).where(
        StationCommand.station_id == session.station_id,
        StationCommand.action == Action.REMOTE_STOP,
        StationCommand.requested_at > clock.now() - ASK_AGAIN,
    )
    asked = db.session().scalars(lately)
    return any(command.payload.get("transactionId") == session.transaction_id for command in asked)
