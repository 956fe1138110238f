"""A property with something for every field of the schema to tell, and then with plenty of it."""

from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from flask import Flask

from accounts.access import SYSTEM, Actor
from accounts.flags import Flag
from accounts.models import Account, IdentityProvider, Login, Passkey, SupportVisit, User
from accounts.queries import actor_of_user
from accounts.rights import Right, Role
from accounts.use_cases import (
    create_api_client,
    create_api_token,
    create_own_role,
    create_property,
    create_station_group,
    grant_role,
    invite,
    register_query,
    seal_audit_lines,
    set_flag,
    store_group_stations,
)
from accounts.values import AccountId, ApiClientId, SignInMethod, StationGroupId, UserId
from announcements.models import Announcement, AnnouncementAccount
from announcements.values import Audience, Severity
from billing.models import LegalChange
from billing.values import LegalChangeState, LegalKind
from charging.models import ChargingSession
from charging.use_cases import ask_composite_schedule
from handovers.use_cases import request_hand_over
from kit import clock, db, worker
from licensing.models import BankBooking, Invoice, Place, Subscription
from licensing.values import BankDoubt, BankState, Interval, InvoiceKind, SubscriptionState
from mass_changes.models import MassChange, MassChangeRow
from mass_changes.values import RowState
from partners.use_cases import accept_assignment, invite_partner, sign_report
from partners.values import AssignmentId, PartnerId
from stations.models import (
    FileJob,
    InstalledCertificate,
    Station,
    StationAbility,
    StationCommand,
    StationConnection,
    StationMove,
    StationTrouble,
)
from stations.opening_hours import OpeningHours, Span, SpecialDays, Weekday
from stations.troubles import Trouble
from stations.use_cases import create_authority, finish_command, mark_command_sent, read_settings, set_station_hours
from stations.values import Action, CommandId, CommandState, Ending, InstalledKind, Proof, StationId
from tests import make, scene
from tests.copies import copy_rows
from tests.handovers.parties import here
from tests.made import MadeStation, Owned
from tests.portal.everything import everything, former_payee
from tests.portal.garage import Garage, newest
from tests.talk import Talk, ago
from webhooks.use_cases import add_endpoint, note_try, ping_endpoint
from webhooks.values import EndpointId, EventType

# how the platform itself works, and what an account, a plan or a connector can have one of only
ALONE = (
    "account_lineage",
    "accounts",
    "audit_lines",
    "kept_answers",
    "licence_subscriptions",
    "outbox",
    "sandbox_accounts",
    "sandbox_calls",
    "sandbox_holds",
    "sandbox_notices",
    "station_troubles",
    "transaction_counter",
)
SCHEDULE = {
    "connectorId": 1,
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}]},
}
NINE_TO_FIVE = Span(time(9), time(17))
FOLLOWS = {"grants": "user_id", "tariffs": "person_price_id"}  # people are listed once, however many roles they have


@dataclass(frozen=True)
class Plenty:
    """The property, who runs it (and the platform), and the company that put its station into service."""

    place: Garage
    owner: Actor
    installer: Actor
    partner_account: UUID

    @property
    def station_id(self) -> UUID:
        """Its first station."""
        return self.place.made.id

    @property
    def account_id(self) -> UUID:
        """The property."""
        return UUID(str(self.place.made.station.account_id))

    @property
    def master_id(self) -> UUID:
        """The account above it."""
        found = make.row(Account, self.account_id).parent_id
        assert found is not None
        return UUID(str(found))

    def more(self, times: int = 6) -> None:
        """So many more of each thing, and so many properties more."""
        copy_rows(times, alone=ALONE, follows=FOLLOWS)
        for number in range(times):
            made = create_property(self.owner, AccountId(self.master_id), name=f"Haus {number}")
            station = scene.station(property=made)
            _stand_apart(made)
            of_row = {"connector_id": scene.connector(station).id, "station_id": station.id, "account_id": made.id}
            _ails(station)
            _add(MassChangeRow(mass_change_id=scene.rows(MassChange)[0].id, state=RowState.WAITING, **of_row))
            make.partner(account=made)


def _ails(station: Station) -> None:
    here = {"account_id": station.account_id, "station_id": station.id}
    _add(StationTrouble(trouble=Trouble.GONE, began_at=clock.now(), over_at=None, **here))


def _stand_apart(account: Account) -> None:
    """Two more stations of an account, at two other places."""
    for street in ("Bergweg 1", "Talstrasse 1"):
        scene.station(property=account, street=street, postcode="6300", city="Zug")


