"""What billing's jobs look for: payments that wait for somebody, whatever became of the one who should have gone on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, system
from billing import pricing
from billing.models import Payment, Refund, SentLetter
from billing.values import CHECKOUT_ENDS, PaymentId, PaymentState, RefundId, RefundState, Terms, Usage
from charging.models import Authorisation, ChargingSession
from charging.values import AuthorisationState, SessionId, SessionState
from kit import clock, db
from kit.use_case import query

PATIENCE = timedelta(minutes=1)
BEFORE_THE_HOLD_ENDS = timedelta(hours=12)
WAITING_FOR_THE_CHARGER = timedelta(hours=1)
AT_ONCE = 200
_UNTRIED_FIRST = Payment.tried_at.asc().nulls_first()  # what fails again and again hides nobody
_FAILED = (AuthorisationState.FAILED, AuthorisationState.EXPIRED, AuthorisationState.CANCELLED)


@query
def payments_in(actor: Actor, state: PaymentState, *, for_longer_than: timedelta = PATIENCE) -> list[PaymentId]:
    """Payments that have been in a state for a while, oldest first."""
    system(actor)
    wanted = (
        select(Payment.id)
        .where(Payment.state == state, Payment.state_at <= clock.now() - for_longer_than)
        .order_by(_UNTRIED_FIRST, Payment.state_at)
        .limit(AT_ONCE)
    )
    return [PaymentId(found) for found in db.session().scalars(wanted)]


@query
def unfinished_checkouts(actor: Actor) -> list[PaymentId]:
    """Checkouts that nobody came back from in time."""
    system(actor)
    wanted = select(Payment.id).where(
        Payment.state.in_([PaymentState.OPENING, PaymentState.WAITING]),
        Payment.created_at <= clock.now() - CHECKOUT_ENDS,
    )
    oldest_first = wanted.order_by(_UNTRIED_FIRST, Payment.created_at)
    return [PaymentId(found) for found in db.session().scalars(oldest_first.limit(AT_ONCE))]


@query
def unsettled_sessions(actor: Actor) -> list[SessionId]:
    """Ended sessions whose payment still holds the whole reservation."""
    system(actor)
    wanted = (
        select(ChargingSession.id)
        .join(Payment, Payment.authorisation_id == ChargingSession.authorisation_id)
        .where(Payment.state == PaymentState.HELD, ChargingSession.state == SessionState.ENDED)
    )
    oldest_first = wanted.order_by(_UNTRIED_FIRST, ChargingSession.ended_at)
    return [SessionId(found) for found in db.session().scalars(oldest_first.limit(AT_ONCE))]


@query
def failed_starts(actor: Actor) -> list[tuple[UUID, str]]:
    """Permissions that came to nothing while their payment still holds the reservation, and why."""
    system(actor)
    wanted = (
        select(Authorisation.id, Authorisation.failure)
        .join(Payment, Payment.authorisation_id == Authorisation.id)
        .where(Payment.state == PaymentState.HELD, Authorisation.state.in_(_FAILED))
    )
    oldest_first = wanted.order_by(_UNTRIED_FIRST, Authorisation.created_at)
    return [(found, failure or "cancelled") for found, failure in db.session().execute(oldest_first.limit(AT_ONCE))]


@query
def open_refunds(actor: Actor) -> list[RefundId]:
    """Refunds that were promised a while ago and not made yet."""
    system(actor)
    wanted = select(Refund.id).where(
        Refund.state == RefundState.REQUESTED, Refund.requested_at <= clock.now() - PATIENCE
    )
    oldest_first = wanted.order_by(Refund.tried_at.asc().nulls_first(), Refund.requested_at)
    return [RefundId(found) for found in db.session().scalars(oldest_first.limit(AT_ONCE))]


@dataclass(frozen=True)
class RunningPayment:
    """A session that is being paid from a hold, as far as it got."""

    payment_id: PaymentId
    usage: Usage
    power_w: int
    terms: Terms
    hold_minor: int
    hold_ends_at: datetime | None

    @property
    def lapsing(self) -> bool:
        """Whether the hold is about to lapse and the charger had its time to stop: now or never."""
        last_call = BEFORE_THE_HOLD_ENDS - WAITING_FOR_THE_CHARGER
        return self.hold_ends_at is not None and clock.now() > self.hold_ends_at - last_call

    @property
    def used_up(self) -> bool:
        """Whether the cost comes up to the hold within the margin, or the hold itself is about to lapse."""
        if self.hold_ends_at is not None and clock.now() > self.hold_ends_at - BEFORE_THE_HOLD_ENDS:
            return True
        if self.terms.free:
            return False
        return pricing.reaches_hold(self.usage, self.terms, self.hold_minor, power_w=self.power_w)


@query
def running_payments(actor: Actor) -> list[RunningPayment]:
    """Every session that is being paid from a hold, with the energy that its power suggests since the last reading."""
    system(actor)
    now = clock.now()
    wanted = (
        select(Payment, ChargingSession)
        .join(ChargingSession, ChargingSession.authorisation_id == Payment.authorisation_id)
        .where(Payment.state == PaymentState.HELD, ChargingSession.state == SessionState.ACTIVE)
    )
    return [_running(payment, session, now) for payment, session in db.session().execute(wanted)]


@query
def letter_sent(actor: Actor, key: str) -> bool:
    """Whether this letter went out."""
    system(actor)
    return db.session().get(SentLetter, key) is not None


def _running(payment: Payment, session: ChargingSession, now: datetime) -> RunningPayment:
    power_w = session.last_power_w or 0
    since_s = max(0, int((now - session.last_at).total_seconds()))
    energy_wh = max(0, session.last_wh - session.meter_start_wh) + power_w * since_s // 3600
    return RunningPayment(
        payment_id=PaymentId(payment.id),
        usage=Usage(energy_wh, session.started_at, max(now, session.started_at)),
        power_w=power_w,
        terms=Terms.from_plain(payment.terms),
        hold_minor=payment.hold_minor,
        hold_ends_at=payment.hold_ends_at,
    )
