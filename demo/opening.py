"""Opens the demo's accounts and puts its stations up, through the same doors as everybody."""

import random
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from accounts import links
from accounts.access import ANYONE, SYSTEM, Actor
from accounts.flags import Flag
from accounts.queries import account_tree, actor_of_user
from accounts.queries.actors import credentials_of
from accounts.rights import Role
from accounts.use_cases import (
    confirm_email,
    create_api_token,
    create_property,
    grant_role,
    register,
    reset_password,
    set_flag,
    update_account,
)
from accounts.values import AccountId, UserId
from billing import onboarding
from billing.payments import sandbox
from billing.use_cases import Whom, add_person_price, set_price, tell_legal_data
from billing.values import LegalKind, PriceWhere
from charging.use_cases import add_tag
from demo import cast
from demo.cast import Estate, House, Person
from demo.month import Outlet, Post
from demo.physics import Current
from kit import clock, db
from kit.ids import secret_text
from kit.settings import Settings
from licensing.queries import holding, invoices
from licensing.use_cases import give_free_period, invoice_paid, subscribe
from licensing.values import Interval, InvoiceId, PaidBy
from stations.queries import station_page
from stations.use_cases import add_station
from stations.use_cases.sockets import boot_station, station_connected, store_status
from stations.values import ConnectorId, ConnectorStatus, Location, NewConnector, PlugType, StationId


@dataclass
class Demo:
    """What was made, and what the visitor and the virtual chargers need to know."""

    settings: Settings
    days: int
    a_station: int
    chance: random.Random = field(default_factory=lambda: random.Random(20_260_301))
    owner: Actor = ANYONE
    logins: list[dict[str, str]] = field(default_factory=list)
    accounts: list[AccountId] = field(default_factory=list)
    posts: list[tuple[Post, House, Estate]] = field(default_factory=list)
    api_token: str = ""


def open_master(demo: Demo) -> None:
    """The owner registers, confirms his address, and fills in who he is."""
    person, password = cast.OWNER, secret_text(9)
    user = register(
        ANYONE, email=person.email, password=password, name=person.name, account_name=cast.MASTER, language="de"
    )
    assert user is not None, "the database was empty"
    confirm_email(ANYONE, _token(links.confirmation(user)))
    actor = actor_of_user(SYSTEM, UserId(user.id), user.session_key)
    assert actor is not None, "the address is confirmed"
    demo.owner = actor
    set_flag(replace(SYSTEM, staff=True), Flag.OWN_IMPORT.value, percent=100)
    (master,) = account_tree(actor)
    seller = cast.ESTATES[0]
    update_account(
        actor,
        master.id,
        legal_name=cast.MASTER,
        street="Musterstrasse 1",
        postcode="8001",
        city="Zürich",
        contact_email="info@demo.example",
        contact_phone="+41 44 555 00 00",
        uid=seller.uid,
        vat_registered=True,
    )
    demo.logins.append(_login(person, password, cast.MASTER))
    demo.api_token = create_api_token(actor, master.id, name="Partner", role=Role.API_CLIENT).secret


def open_estate(demo: Demo, estate: Estate, index: int) -> None:
    """A property with its people, its account at the payment provider, its residents and its stations."""
    (master, *_) = account_tree(demo.owner)
    account = create_property(
        demo.owner,
        master.id,
        name=estate.name,
        legal_name=estate.legal_name,
        street=estate.street,
        postcode=estate.postcode,
        city=estate.city,
        contact_phone=estate.phone,
        contact_email=f"info{index + 1}@demo.example",
        language=estate.language,
        uid=estate.uid,
        vat_registered=estate.vat_registered,
    )
    account_id = AccountId(account.id)
    demo.accounts.append(account_id)
    _take_payments(demo, account_id, estate)
    for person in cast.PEOPLE:
        if person.estate == index:
            _invite(demo, person, account_id, estate.name)
    for tag, name in estate.residents:
        add_tag(demo.owner, account_id, tag, name=name)
    for house in estate.houses:
        demo.posts.append((_add_station(demo, account_id, house, estate), house, estate))
        _give_own_prices(demo, house, estate)
    _take_a_plan(demo, account_id, given=index == len(cast.ESTATES) - 1)


