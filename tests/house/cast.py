"""Who tries every door of the surfaces, and the place they try to get into: one account where everything stands.

Each ready role has a person in the account itself and one in a foreign one. Besides them come a visitor who has not
signed in, a clerk who sees the account and no more, a reader who sees everything and may do nothing, two keepers who
may do everything with another station of the account and another group of them, and somebody who runs the platform.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

import wsgi
from accounts.access import SYSTEM, Actor
from accounts.flags import Flag
from accounts.models import (
    Account,
    ApiClient,
    ApiToken,
    ClientQuery,
    Grant,
    IdentityProvider,
    Invitation,
    Login,
    OwnRole,
    Passkey,
    StationGroup,
    SupportVisit,
    User,
)
from accounts.queries import actor_of_token, actor_of_user
from accounts.rights import Right, Role
from accounts.use_cases import (
    create_api_client,
    create_api_token,
    create_own_role,
    create_station_group,
    grant_role,
    invite,
    make_staff,
    set_company_login,
    set_flag,
)
from accounts.values import AccountId, StationGroupId, UserId
from announcements.models import Announcement
from announcements.values import Audience, Severity
from billing.models import Document, FormerPayee, LegalChange, Payment, PersonPrice
from billing.use_cases import request_legal_change
from charging.models import Authorisation, ChargingSession, DoubtfulFact, OrphanStop, Reservation, Tag
from closures.models import Closure, HandOut
from handovers.models import HandOver
from handovers.use_cases import request_hand_over
from imports.models import Import
from kit import clock, db, worker
from licensing.models import BankBooking, Gift, Invoice, Place
from licensing.use_cases import give_free_period, subscribe
from licensing.values import BankDoubt, BankState, Interval
from mass_changes.models import MassChange
from partners.models import CommissioningReport, InstallerProposal, Partner, PartnerAssignment
from partners.use_cases import accept_assignment, invite_partner, propose_installer, sign_report
from partners.values import AssignmentId, PartnerId
from smart_me.models import SmartMeLink
from smart_me.use_cases import connect_account
from smart_me.values import Person, Tokens
from stations.kinds import StationKind
from stations.models import (
    Campaign,
    CampaignStation,
    Connector,
    FileJob,
    Firmware,
    InstalledCertificate,
    Message,
    Station,
    StationCertificate,
    StationCommand,
    WaitingStation,
    WorkOrder,
)
from stations.pem import written
from stations.use_cases import bring_certificate, group_stations
from stations.values import InstalledKind, StationId
from tests import certificates, make, scene
from tests.databases import leave_writing_to_the_system, migrate
from tests.handovers.parties import here
from tests.portal.everything import everything
from tests.portal.garage import Garage
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.use_cases import add_endpoint, ping_endpoint
from webhooks.values import EndpointId, EventType

# what an id in an address or an argument names; the longest fitting word counts
MODELS: dict[str, Any] = {
    "account": Account,
    "announcement": Announcement,
    "apiclient": ApiClient,
    "assignment": PartnerAssignment,
    "authorisation": Authorisation,
    "booking": BankBooking,
    "campaign": Campaign,
    "campaignstation": CampaignStation,
    "certificate": StationCertificate,
    "client": ApiClient,
    "closure": Closure,
    "query": ClientQuery,
    "change": LegalChange,
    "command": StationCommand,
    "commissioningreport": CommissioningReport,
    "connector": Connector,
    "delivery": WebhookDelivery,
    "document": Document,
    "doubt": DoubtfulFact,
    "endpoint": WebhookEndpoint,
    "filejob": FileJob,
    "firmware": Firmware,
    "formerpayee": FormerPayee,
    "gift": Gift,
    "grant": Grant,
    "handout": HandOut,
    "handover": HandOver,
    "installed": InstalledCertificate,
    "import": Import,
    "invitation": Invitation,
    "invoice": Invoice,
    "link": SmartMeLink,
    "login": Login,
    "masschange": MassChange,
    "message": Message,
    "orphan": OrphanStop,
    "ownrole": OwnRole,
    "partner": Partner,
    "passkey": Passkey,
    "payment": Payment,
    "personprice": PersonPrice,
    "place": Place,
    "proposal": InstallerProposal,
    "provider": IdentityProvider,
    "reservation": Reservation,
    "session": ChargingSession,
    "station": Station,
    "stationgroup": StationGroup,
    "tag": Tag,
    "token": ApiToken,
    "user": User,
    "visit": SupportVisit,
    "waiting": WaitingStation,
    "workorder": WorkOrder,
}
SMART_ME = {
    "SMART_ME_URL": "http://127.0.0.1:9",  # nobody answers there
    "SMART_ME_CLIENT_ID": "x",
    "SMART_ME_CLIENT_SECRET": "x",
    "SMART_ME_PARTNER_KEY": "x",
    "SMART_ME_INBOUND_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}

_addresses = cycle(range(1, 255))


@dataclass(frozen=True)
class Somebody:
    """One of the cast: what the browser or program shows in its headers, and the actor that the doors see."""

    name: str
    foreign: bool
    actor: Actor | None
    headers: dict[str, str]

    @property
    def holds(self) -> str:
        """The role, wherever it counts. Who runs the platform has an account of their own."""
        return "owner" if self.name == "staff" else self.name.removeprefix("foreign ")

    @property
    def keeps_another(self) -> bool:
        """Whether what they hold counts for another station of the same account only."""
        return self.name.endswith("_keeper")

    @property
    def is_program(self) -> bool:
        """Whether a key is shown in place of a login."""
        return "Authorization" in self.headers


@dataclass(frozen=True)
class Cast:
    """Everybody, and what stands in the account, by the noun of its id."""

    app: Flask
    browser: FlaskClient
    ids: dict[str, UUID | int | str]
    everybody: list[Somebody]


def cast(folder: Path, url: str) -> Cast:
    """Set the scene in a database of its own."""
    migrate(url)
    leave_writing_to_the_system(db.connect(url))
    app = wsgi.create_app(make.settings_for(folder / "var", **SMART_ME))
    app.config |= {"WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False}
    place = everything(app).place
    home: Account = make.row(Account, place.made.station.account_id)
    _sells_and_lets(place, AccountId(home.id))
    _has_people(app, AccountId(home.id))
    worker.drain()
    ids = _ids(home.id) | {"code": place.code}
    return Cast(app, app.test_client(use_cookies=False), ids, _everybody(app, home))


def _has_people(app: Flask, home: AccountId) -> None:
    """What an account has beside its stations: keys, roles of its own, invitations, a sign-in of its company."""
    create_own_role(SYSTEM, home, name="Eigene", rights=[Right.VIEW_INCOME])
    create_station_group(SYSTEM, home, name="Nord")
    create_api_token(SYSTEM, home, name="Programm")
    create_api_client(SYSTEM, home, name="Dienst", rights=[Right.VIEW_STATIONS])
    grant_role(SYSTEM, home, email="gina@example.org", role=Role.VIEWER)
    invite(SYSTEM, home, email="gerda@example.org", role=Role.VIEWER)
    login = make.login(account=make.row(Account, home))
    _signed_in(app, login.email)
    owner = here(login.actor)
    set_company_login(
        owner, home, issuer="https://id.example", client_id="x", client_secret="x", domains=["b.example"], only=False
    )
    connect_account(owner, home, Person("sm-1", "olga", "o@x.example"), Tokens("a", "r", clock.now()))
    endpoint = add_endpoint(owner, home, url="https://example.org/", event_types=[EventType.STATION_ADDED])
    ping_endpoint(owner, EndpointId(endpoint.id))
    request_hand_over(owner, home, email="nora@example.org")


def _sells_and_lets(place: Garage, home: AccountId) -> None:
    """What it has with others: the platform's invoices, partners, a wish to be another kind of seller."""
    account, station = make.row(Account, home), place.made
    elsewhere = make.account(name="Nachbar AG")
    soon = clock.now() + timedelta(days=5)
    partner = make.partner(account=elsewhere.account, name="Elektro Nachbar", email=elsewhere.login.email)
    theirs = make.station(owner=elsewhere.owner, property=elsewhere.account)
    for inviting, invited, chosen in ((home, partner, station), (elsewhere.id, scene.rows(Partner)[0], theirs)):
        invite_partner(SYSTEM, inviting, PartnerId(invited.id), station_ids=[chosen.id], ends_at=soon)
    taken = scene.rows(PartnerAssignment, PartnerAssignment.account_id == home)[0]
    accept_assignment(elsewhere.owner, AssignmentId(taken.id))
    installer = actor_of_user(SYSTEM, UserId(elsewhere.login.user.id), elsewhere.login.user.session_key)
    assert installer is not None, "the address is confirmed"
    sign_report(installer, station.id)
    propose_installer(SYSTEM, home, name="Blitz GmbH", email="blitz@example.org")
    make.legal_data(account_id=home)
    facts: Any = {one: getattr(account, one) for one in ("legal_name", "street", "postcode", "city", "country")}
    request_legal_change(SYSTEM, home, reason="Umzug", **facts, uid="", vat_registered=False)
    give_free_period(SYSTEM, home, days=30, reason="Pilot")
    subscribe(SYSTEM, home, interval=Interval.MONTH, station_ids=[station.id])
    set_flag(replace(SYSTEM, staff=True), Flag.OWN_IMPORT.value, percent=100)
    bring_certificate(SYSTEM, StationId(station.id), certificate=written(certificates.self_signed(station.identity)))
    _add(
        InstalledCertificate(
            account_id=home,
            station_id=station.id,
            kind=InstalledKind.CENTRAL_SYSTEM_ROOT,
            hash_algorithm="SHA256",
            issuer_name_hash="00",
            issuer_key_hash="00",
            serial_number="00",
            certificate=None,
            seen_at=clock.now(),
        ),
        Passkey(
            user_id=scene.rows(User)[0].id,
            credential_id="x",
            public_key=b"x",
            sign_count=0,
            name="Telefon",
            created_at=clock.now(),
            last_used_at=None,
        ),
        BankBooking(
            key="1",
            entry_key="1",
            in_detail=False,
            account="CH9300762011623852957",
            amount_minor=100,
            currency="CHF",
            reference="",
            text="",
            debtor="",
            booked_on=clock.now().date(),
            state=BankState.DOUBTFUL,
            doubt=BankDoubt.NO_REFERENCE,
            read_by="system",
            read_at=clock.now(),
        ),
        SupportVisit(account_id=home, asked_by=scene.rows(User)[0].id, reason="Hilfe", hours=1, asked_at=clock.now()),
        Announcement(
            texts={"en": {"title": "Soon"}},
            link="",
            severity=Severity.INFO,
            audience=Audience.ALL,
            plan="",
            begins_at=clock.now(),
            ends_at=soon,
            written_by="system",
            written_at=clock.now(),
        ),
    )


