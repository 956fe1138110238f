"""Things to test with, made through the doors: every argument is named and has a default.

`make.station()` makes whatever it needs above it; `make.connector(price=None)` a connector without a price.
"""

import functools
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select

from accounts import links
from accounts.access import ANYONE, SYSTEM, Actor
from accounts.models import Account, Invitation, User
from accounts.passwords import hash_password
from accounts.queries import account_tree, actor_of_user
from accounts.rights import Role
from accounts.use_cases import confirm_email, create_property, grant_role, update_account
from accounts.use_cases.people import store_new_password, store_registration
from accounts.values import AccountId, UserId
from billing.models import Tariff
from billing.use_cases import set_price, tell_legal_data
from billing.values import LegalKind
from kit import clock, db, settings
from licensing.use_cases import give_free_period
from partners.models import Partner
from partners.use_cases import confirm_training, register_partner
from partners.values import PartnerId, Profile, Region
from stations.models import Connector, WaitingStation
from stations.queries import station_page
from stations.use_cases import add_station, knock
from stations.values import NewConnector, PlugType, StationId
from tests.made import Login, MadeStation, Owned

PASSWORD = "correct horse battery"
UID = "CHE-999.999.996"  # a valid check digit on a number that nobody has
AS_USUAL: Mapping[str, str] = {}
_numbers = count(1)
_shared: dict[str, Owned] = {}


def settings_for(var_dir: Path, **environ: str) -> settings.Settings:
    """Demo settings that keep everything under `var_dir`; they become those of the process."""
    made = settings.Settings.from_environ({"DEMO": "1", "VAR_DIR": str(var_dir), **environ})
    settings.use(made)
    return made


@functools.cache
def _password_hash() -> str:
    return hash_password(PASSWORD)


def account(
    *,
    name: str = "Immobilien Test AG",
    email: str | None = None,
    language: str = "de",
    plan: str = "premium",
    **seller: Any,
) -> Owned:
    """A master account with seller data, registered for VAT, and its owner, whose address is confirmed.

    It has all functions, unless its `plan` is "free".
    """
    email = email or f"owner{next(_numbers)}@example.org"
    user = store_registration(
        ANYONE, email=email, password_hash=_password_hash(), name="Olga Owner", account_name=name, language=language
    )
    assert user is not None, "make.account: the address is taken"
    confirm_email(ANYONE, _token(links.confirmation(user)))
    login = _login(UserId(user.id))
    facts = {
        "legal_name": name,
        "street": "Teststrasse 1",
        "postcode": "8000",
        "city": "Zürich",
        "contact_email": email,
        "contact_phone": "+41 44 000 00 00",
        "uid": UID,
        "vat_registered": True,
        **seller,
    }
    (master,) = account_tree(login.actor)
    if plan != "free":
        give_free_period(SYSTEM, master.id, plan=plan, days=3650, reason="a test")
    made = update_account(login.actor, master.id, **facts)
    return Owned(made, login)


def owned() -> Owned:
    """The master account that all things of this database share; made on first use."""
    key = str(db.engine().url)
    if key not in _shared:
        _shared.clear()
        _shared[key] = account()
    return _shared[key]


def property(*, master: Owned | None = None, name: str = "Haus am See", **facts: Any) -> Account:
    """A property under a master account."""
    master = master or owned()
    return create_property(master.owner, master.id, name=name, **facts)


def login(
    *, account: Account | None = None, role: Role | None = Role.OWNER, email: str | None = None, **terms: Any
) -> Login:
    """A person with a role on an account (and below), who was invited and has followed the mailed link."""
    account_id = AccountId((account or owned().account).id)
    email = email or f"person{next(_numbers)}@example.org"
    name = email.partition("@")[0].title()
    grant = grant_role(SYSTEM, account_id, email=email, role=role, name=name, **terms)
    assert grant.user_id is not None
    invited = row(User, grant.user_id)
    if invited.confirmed_at is None:
        store_new_password(ANYONE, link_token=_token(links.invitation(invited)), password_hash=_password_hash())
    return _login(UserId(grant.user_id))


