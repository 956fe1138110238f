"""A payment as its driver sees it, and as the code between two doors needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from accounts.access import ANYONE, SYSTEM, Actor, ActorKind, oneself, public, system
from accounts.sellers import Seller, seller_of
from billing import pricing
from billing.models import Charge, Document, Payment, Refund
from billing.pricing import Line, Priced
from billing.values import (
    CHECKOUT_ENDS,
    DocumentKind,
    LineKind,
    PaymentId,
    PaymentStage,
    PaymentState,
    RefundId,
    Terms,
    Usage,
)
from charging.models import Authorisation, ChargingSession
from charging.queries import CurvePoint, session_curve
from charging.values import SessionId, SessionState
from kit import clock, db, settings
from kit.errors import NotFound
from kit.use_case import query
from stations.models import Connector
from stations.queries import ConnectorCard, connector_card, session_ends_at
from stations.values import ConnectorId

CHECKOUT_LASTS = timedelta(minutes=45)
"""How long the provider's page is asked to live: longer than we wait, because providers refuse short lives."""


@dataclass(frozen=True)
class SessionFacts:
    """The session of a payment so far. `power_w` is the last reading; `energy_wh` is final once `ended_at` is set."""

    session_id: UUID
    started_at: datetime
    ended_at: datetime | None
    meter_start_wh: int
    energy_wh: int
    power_w: int | None
    read_at: datetime
    estimated: bool

    @property
    def duration(self) -> timedelta:
        """From the start to the end, or to now."""
        return (self.ended_at or clock.now()) - self.started_at


@dataclass(frozen=True)
class PaymentView:
    """All that the driver's page shows. Amounts are minor units of `terms.currency`.

    `stage` chooses the page. `cost` is the price so far, or the final one once the session is over. `plug_in_until`:
    when the permission to start lapses. `failure` and `stop_failure` are codes. `checkout_url` is where he goes on
    paying in stage CHECKOUT. `ends_at`: when a running session is stopped, as it closes then. `topics`: what the live
    page listens to.
    """

    payment_id: PaymentId
    stage: PaymentStage
    state: PaymentState
    connector: ConnectorCard
    seller: Seller
    terms: Terms
    session: SessionFacts | None
    cost: Priced | None
    hold_minor: int
    captured_minor: int | None
    refunded_minor: int
    card: str
    email: str
    language: str
    failure: str | None
    stop_failure: str | None
    plug_in_until: datetime | None
    checkout_url: str | None
    checkout_until: datetime
    held_at: datetime | None
    hold_ends_at: datetime | None
    document_id: UUID | None
    credit_note_ids: tuple[UUID, ...]
    link_key: str
    created_at: datetime
    settled_at: datetime | None
    ends_at: datetime | None
    topics: frozenset[str]

    @property
    def released_minor(self) -> int | None:
        """What of the hold went back to the driver's card; None while that is open."""
        if self.state is PaymentState.RELEASED:
            return self.hold_minor
        return None if self.captured_minor is None else self.hold_minor - self.captured_minor

    @property
    def held(self) -> bool:
        """Whether a charger was asked to start for it."""
        return self.session is not None or self.stage is PaymentStage.PLUG_IN

    @property
    def link(self) -> str:
        """The permanent address of this page."""
        return link_of(self.link_key)


def link_of(link_key: str) -> str:
    """The permanent address of a payment's page, as it is mailed."""
    return f"{settings.current().public_url}/s/{link_key}"


@query
def payment_view(actor: Actor, payment_id: PaymentId) -> PaymentView:
    """The payment for the one who holds its cookie or link. Raises NotFound for anybody else."""
    payment = _own(actor, payment_id)
    card = connector_card(ANYONE, ConnectorId(payment.connector_id))
    assert card is not None, "paid connectors have a label"
    session = _session_of(payment)
    facts = None if session is None else _facts(session)
    terms = Terms.from_plain(payment.terms)
    documents = _documents(payment.id)
    topics = {f"payment:{payment.id}", f"station:{card.station_id}"}
    return PaymentView(
        payment_id=PaymentId(payment.id),
        stage=_stage(payment, session),
        state=payment.state,
        connector=card,
        seller=seller_of(payment.account_id),
        terms=terms,
        session=facts,
        cost=_cost(payment, facts, terms),
        hold_minor=payment.hold_minor,
        captured_minor=payment.captured_minor,
        refunded_minor=payment.refunded_minor,
        card=payment.card,
        email=payment.email,
        language=payment.language,
        failure=payment.failure,
        stop_failure=payment.stop_failure,
        plug_in_until=_plug_in_until(payment, session),
        checkout_url=payment.checkout_url,
        checkout_until=payment.created_at + CHECKOUT_ENDS,
        held_at=payment.held_at,
        hold_ends_at=payment.hold_ends_at,
        document_id=next(iter(documents.get(DocumentKind.RECEIPT, ())), None),
        credit_note_ids=documents.get(DocumentKind.CREDIT_NOTE, ()),
        link_key=payment.link_key,
        created_at=payment.created_at,
        settled_at=payment.settled_at,
        ends_at=_ends_at(payment, terms),
        topics=frozenset(topics | ({f"session:{session.id}"} if session else set())),
    )


