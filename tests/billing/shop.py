"""A charger that sells, with everybody around it: the driver, his car, the provider's page, the charger itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.access import ANYONE, SYSTEM, Actor
from accounts.models import Account
from accounts.rights import Role
from accounts.values import AccountId
from billing import checkout, jobs, ledger, onboarding, queries, reactions, use_cases
from billing.models import Payment
from billing.payments import sandbox
from billing.queries import PaymentView
from billing.values import LedgerAccount, PaymentId
from charging import reactions as charging_reactions
from charging.metering import Reading
from charging.models import Authorisation, ChargingSession
from charging.use_cases import Stop, end_session, start_session, store_meter_values
from kit import clock, db, worker
from stations.models import Connector, Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent
from stations.values import CommandId, CommandState, ConnectorId, NewConnector
from tests import make, scene

GOOD, DECLINED, SECURE = "4242424242424242", "4000000000000002", "4000002500003155"
LATE, DOUBLE, FIRST_CAPTURE_FAILS = "4000000000000077", "4000000000000259", "4000000000000341"
START_WH = 1_000


@dataclass
class Shop:
    """One station with one plug, priced, its operator ready to be paid."""

    account: Account
    station: Station
    connector: Connector
    owner: Actor

    # ------------------------------------------------------------------ the driver
    def scan(
        self,
        *,
        actor: Actor = ANYONE,
        email: str = "driver@example.org",
        language: str = "en",
        terms_accepted: bool = True,
    ) -> PaymentId:
        """Agree to the terms and go on to pay."""
        payment = use_cases.request_payment(
            actor, ConnectorId(self.connector.id), email=email, language=language, terms_accepted=terms_accepted
        )
        return PaymentId(payment.id)

    def pay(self, payment_id: PaymentId, card: str = GOOD) -> None:
        """Go to the provider's page and enter a card; don't come back yet."""
        sandbox.pay(ref_of(checkout.start(payment_id)), card)

    def hold(self, card: str = GOOD, **changes: Any) -> PaymentId:
        """Scan, pay, come back: the money is reserved."""
        payment_id = self.scan(**changes)
        self.pay(payment_id, card)
        checkout.returned(payment_id)
        worker.drain()
        return payment_id

    def view(self, payment_id: PaymentId) -> PaymentView:
        """The driver's page."""
        return queries.payment_view(Actor.payer(payment_id), payment_id)

    # ------------------------------------------------------------------ the charger
    def answer(self, state: CommandState = CommandState.ACCEPTED) -> None:
        """Answer the newest command."""
        newest = scene.rows(StationCommand, StationCommand.station_id == self.station.id)[-1]
        mark_command_sent(SYSTEM, CommandId(newest.id))
        finish_command(SYSTEM, CommandId(newest.id), state)
        worker.drain()

    def plug_in(self, payment_id: PaymentId) -> ChargingSession:
        """The charger took the remote start, the car is plugged in."""
        self.answer()
        permission = payment_of(payment_id).authorisation_id
        assert permission is not None, "no start was asked for"
        authorisation = scene.row(Authorisation, permission)
        with db.transaction(writing=True):
            start_session(
                self.as_charger, number=1, id_tag=authorisation.id_tag, meter_start_wh=START_WH, at=clock.now()
            )
        worker.drain()
        return session_of(payment_id)

    def read(self, session: ChargingSession, energy_wh: int, power_w: int = 11_000) -> None:
        """The meter says how much flowed so far."""
        reading = Reading(clock.now(), START_WH + energy_wh, power_w, [])
        with db.transaction(writing=True):
            store_meter_values(self.as_charger, number=1, transaction_id=session.transaction_id, readings=[reading])
        worker.drain()

    def unplug(self, session: ChargingSession, energy_wh: int, at: datetime | None = None) -> None:
        """The session is over; what follows is left to the worker."""
        stop = Stop(
            transaction_id=session.transaction_id,
            id_tag=session.id_tag,
            meter_stop_wh=START_WH + energy_wh,
            at=at or clock.now(),
            reason="EVDisconnected",
            readings=[],
        )
        with db.transaction(writing=True):
            end_session(self.as_charger, stop=stop)

    @property
    def as_charger(self) -> Actor:
        """The charger behind its socket."""
        return Actor.station(self.station.id)

    def charge(self, energy_wh: int = 10_000, minutes: int = 30, **changes: Any) -> PaymentId:
        """The whole story up to the unplugging, worked off."""
        payment_id = self.hold(**changes)
        began = clock.now()
        session = self.plug_in(payment_id)
        with clock.moved_to(began + timedelta(minutes=minutes)):
            self.unplug(session, energy_wh, session.started_at + timedelta(minutes=minutes))
            worker.drain()
        return payment_id


def open_shop(*, paid: bool = True, max_power_w: int = 22_000, **price: str) -> Shop:
    """A shop at 0.45 a kWh, 0.02 a minute, 1.00 a session; `paid` False: its operator has no provider account."""
    worker.bind([reactions.REACTIONS, charging_reactions.REACTIONS], [])
    seller = {"vat_registered": True, "uid": "CHE-116.281.710"}
    account = scene.account(name="Lindenhof", parent=scene.account(), **seller)
    station = scene.station(property=account, name="Lindenhof Ost", connectors=[NewConnector(max_power_w=max_power_w)])
    connector = scene.connector(station)
    owner = scene.somebody(Role.OWNER, account)
    make.price(connector=connector, owner=owner, **price)
    make.legal_data(account_id=account.id, owner=owner)
    shop = Shop(account, station, connector, owner)
    if paid:
        connect(shop)
    return shop


def connect(shop: Shop) -> None:
    """The operator opens his account at the provider and is checked."""
    url = onboarding.start(shop.owner, AccountId(shop.account.id), "http://localhost:8000/back")
    assert sandbox.confirm_account(ref_of(url)) == "http://localhost:8000/back"
    onboarding.returned(AccountId(shop.account.id))
    jobs.deliver_sandbox_notices()
    worker.drain()


def ref_of(url: str) -> str:
    """The reference at the end of a provider's address."""
    return url.rsplit("/", 1)[1]


def payment_of(payment_id: PaymentId) -> Payment:
    """The payment as it stands in the database now."""
    found: Payment = scene.row(Payment, payment_id)
    return found


def session_of(payment_id: PaymentId) -> ChargingSession:
    """The session that the payment permitted."""
    wanted = ChargingSession.authorisation_id == payment_of(payment_id).authorisation_id
    (session,) = scene.rows(ChargingSession, wanted)
    found: ChargingSession = session
    return found


def holds_at_provider(payment_id: PaymentId) -> list[tuple[str, int, int]]:
    """State, captured and fee of every hold the provider knows of this payment."""
    from billing.models import SandboxHold

    rows = scene.rows(SandboxHold, SandboxHold.payment_id == payment_id)
    return [(row.state.value, row.captured_minor, row.fee_minor) for row in rows]


def commands(shop: Shop) -> list[tuple[str, UUID]]:
    """What the charger was told, oldest first."""
    rows = scene.rows(StationCommand, StationCommand.station_id == shop.station.id)
    return [(row.action.value, row.id) for row in rows]


def books(account_id: object) -> dict[LedgerAccount, int]:
    """What an account has in each of its books."""
    with db.transaction(writing=False):
        return {side: amount for (_, side), amount in ledger.balances([account_id]).items()}  # type: ignore[list-item]