def _take_a_plan(demo: Demo, account_id: AccountId, *, given: bool) -> None:
    """All functions for every estate: bought and paid, for the last one given by the platform."""
    if given:
        give_free_period(SYSTEM, account_id, days=365, reason="Demo")
        return
    stations = [station.id for station in holding(demo.owner, account_id).free_stations]
    subscribe(demo.owner, account_id, interval=Interval.MONTH, station_ids=stations)
    for one in invoices(demo.owner, account_id):
        invoice_paid(SYSTEM, InvoiceId(one.id), PaidBy.BANK)


def _take_payments(demo: Demo, account_id: AccountId, estate: Estate) -> None:
    tell_legal_data(
        demo.owner,
        account_id,
        legal_kind=LegalKind.COMPANY,
        legal_name=estate.legal_name,
        street=estate.street,
        postcode=estate.postcode,
        city=estate.city,
        country="CH",
        uid=estate.uid,
        vat_registered=estate.vat_registered,
    )
    page = onboarding.start(demo.owner, account_id, demo.settings.public_url)
    sandbox.confirm_account(page.rsplit("/", 1)[1])
    onboarding.returned(account_id)
    if estate.iban:
        onboarding.set_bank_account(demo.owner, account_id, estate.iban)


def _invite(demo: Demo, person: Person, account_id: AccountId, place: str) -> None:
    grant_role(demo.owner, account_id, email=person.email, role=person.role, name=person.name)
    invited = credentials_of(SYSTEM, person.email)
    assert invited is not None, "invited just now"
    password = secret_text(9)
    reset_password(ANYONE, link_token=_token(links.invitation(invited)), password=password)
    demo.logins.append(_login(person, password, place))


def _add_station(demo: Demo, account_id: AccountId, house: House, estate: Estate) -> Post:
    plug = PlugType.CCS if house.current is Current.DC else PlugType.TYPE_2
    added = add_station(
        demo.owner,
        account_id,
        name=house.name,
        connectors=[NewConnector(plug, house.power_w) for _ in range(house.plugs)],
        description=house.description,
        street=house.street,
        postcode=estate.postcode,
        city=estate.city,
        location=Location(house.latitude_e6, house.longitude_e6),
    )
    station_id = StationId(added.station.id)
    outlets = []
    for row in station_page(demo.owner, station_id).connectors:
        set_price(
            demo.owner,
            row.connector.id,
            energy_price=Decimal(house.prices.energy),
            time_price=Decimal(house.prices.time),
            session_fee=Decimal(house.prices.session),
        )
        register_wh = demo.chance.randrange(200_000, 9_000_000)
        outlets.append(_outlet(row.connector, house, register_wh))
    tags = tuple(tag for tag, _ in estate.residents)
    post = Post(station_id, added.station.identity, added.password, demo.owner, tags, tuple(outlets))
    _switch_on(post, house)
    return post


def _give_own_prices(demo: Demo, house: House, estate: Estate) -> None:
    """People who pay less in this house than everybody."""
    station_id = demo.posts[-1][0].station_id
    for own in estate.own_prices:
        if own.house == house.name:
            add_person_price(
                demo.owner,
                PriceWhere.STATION,
                station_id,
                Whom(own.name, email=own.email, id_tag=own.id_tag),
                energy_price=Decimal(own.prices.energy),
            )


def _outlet(connector: Any, house: House, register_wh: int) -> Outlet:
    return Outlet(
        ConnectorId(connector.id), connector.code, connector.number, house.current, house.power_w, register_wh
    )


def _switch_on(post: Post, house: House) -> None:
    with db.transaction(writing=True):
        station_connected(post.actor)
        boot_station(post.actor, vendor=house.vendor, model=house.model, firmware="2.4.1", serial=post.identity[3:])
        for outlet in post.outlets:
            store_status(post.actor, number=outlet.number, status=ConnectorStatus.AVAILABLE, at=clock.now())


def _login(person: Person, password: str, place: str) -> dict[str, str]:
    return {
        "name": person.name,
        "role": person.role.value,
        "account": place,
        "email": person.email,
        "password": password,
    }


def _token(url: str) -> str:
    return url.rsplit("/", 1)[1]