def _ends_at(payment: Payment, terms: Terms) -> datetime | None:
    connector = db.session().get_one(Connector, payment.connector_id)
    return session_ends_at(connector, clock.now(), own=terms.personal)


@query
def payment_by_link(actor: Actor, link_key: str) -> PaymentId | None:
    """The payment behind a mailed link; whoever holds the link is its payer."""
    public("the key in the link is the permission")
    found = db.session().scalars(select(Payment.id).where(Payment.link_key == link_key)).one_or_none()
    return None if found is None else PaymentId(found)


@query
def curve_for_payer(actor: Actor, payment_id: PaymentId) -> list[CurvePoint]:
    """The power curve of the payment's session so far; empty before it begins. Raises NotFound."""
    session = _session_of(_own(actor, payment_id))
    return [] if session is None else list(session_curve(SYSTEM, SessionId(session.id)))


@query
def payment(actor: Actor, payment_id: PaymentId) -> Payment:
    """The row as it is now, for the steps between two doors. Raises NotFound."""
    system(actor)
    row = db.session().get(Payment, payment_id)
    if row is None:
        raise NotFound()
    return row


@query
def refund(actor: Actor, refund_id: RefundId) -> Refund:
    """The row as it is now, for the step between two doors. Raises NotFound."""
    system(actor)
    row = db.session().get(Refund, refund_id)
    if row is None:
        raise NotFound()
    return row


@query
def connector_code(actor: Actor, payment_id: PaymentId) -> str:
    """The number on the label of the payment's connector."""
    system(actor)
    row = db.session().get_one(Payment, payment_id)
    card = connector_card(ANYONE, ConnectorId(row.connector_id))
    assert card is not None, "paid connectors have a label"
    return card.code


def _own(actor: Actor, payment_id: UUID) -> Payment:
    row = db.session().get(Payment, payment_id)
    if row is None:
        raise NotFound()
    oneself(actor, ActorKind.PAYER, row.id, row.account_id)
    return row


def _session_of(payment: Payment) -> ChargingSession | None:
    if payment.authorisation_id is None:
        return None
    wanted = select(ChargingSession).where(ChargingSession.authorisation_id == payment.authorisation_id)
    return db.session().scalars(wanted).one_or_none()


def _facts(session: ChargingSession) -> SessionFacts:
    so_far = max(0, session.last_wh - session.meter_start_wh)
    return SessionFacts(
        session_id=session.id,
        started_at=session.started_at,
        ended_at=session.ended_at,
        meter_start_wh=session.meter_start_wh,
        energy_wh=so_far if session.energy_wh is None else session.energy_wh,
        power_w=session.last_power_w,
        read_at=session.last_at,
        estimated=session.estimated,
    )


def _stage(payment: Payment, session: ChargingSession | None) -> PaymentStage:
    state = payment.state
    if state is PaymentState.HELD:
        if session is None:
            return PaymentStage.PLUG_IN
        if session.state is SessionState.ENDED:
            return PaymentStage.SETTLING
        return PaymentStage.STOPPING if payment.stop_asked_at else PaymentStage.CHARGING
    if state in (PaymentState.RELEASING, PaymentState.RELEASED):
        return PaymentStage.NOTHING_DUE if payment.failure is None else PaymentStage.NOT_STARTED
    return {
        PaymentState.OPENING: PaymentStage.CHECKOUT,
        PaymentState.WAITING: PaymentStage.CHECKOUT,
        PaymentState.CAPTURING: PaymentStage.SETTLING,
        PaymentState.CAPTURED: PaymentStage.PAID,
        PaymentState.DECLINED: PaymentStage.DECLINED,
        PaymentState.ABANDONED: PaymentStage.ABANDONED,
        PaymentState.FAILED: PaymentStage.FAILED,
    }[state]


def _cost(payment: Payment, facts: SessionFacts | None, terms: Terms) -> Priced | None:
    charge = db.session().scalars(select(Charge).where(Charge.payment_id == payment.id)).one_or_none()
    if charge is not None:
        amounts = charge.net_minor, charge.vat_minor, charge.gross_minor
        return Priced(charge.currency, tuple(map(_line, charge.lines)), *amounts, charge.vat_percent)
    if facts is None:
        return None
    usage = Usage(facts.energy_wh, facts.started_at, facts.ended_at or clock.now())
    return pricing.cost_so_far(usage, terms, most_minor=payment.hold_minor)


def _line(plain: Mapping[str, Any]) -> Line:
    unit = plain["unit_price"]
    price = None if unit is None else Decimal(unit)
    return Line(LineKind(plain["kind"]), plain["quantity"], price, plain["amount_minor"])


def _plug_in_until(payment: Payment, session: ChargingSession | None) -> datetime | None:
    if payment.state is not PaymentState.HELD or session is not None or payment.authorisation_id is None:
        return None
    return db.session().get_one(Authorisation, payment.authorisation_id).expires_at


def _documents(payment_id: UUID) -> dict[DocumentKind, tuple[UUID, ...]]:
    wanted = select(Document.kind, Document.id).where(Document.payment_id == payment_id).order_by(Document.issued_at)
    kinds: dict[DocumentKind, tuple[UUID, ...]] = {}
    for kind, document_id in db.session().execute(wanted):
        kinds[kind] = (*kinds.get(kind, ()), document_id)
    return kinds