def _add(*rows: Any) -> None:
    with db.transaction(writing=True) as unit:
        unit.session.add_all(rows)


def _ids(home: UUID) -> dict[str, UUID | int | str]:
    """One row of each kind: of the account where rows belong to one."""
    found: dict[str, UUID | int | str] = {}
    for noun, model in MODELS.items():
        rows = scene.rows(model)
        mine = [row for row in rows if getattr(row, "account_id", home) == home]
        assert mine, f"the scene has no {noun}"
        found[noun] = home if model is Account else _one(mine).id
    theirs = [row for row in scene.rows(PartnerAssignment) if row.account_id != home]
    return found | {"ownassignment": theirs[0].id}


def _one(rows: Sequence[Any]) -> Any:
    """The plug and not the whole station, somebody who may little and not the owner."""
    return next(
        (row for row in rows if getattr(row, "number", 1) and getattr(row, "role", None) is not Role.OWNER), rows[0]
    )


def _everybody(app: Flask, home: Account) -> list[Somebody]:
    foreign = make.account(name="Fremde AG").account
    found = [Somebody("visitor", True, None, {})]
    for role in Role:
        found += [_person(app, role, home), _person(app, role, foreign, foreign=True)]
    seeing = [right for right in Right if right.value.endswith(":view")]
    for name, rights in (("clerk", [Right.VIEW_ACCOUNT]), ("reader", seeing)):
        own_role = create_own_role(SYSTEM, AccountId(home.id), name=name, rights=rights)
        login = make.login(account=home, role=None, own_role_id=own_role.id)
        found.append(Somebody(name, False, login.actor, _signed_in(app, login.email)))
    found += _keepers(app, home)
    staff = make.account(name="Plattform AG").login
    user = make_staff(SYSTEM, email=staff.email)
    actor = actor_of_user(SYSTEM, UserId(user.id), user.session_key)
    return [*found, Somebody("staff", True, actor, _signed_in(app, staff.email))]