def plenty(app: Flask) -> Plenty:
    """One thing of each kind."""
    place = everything(app).place
    home = make.row(Account, place.made.station.account_id)
    company = make.account(name="Muster Elektro AG")
    owner = replace(place.made.owner, staff=True)
    found = Plenty(place, owner, _company(owner, place.made, company), company.account.id)
    _stand_apart(home)
    _ails(place.made.station)
    _people(found)
    _told(found)
    _sold(found)
    _programs(found)
    _chargers(found)
    _worked_on(found)
    _by_staff(found)
    request_hand_over(here(found.owner), AccountId(home.id), email="nora@example.org")
    worker.drain()
    return found


def _people(found: Plenty) -> None:
    """Roles, offers, groups, and where somebody is signed in."""
    owner, account_id = found.owner, AccountId(found.account_id)
    create_own_role(owner, account_id, name="Hauswart", rights=[Right.VIEW_ACCOUNT, Right.VIEW_STATIONS])
    group = create_station_group(owner, account_id, name="Ost")
    store_group_stations(owner, StationGroupId(group.id), station_ids=[found.station_id])
    invite(owner, account_id, email="neu@example.org", role=Role.VIEWER)
    assert owner.id is not None
    grant_role(SYSTEM, account_id, email=make.row(User, owner.id).email, role=Role.OWNER)
    now = clock.now()
    facts = {"secret_hash": "1", "device_hash": "2", "agent": "Firefox", "address": "192.0.2.7"}
    times = {"started_at": now, "seen_at": now, "expires_at": now + timedelta(days=1)}
    shop = {"issuer": "https://login.example.org", "client_id": "1", "client_secret": {"secret": "2"}}
    _add(IdentityProvider(account_id=account_id, domains=["example.org"], only=False, created_at=now, **shop))
    _add(Passkey(user_id=owner.id, credential_id="1", public_key=b"", sign_count=0, name="Telefon", created_at=now))
    _add(Login(user_id=owner.id, method=SignInMethod.PASSWORD, remembered=False, **facts, **times))


def _company(owner: Actor, made: MadeStation, company: Owned) -> Actor:
    """A partner that accepted the station, and signed a report of it; who did so."""
    partner = make.partner(account=company.account)
    account_id, until = AccountId(made.station.account_id), clock.now() + timedelta(days=14)
    (offered,) = invite_partner(owner, account_id, PartnerId(partner.id), station_ids=[made.id], ends_at=until)
    accept_assignment(company.owner, AssignmentId(offered.id))
    installer = actor_of_user(SYSTEM, UserId(company.login.user.id), company.login.user.session_key)
    assert installer is not None
    sign_report(installer, made.id, remarks="Two checks are open.")
    return installer


def _told(found: Plenty) -> None:
    """What changed its place, and what is to change."""
    home, now = found.account_id, clock.now()
    elsewhere = create_property(found.owner, AccountId(found.master_id), name="Vorher")
    facts = {"identity": "OLD-1", "moved_by": "system", "moved_at": now}
    _add(StationMove(account_id=elsewhere.id, to_account_id=home, station_id=found.station_id, **facts))
    asked = {
        "before": {},
        "wanted": {"legal_name": "Muster AG"},
        "reason": "Neu eine AG",
        "asked_by": "system",
        "asked_at": now,
    }
    state, kind = LegalChangeState.WITHDRAWN, LegalKind.COMPANY
    for account_id in (home, found.master_id):
        _add(LegalChange(account_id=account_id, state=state, legal_kind=kind, **asked))


def _sold(found: Plenty) -> None:
    """A running subscription with a licence, and its invoice."""
    now, account_id = clock.now(), found.account_id
    running = Subscription(
        account_id=account_id,
        plan="premium",
        state=SubscriptionState.RUNNING,
        interval=Interval.MONTH,
        currency="CHF",
        price_minor=900,
        anchor_day=1,
        begun_at=now,
        period_begins_at=now,
        period_ends_at=now + timedelta(days=30),
    )
    _add(running)
    _add(Place(account_id=account_id, subscription_id=running.id, station_id=found.station_id, added_at=now))
    said = {"reference": "1", "business_key": "1", "currency": "CHF", "gross_minor": 900, "snapshot": {"number": "R-1"}}
    _add(
        Invoice(
            account_id=account_id,
            kind=InvoiceKind.LICENCES,
            number=1,
            issued_at=now,
            due_at=now + timedelta(days=30),
            **said,
        )
    )


def _programs(found: Plenty) -> None:
    """Keys, a client, and an endpoint that answered."""
    owner, account_id = found.owner, AccountId(found.account_id)
    create_api_token(owner, account_id, name="Auswertung", rights=[Right.VIEW_ACCOUNT])
    program = create_api_client(owner, account_id, name="Buchhaltung", rights=[Right.VIEW_ACCOUNT])
    register_query(owner, ApiClientId(program.client.id), text="{ __typename }")
    endpoint = add_endpoint(owner, account_id, url="https://example.org/hook", event_types=[EventType.SESSION_ENDED])
    message = ping_endpoint(owner, EndpointId(endpoint.id))
    note_try(SYSTEM, message.id, status=500, error="", took_ms=12, answer="")


