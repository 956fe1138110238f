"""A property where everything has happened that a page can show, and the addresses of all these pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Flask

from accounts.access import SYSTEM
from accounts.models import Account, ApiClient, ClientQuery, Grant, User
from accounts.rights import Right
from accounts.use_cases import create_api_client, register_query
from accounts.values import AccountId, ApiClientId
from billing.models import Document, FormerPayee, Payment, PersonPrice
from billing.use_cases import Whom, add_person_price
from billing.values import PriceWhere
from charging.models import ChargingSession, OrphanStop, Tag
from charging.use_cases import add_tag, limit_power, reserve_connector
from charging.values import RateUnit
from closures.models import Closure, HandOut
from closures.values import ClosureState
from imports.models import Import
from imports.use_cases import preview_import
from imports.values import What
from kit import clock, db, worker
from mass_changes.jobs import go_on_with_mass_changes
from mass_changes.models import MassChange
from mass_changes.use_cases import start_mass_change
from mass_changes.values import How, Scope, Step, Subject, Wish
from partners.models import Partner
from stations.models import (
    Campaign,
    Connector,
    FileJob,
    Firmware,
    Message,
    Station,
    StationCommand,
    WaitingStation,
    WorkOrder,
)
from stations.use_cases import Waves, add_firmware, create_campaign, finish_command, order_work, request_file
from stations.values import Action, CommandId, CommandState, FileJobKind, FirmwareId, Selection, StationId
from tests import certificates, log_rows, make, scene
from tests.portal.garage import Garage, garage
from tests.portal.phone import Phone
from tests.talk import Talk, ago, iso

# no pages: live sockets, files, what a provider's answer or a mail opens
NO_PAGES = re.compile(
    r"/(live|socket)$|\.(pdf|csv|jsonl|crl|pem|ico)$|/file$|/return$|^/dev/|^/files/|^/s/|<link_token>"
)
NO_PORTAL = (
    "smart_me",
    "smart_me_told",
    "driver",
    "driver_sessions",
    "graphql",
    "legal",
    "operations",
    "own_price",
    "payer",
    "sandbox",
    "static",
    "checkouts",
)
SEES = [Right.VIEW_ACCOUNT, Right.VIEW_STATIONS]
LONG = "Hauptbahnhofsunterführungsladestationsbetreibergesellschaftszweigstellenleiterin"
STRETCHED: dict[Any, tuple[str, ...]] = {
    Account: ("name", "legal_name", "street", "city"),
    Campaign: ("name",),
    Connector: ("name",),
    Firmware: ("version", "file_name"),
    Station: ("name", "street", "city", "vendor", "model", "serial", "firmware"),
    Partner: ("name", "city", "street"),
    PersonPrice: ("name",),
    Tag: ("name",),
    User: ("name",),
    WaitingStation: ("vendor", "model", "serial"),
    WorkOrder: ("name",),
}


@dataclass(frozen=True)
class Everything:
    """The place, and what stands in its addresses by the name of the parameter."""

    place: Garage
    ids: dict[str, list[str]]

    @property
    def account(self) -> Account:
        """The property."""
        found: Account = make.row(Account, self.place.made.station.account_id)
        return found

    def pages(self) -> Iterator[str]:
        """Every address of the portal that answers with a page."""
        for rule in self.place.app.url_map.iter_rules():
            listed = "GET" in (rule.methods or ()) and rule.endpoint.partition(".")[0] not in NO_PORTAL
            if listed and not NO_PAGES.search(rule.rule):
                yield from self._filled(rule.rule)

    def _filled(self, rule: str) -> Iterator[str]:
        parameter = re.search(r"<(?:[^:<>]+:)?(\w+)>", rule)
        if parameter is None:
            yield rule
            return
        for value in self.ids.get(parameter.group(1), ()):
            yield from self._filled(rule.replace(parameter.group(), value, 1))


def everything(app: Flask) -> Everything:
    """Make it happen: a paid session, commands of every state, orders, files, doubts, somebody who waits."""
    place = garage(app)
    place.pay(Phone(app), email="driver@example.org")
    place.end(place.plug_in(ago=timedelta(hours=2)), 20_000)
    _ask(place)
    _say(place)
    make.partner(account=make.row(Account, place.made.station.account_id))
    client = create_api_client(place.made.owner, AccountId(place.made.station.account_id), name="Lager", rights=SEES)
    register_query(place.made.owner, ApiClientId(client.client.id), text="{ accounts { name } }", name="Wer")
    home = AccountId(place.made.station.account_id)
    preview_import(SYSTEM, home, what=What.TAGS, content=f"Tag;Name\n04A1;{LONG}\n".encode(), file_name=f"{LONG}.csv")
    cheaper = Wish(Subject.PRICES, {"energy_price": Step(How.PERCENT, Decimal(-5))})
    start_mass_change(place.made.owner, AccountId(place.made.station.account_id), cheaper, Scope(everything=True))
    go_on_with_mass_changes()
    _was_closed(home)
    worker.drain()
    return Everything(place, _ids())


def _was_closed(account_id: AccountId) -> None:
    """What is left of an account that was closed, and what was handed out of it; payouts of its operator are held."""
    now, by = clock.now(), scene.rows(User)[0].id
    documents = [str(one.id) for one in scene.rows(Document)]
    told = {"name": f"Früher {LONG}", "state": ClosureState.CLOSED, "requested_by": by, "requested_at": now}
    closure = Closure(account_id=account_id, due_at=now, closed_at=now, kept_until=now, **told)
    with db.transaction(writing=True) as unit:
        unit.session.add(closure)
        unit.session.flush()
        given = {"documents": documents, "reason": LONG, "given_by": f"user:{by}"}
        times = {"given_at": now, "expires_at": now + timedelta(days=7)}
        unit.session.add(HandOut(account_id=account_id, closure_id=closure.id, **given, **times))
        unit.session.add(former_payee(account_id))


def former_payee(account_id: AccountId) -> FormerPayee:
    """An operator of an account whose payouts were held when he left."""
    now = clock.now()
    told = {"provider": "sandbox", "provider_account": "acct_left", "ready": False, "payout_schedule": {}}
    return FormerPayee(account_id=account_id, payouts_held_at=now, left_at=now, **told)


def stretch() -> None:
    """Give everything the longest name that fits, without a blank where it could be broken."""
    with db.transaction(writing=True) as unit:
        for model, names in STRETCHED.items():
            for row in unit.session.query(model):
                for name in names:
                    setattr(row, name, LONG[: getattr(model, name).type.length or len(LONG)])


def _ask(place: Garage) -> None:
    """What an operator asks of stations."""
    owner, station_id = place.made.owner, StationId(place.made.station.id)
    account_id = AccountId(place.made.station.account_id)
    add_tag(owner, account_id, "04AABB", name="Hauswart")
    whom = Whom(name="Hauswart", email="hauswart@example.org", id_tag="04AABB")
    add_person_price(owner, PriceWhere.CONNECTOR, place.made.connector.id, whom, energy_price=Decimal("0.20"))
    firmware = add_firmware(owner, account_id, version="2.5", url="https://example.org/2.5.bin")
    new = FirmwareId(firmware.id)
    create_campaign(owner, account_id, name="Herbst", firmware_id=new, station_ids=[station_id], waves=Waves())
    for action, state in ((Action.CLEAR_CACHE, CommandState.REFUSED), (Action.GET_CONFIGURATION, None)):
        order_work(owner, account_id, Selection(), action, {}, name="Alle")
        if state is not None:
            finish_command(SYSTEM, CommandId(scene.rows(StationCommand)[-1].id), state, answer={"status": "Rejected"})
    request_file(owner, station_id, FileJobKind.DIAGNOSTICS)
    limit_power(owner, station_id, connector_number=0, limit=Decimal(16), unit=RateUnit.AMPERE)
    later = clock.now() + timedelta(hours=3)
    reserve_connector(owner, station_id, connector_number=1, id_tag="04AABB", expires_at=later)


def _say(place: Garage) -> None:
    """What chargers say."""
    station = make.row(Station, place.made.station.id)
    talk = Talk(station)
    talk.call("BootNotification", {"chargePointVendor": "Muster", "chargePointModel": "Wallbox 11"})
    talk.stop(4711, wh=9000, at=iso(ago(hours=1)))
    talk.start(tag="04FF", wh=30_000)
    talk.call("SignCertificate", {"csr": certificates.request_pem(station.identity)})
    event = {"type": "InvalidMessages", "timestamp": iso(clock.now()), "techInfo": "x" * 80}
    talk.call("SecurityEventNotification", event)
    log_rows.log(log_rows.said(place.made, call='{"a": 1}', error="FormationViolation"))
    make.waiting(account=make.row(Account, station.account_id), vendor="Muster", model="Wallbox 11")


def _ids() -> dict[str, list[str]]:
    """The first and the last row of each kind."""
    models: dict[str, Any] = {
        "account_id": Account,
        "client_id": ApiClient,
        "closure_id": Closure,
        "query_id": ClientQuery,
        "campaign_id": Campaign,
        "command_id": StationCommand,
        "connector_id": Connector,
        "document_id": Document,
        "firmware_id": Firmware,
        "grant_id": Grant,
        "person_price_id": PersonPrice,
        "import_id": Import,
        "job_id": FileJob,
        "mass_change_id": MassChange,
        "number": Message,
        "orphan_id": OrphanStop,
        "partner_id": Partner,
        "payment_id": Payment,
        "session_id": ChargingSession,
        "station_id": Station,
        "tag_id": Tag,
        "waiting_id": WaitingStation,
        "work_order_id": WorkOrder,
    }
    kept = {name: [str(row.id) for row in scene.rows(model)] for name, model in models.items()}
    found = {name: list(dict.fromkeys([*rows[:1], *rows[-1:]])) for name, rows in kept.items()}
    subjects = [subject.value for subject in Subject]
    return found | {"action": ["Reset", "SetChargingProfile"], "what": ["confirmation"], "subject": subjects}
