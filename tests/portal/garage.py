"""A garage with one charger and a seller who can be paid; the charger speaks through the doors of the gateway."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select

from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from billing import onboarding
from billing.models import Payment
from billing.payments import sandbox
from charging.metering import Reading
from charging.models import Authorisation, ChargingSession
from charging.use_cases import Stop, end_session, start_session, store_meter_values
from kit import clock, db, worker
from stations.models import Connector, StationCommand
from stations.use_cases import finish_command
from stations.use_cases.sockets import station_connected, store_status
from stations.values import Action, CommandId, CommandState, ConnectorStatus
from tests import make
from tests.made import MadeStation
from tests.portal.phone import Page, Phone

START_WH = 1_000_000
ACCEPTED = "4242424242424242"
DECLINED = "4000000000000002"
ASKED = "4000002500003155"
BY_ENERGY = {"energy": "0.45", "time": "0", "session": "1.00"}


@dataclass
class Garage:
    """The charger with what its driver and its operator need."""

    app: Flask
    made: MadeStation

    @property
    def code(self) -> str:
        """The number on the label."""
        return self.made.code

    @property
    def connector(self) -> Connector:
        """The connector as it stands in the database now."""
        row: Connector = make.row(Connector, self.made.connector.id)
        return row

    def says(self, status: ConnectorStatus) -> None:
        """The charger is connected and tells its state."""
        station_connected(self.made.actor)
        store_status(self.made.actor, number=1, status=status)

    def plug_in(self, *, ago: timedelta = timedelta(0)) -> int:
        """The charger took the remote start and began, by its clock so long ago; the transaction's number."""
        tag = newest(Authorisation).id_tag
        self.answer(Action.REMOTE_START, CommandState.ACCEPTED)
        at = clock.now() - ago
        started = start_session(self.made.actor, number=1, id_tag=tag, meter_start_wh=START_WH, at=at)
        self.says(ConnectorStatus.CHARGING)
        worker.drain()
        return started.transaction_id

    def meter(self, transaction_id: int, energy_wh: int, power_w: int, at: datetime | None = None) -> None:
        """The charger tells how far it is."""
        reading = Reading(at or clock.now(), START_WH + energy_wh, power_w, [])
        store_meter_values(self.made.actor, number=1, transaction_id=transaction_id, readings=[reading])

    def end(self, transaction_id: int, energy_wh: int, reason: str = "Remote") -> None:
        """The charger ended the transaction, and everything that follows has happened."""
        session = newest(ChargingSession)
        stop = Stop(transaction_id, session.id_tag, START_WH + energy_wh, clock.now(), reason, [])
        end_session(self.made.actor, stop=stop)
        self.says(ConnectorStatus.AVAILABLE)
        worker.drain()

    def answer(self, action: Action, state: CommandState) -> None:
        """The charger answered the newest command of this kind."""
        command = newest(StationCommand, StationCommand.action == action)
        finish_command(SYSTEM, CommandId(command.id), state)
        worker.drain()

    def pay(self, phone: Phone, card: str = ACCEPTED, email: str = "") -> Page:
        """From the label to where the driver lands after the provider's page."""
        offer = phone.get(f"/q/{self.code}")
        checkout = phone.send(offer, f"/q/{self.code}", email=email, terms="yes")
        landed = phone.send(checkout, "/pay", card_number=card)
        worker.drain()
        return landed


def garage(app: Flask, *, payable: bool = True, price: dict[str, str] | None = None, **seller: Any) -> Garage:
    """Make it: 0.45 per kWh, 0.02 per minute, 1.00 per session, VAT included, unless told otherwise."""
    owned = make.account(name="Garage Muster AG", **seller)
    home = make.property(
        master=owned, name="Haus am See", contact_email="help@muster.example", contact_phone="+41 44 123 45 67"
    )
    made = make.station(
        property=home, owner=owned.owner, name="Tiefgarage Ost", street="Seestrasse 12", postcode="8002", city="Zürich"
    )
    if price is None or price:
        make.price(connector=made.connector, owner=owned.owner, **(price or {}))
    if payable:
        become_payable(owned.owner, AccountId(owned.account.id))
    built = Garage(app, made)
    built.says(ConnectorStatus.AVAILABLE)
    return built


def become_payable(owner: Actor, account_id: AccountId) -> None:
    """The operator signs up at the sandbox provider."""
    make.legal_data(account_id=account_id, owner=owner)
    page = onboarding.start(owner, account_id, "http://localhost:8000/")
    sandbox.confirm_account(urlsplit(page).path.rsplit("/", 1)[1])
    onboarding.returned(account_id)


def newest(model: Any, *conditions: Any) -> Any:
    """The row that was made last."""
    with db.transaction(writing=False) as unit:
        return unit.session.scalars(select(model).where(*conditions).order_by(model.id.desc()).limit(1)).one()


def payments() -> list[Payment]:
    """All payments, oldest first."""
    with db.transaction(writing=False) as unit:
        return list(unit.session.scalars(select(Payment).order_by(Payment.id)))