def _keepers(app: Flask, home: Account) -> Iterator[Somebody]:
    """Every right there is, on a station beside the one that the doors are about."""
    other = make.station(property=home, owner=SYSTEM, name="Nebenan", kind=StationKind.PICO)
    group = create_station_group(SYSTEM, AccountId(home.id), name="Nebengebäude")
    group_stations(SYSTEM, StationGroupId(group.id), station_ids=[other.id])
    everything = create_own_role(SYSTEM, AccountId(home.id), name="Alles", rights=list(Right))
    for name, scope in (("station_keeper", {"station_id": other.id}), ("group_keeper", {"group_id": group.id})):
        login = make.login(account=home, role=None, own_role_id=everything.id, **scope)
        yield Somebody(name, False, login.actor, _signed_in(app, login.email))


def _person(app: Flask, role: Role, account: Account, *, foreign: bool = False) -> Somebody:
    name = f"foreign {role.value}" if foreign else role.value
    if role is Role.API_CLIENT:
        secret = create_api_token(SYSTEM, AccountId(account.id), name=name, role=role).secret
        headers = {"Authorization": f"Bearer {secret}"}
        return Somebody(name, foreign, actor_of_token(SYSTEM, secret), headers)
    ends_at = clock.now() + timedelta(days=30) if role is Role.INSTALLER else None
    login = make.login(account=account, role=role, ends_at=ends_at)
    return Somebody(name, foreign, login.actor, _signed_in(app, login.email))


def _signed_in(app: Flask, email: str) -> dict[str, str]:
    """The header of a browser that stays signed in, whatever it does."""
    browser = app.test_client()
    address = f"198.51.100.{next(_addresses)}"  # each from another one, or they would be too many tries
    form = {"email": email, "password": make.PASSWORD}
    answer = browser.post("/login", data=form, environ_base={"REMOTE_ADDR": address})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = browser.get_cookie("login", domain="localhost")
    assert cookie is not None, "signed in by a cookie"
    return {"Cookie": f"login={cookie.value}"}