def _chargers(found: Plenty) -> None:
    """What a station said of itself."""
    station, station_id = make.row(Station, found.station_id), StationId(found.station_id)
    create_authority(SYSTEM)
    talk = Talk(station)
    talk.call("FirmwareStatusNotification", {"status": "Idle"})
    session = scene.rows(ChargingSession)[0]
    for minutes in (5, 10):
        scene.reading(session, minutes=minutes, energy_wh=minutes * 100, power_w=7_000)
    day = clock.now().date()
    hours = OpeningHours({Weekday.MONDAY: (NINE_TO_FIVE,)}, (SpecialDays(day, day, (NINE_TO_FIVE,)),))
    set_station_hours(found.owner, station_id, hours)
    _answers(ask_composite_schedule(found.owner, station_id, connector_number=1), **SCHEDULE)
    read_settings(found.owner, station_id)
    setting = {"key": "CpoName", "readonly": False, "value": "Muster"}
    _answers(newest(StationCommand, StationCommand.action == Action.GET_CONFIGURATION), configurationKey=[setting])
    where = {"account_id": found.account_id, "station_id": found.station_id}
    now = clock.now()
    _add(StationAbility(name="GetLog", able=False, firmware="", found_at=now, **where))
    hashes = {"hash_algorithm": "SHA256", "issuer_name_hash": "a", "issuer_key_hash": "b", "serial_number": "1"}
    dialled = {"peer": "192.0.2.7", "address": "/ocpp/X", "protocol": "ocpp1.6"}
    tls = {"tls_version": "TLSv1.3", "tls_cipher": "TLS_AES_128_GCM_SHA256", "tls_name": ""}
    times = {"opened_at": now, "closed_at": now}
    for ending in (Ending.NO_PASSWORD, Ending.HUNG_UP):
        _add(StationConnection(ending=ending, proof=Proof.PASSWORD, **times, **dialled, **tls, **where))
    _add(InstalledCertificate(kind=InstalledKind.MANUFACTURER_ROOT, seen_at=now, **hashes, **where))


def _worked_on(found: Plenty) -> None:
    """A file with a step, an end that may belong to a session, and a charger that waits with its connectors."""
    job = scene.rows(FileJob)[0]
    asked = make.row(StationCommand, job.command_id)
    _answers(asked, fileName="log.zip")
    talk = Talk(make.row(Station, found.station_id))
    talk.call("DiagnosticsStatusNotification", {"status": "Uploading"})
    scene.session(connector=found.place.connector, ended=True, estimated=True, started_at=ago(hours=3))
    make.waiting(account=make.row(Account, found.account_id), identity="", connectors={"1": "Available"})


def _by_staff(found: Plenty) -> None:
    """What the people of the platform do: announce, switch on, ask to look in."""
    now = clock.now()
    facts = {"texts": {"de": "Wartung am Sonntag"}, "link": "", "plan": "", "written_by": "system", "written_at": now}
    shown = {"begins_at": now, "ends_at": now + timedelta(days=1), "severity": Severity.INFO}
    _add(Announcement(audience=Audience.ALL, **shown, **facts))
    _add(AnnouncementAccount(announcement_id=scene.rows(Announcement)[0].id, account_id=found.account_id))
    set_flag(found.owner, Flag.OWN_IMPORT.value, percent=100, account_ids=[found.account_id])
    asked = {"reason": "Rückfrage", "hours": 2, "asked_at": now}
    booked = {
        "account": "CH93",
        "amount_minor": 900,
        "currency": "CHF",
        "reference": "",
        "text": "",
        "debtor": "A. Muster",
    }
    doubtful = {"state": BankState.DOUBTFUL, "doubt": BankDoubt.NO_REFERENCE, "booked_on": now.date()}
    read = {"key": "1", "entry_key": "1", "in_detail": True, "read_by": "system", "read_at": now}
    _add(BankBooking(**read, **booked, **doubtful))
    _add(former_payee(AccountId(found.account_id)))
    _add(SupportVisit(account_id=found.account_id, asked_by=found.owner.id, **asked))
    seal_audit_lines(SYSTEM)


def _answers(command: StationCommand, **answer: Any) -> None:
    """The station said yes."""
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), CommandState.ACCEPTED, answer={"status": "Accepted", **answer})


def _add(row: object) -> None:
    with db.transaction(writing=True) as unit:
        unit.session.add(row)
