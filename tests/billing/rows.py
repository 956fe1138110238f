"""Rows that billing's tests start from: an operator with a station, and sessions that were paid."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from accounts import tree
from accounts.access import SYSTEM, Actor, ActorKind
from accounts.models import Account
from accounts.rights import Role
from accounts.values import AccountKind
from billing.models import Payment
from billing.use_cases import price_session
from billing.values import PaymentState, Terms
from charging.models import ChargingSession
from charging.values import SessionKind, SessionState
from kit import db
from kit.ids import new_id
from stations.models import Connector, Station

PLUGGED_IN = datetime(2026, 11, 23, 17, 21, 8, tzinfo=UTC)
_numbers = count(1)


@dataclass(frozen=True)
class Operator:
    """A property account with one station and one plug."""

    account_id: UUID
    station_id: UUID
    connector_id: UUID

    def actor(self, role: Role) -> Actor:
        """Somebody with this role on the property."""
        return Actor(ActorKind.USER, new_id(), {self.account_id: frozenset({role})})


def add_account(*, parent_id: UUID | None = None, **facts: Any) -> UUID:
    """An account as the doors of accounts store it."""
    given: dict[str, Any] = {
        "name": "Lindenhof",
        "legal_name": "Immobilien Muster AG",
        "street": "Lindenstrasse 12",
        "postcode": "8005",
        "city": "Zürich",
        "contact_email": "laden@muster.example",
        "contact_phone": "+41 44 000 00 00",
        "uid": "CHE-116.281.710",
        "vat_registered": True,
    }
    kind = AccountKind.MASTER if parent_id is None else AccountKind.PROPERTY
    account = Account(id=new_id(), kind=kind, parent_id=parent_id, created_at=PLUGGED_IN, **{**given, **facts})
    with db.transaction(writing=True):
        tree.place(account, by="system")
    return account.id


def add_operator(**facts: Any) -> Operator:
    """An operator with a station `Tiefgarage A`, plug 1."""
    account_id = add_account(**facts)
    number = next(_numbers)
    station = Station(
        id=new_id(),
        account_id=account_id,
        identity=f"CH-{number:08d}",
        password_hash="-",
        name="Tiefgarage A",
        street="Lindenstrasse 14",
        postcode="8005",
        city="Zürich",
        created_at=PLUGGED_IN,
    )
    connector = Connector(
        id=new_id(),
        account_id=account_id,
        station_id=station.id,
        number=1,
        code=f"{1_000_000 + number}",
        name="Platz 17",
    )
    with db.transaction(writing=True) as unit:
        unit.session.add(station)
        unit.session.flush()
        unit.session.add(connector)
    return Operator(account_id, station.id, connector.id)


def agreed_terms(**changes: Any) -> Terms:
    """Terms of 0.45 a kWh, 0.02 a minute and 1.00 a session, with Swiss VAT."""
    given: dict[str, Any] = {
        "tariff_id": UUID(int=1),
        "currency": "CHF",
        "energy_price": Decimal("0.45"),
        "time_price": Decimal("0.02"),
        "session_fee": Decimal("1.00"),
        "vat_percent": Decimal("8.1"),
        "time_zone": "Europe/Zurich",
    }
    return Terms(**{**given, **changes})


def add_session(operator: Operator, *, energy_wh: int = 23_456, **facts: Any) -> UUID:
    """An ended session of two hours and five seconds."""
    number = next(_numbers)
    given: dict[str, Any] = {
        "kind": SessionKind.PAID,
        "state": SessionState.ENDED,
        "started_at": PLUGGED_IN,
        "ended_at": PLUGGED_IN + timedelta(hours=2, seconds=5),
        "energy_wh": energy_wh,
    }
    given |= facts
    session = ChargingSession(
        id=new_id(),
        account_id=operator.account_id,
        station_id=operator.station_id,
        connector_id=operator.connector_id,
        transaction_id=number,
        start_key=str(number),
        id_tag=f"{number:016X}",
        arrived_at=PLUGGED_IN,
        meter_start_wh=1_204_611,
        meter_stop_wh=1_204_611 + energy_wh,
        last_wh=1_204_611 + energy_wh,
        last_at=PLUGGED_IN,
        **given,
    )
    with db.transaction(writing=True) as unit:
        unit.session.add(session)
    return session.id


def add_payment(operator: Operator, terms: Terms, **facts: Any) -> UUID:
    """A payment of 60.00 held on a card."""
    number = next(_numbers)
    given: dict[str, Any] = {
        "state": PaymentState.HELD,
        "language": "de",
        "hold_minor": 6_000,
        "provider_ref": f"pi_{number}",
    }
    given |= facts
    payment = Payment(
        id=new_id(),
        account_id=operator.account_id,
        connector_id=operator.connector_id,
        terms=terms.plain(),
        terms_version="1",
        provider="sandbox",
        provider_account="acct_1",
        card="Visa •••• 4242",
        link_key=f"link{number}",
        currency=terms.currency,
        created_at=PLUGGED_IN,
        state_at=PLUGGED_IN,
        **given,
    )
    with db.transaction(writing=True) as unit:
        unit.session.add(payment)
    return payment.id


def sell(operator: Operator, *, terms: Terms | None = None, energy_wh: int = 23_456, **facts: Any) -> UUID:
    """A session that was priced and captured whole; the id of its payment. The receipt is not issued yet."""
    agreed = terms or agreed_terms()
    session_facts = {name: facts.pop(name) for name in ("estimated", "offline") if name in facts}
    session_id = add_session(operator, energy_wh=energy_wh, **session_facts)
    payment_id = add_payment(operator, agreed, **facts)
    charge = price_session(SYSTEM, session_id, agreed, payment_id)
    with db.transaction(writing=True) as unit:
        payment = unit.session.get_one(Payment, payment_id)
        payment.session_id = session_id
        payment.state = PaymentState.CAPTURED
        payment.captured_minor = charge.gross_minor
    return payment_id