def station(
    *,
    property: Account | None = None,
    owner: Actor | None = None,
    name: str = "Garage",
    connectors: int = 1,
    plug: PlugType = PlugType.TYPE_2,
    max_power_w: int = 11_000,
    **facts: Any,
) -> MadeStation:
    """A station with so many connectors; in the shared master account where no property is given."""
    owner = owner or owned().owner
    account_id = AccountId(property.id) if property else owned().id
    plugs = [NewConnector(plug=plug, max_power_w=max_power_w) for _ in range(connectors)]
    added = add_station(owner, account_id, name=name, connectors=plugs, **facts)
    rows = station_page(owner, StationId(added.station.id)).connectors
    return MadeStation(added.station, added.password, tuple(row.connector for row in rows), owner)


def price(
    *,
    connector: Connector,
    owner: Actor | None = None,
    energy: str = "0.45",
    time: str = "0.02",
    session: str = "1.00",
    vat: str | None = None,
) -> Tariff:
    """A price in major units per kWh, per minute and per session; VAT as the law has it."""
    return set_price(
        owner or SYSTEM,
        connector.id,
        energy_price=Decimal(energy),
        time_price=Decimal(time),
        session_fee=Decimal(session),
        vat_percent=None if vat is None else Decimal(vat),
    )


_set_price = price


def connector(*, price: Mapping[str, str] | None = AS_USUAL, **station_facts: Any) -> Connector:
    """The connector of a new station. `price`: parts of `make.price` by name; None: it has no price."""
    made = station(**station_facts)
    if price is not None:
        _set_price(connector=made.connector, owner=made.owner, **price)
    return made.connector


def offer_link(email: str) -> str:
    """The path of the page in the newest invitation to this address."""
    with db.transaction(writing=False) as unit:
        newest = select(Invitation).where(Invitation.email == email).order_by(Invitation.id.desc()).limit(1)
        return urlsplit(links.offer(unit.session.scalars(newest).one())).path


def legal_data(
    *, account_id: UUID, owner: Actor | None = None, legal_kind: LegalKind = LegalKind.COMPANY, **changes: Any
) -> None:
    """The operator tells who he is before the law, as the account has it already; the first step to be verified."""
    account: Account = row(Account, account_id)
    names = ("legal_name", "street", "postcode", "city", "country", "uid", "vat_registered")
    facts: Any = {name: getattr(account, name) for name in names} | changes
    tell_legal_data(owner or SYSTEM, AccountId(account_id), legal_kind=legal_kind, **facts)


def row(model: type[Any], row_id: UUID) -> Any:
    """A row as it stands in the database now."""
    with db.transaction(writing=False) as unit:
        return unit.session.get_one(model, row_id)


def _login(user_id: UserId) -> Login:
    user: User = row(User, user_id)
    actor = actor_of_user(SYSTEM, user_id, user.session_key)
    assert actor is not None, "the address is confirmed"
    return Login(user, actor)


def _token(url: str) -> str:
    return url.rsplit("/", 1)[1]


def partner(*, account: Account | None = None, trained: bool = True, **said: Any) -> Partner:
    """A company that puts stations into service, of Uri unless told otherwise; its training counts for a year."""
    facts: dict[str, Any] = {"name": "Muster Elektro AG", "email": "elektro@example.org", "city": "Altdorf"}
    facts |= {"regions": frozenset({Region.CH_UR}), "languages": frozenset({"de"})}
    account_id = AccountId((account or owned().account).id)
    made = register_partner(SYSTEM, account_id, profile=Profile(**facts | said))
    if trained:
        until = clock.now().date() + timedelta(days=365)
        confirm_training(replace(ANYONE, staff=True), PartnerId(made.id), trained_until=until)
    return made


def waiting(*, account: Account, identity: str = "", **fields: Any) -> WaitingStation:
    """A charger that dialled the address of the account and waits; not connected now."""
    named = identity or f"CP-{secrets.token_hex(4)}"
    knock(SYSTEM, account.code, named, address=f"/ocpp/{account.code}/{named}", peer="192.0.2.7", password=None)
    with db.transaction(writing=True) as unit:
        found = select(WaitingStation).where(WaitingStation.account_id == account.id, WaitingStation.identity == named)
        row = unit.session.scalars(found).one()
        for name, value in fields.items():
            setattr(row, name, value)
    return row
