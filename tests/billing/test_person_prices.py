"""Prices of single people and of groups of tags: whose counts, what it costs, and where it goes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from accounts.access import ANYONE, SYSTEM, Actor
from accounts.errors import LicenceNeeded
from accounts.models import Entitlement
from accounts.rights import Role
from accounts.use_cases import create_station_group
from accounts.values import AccountId, StationGroupId
from billing import checkout
from billing.models import Charge, Payment, PersonPrice
from billing.queries import offer_of, person_price_page, person_prices, terms_of
from billing.use_cases import (
    Whom,
    add_person_price,
    change_person_price,
    end_selling,
    part_books,
    remove_person_price,
    remove_price,
    request_payment,
    send_price_link,
    set_price,
)
from billing.use_cases.person_prices import LINK_AGAIN_AFTER
from billing.values import ANY_DRIVER, Driver, PaymentId, PaymentState, PersonPriceId, PriceWhere
from charging.models import ChargingSession
from charging.use_cases import Stop, add_tag, end_session, start_session, update_tag
from charging.values import SessionKind, TagVerdict
from kit import clock, db, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.events import OutboxRow
from stations.opening_hours import OpeningHours, OutsideHours
from stations.use_cases import group_stations, move_station, set_connector_hours
from stations.values import ConnectorId, StationId
from tests import make, scene
from tests.billing.shop import Shop, open_shop

pytestmark = pytest.mark.usefixtures("database")
ANNA = Driver(email="anna@example.org")


def gives(
    shop: Shop, whom: Whom, energy: str, *, where: tuple[PriceWhere, UUID] | None = None, **more: Any
) -> PersonPrice:
    place = where or (PriceWhere.CONNECTOR, shop.connector.id)
    return add_person_price(shop.owner, *place, whom, energy_price=Decimal(energy), **more)


def energy_price(shop: Shop, driver: Driver) -> Decimal | None:
    terms = terms_of(ANYONE, shop.connector.id, driver)
    return None if terms is None else terms.energy_price


def tag(shop: Shop, number: str, **facts: Any) -> Any:
    return add_tag(shop.owner, AccountId(shop.account.id), number, **facts)


def plug_in(shop: Shop, number: str, *, at: Any = None) -> tuple[ChargingSession, TagVerdict]:
    with db.transaction(writing=True):
        begun = start_session(shop.as_charger, number=1, id_tag=number, meter_start_wh=1_000, at=at or clock.now())
    worker.drain()
    (session,) = scene.rows(ChargingSession, ChargingSession.transaction_id == begun.transaction_id)
    return session, begun.info.verdict


def unplug(shop: Shop, session: ChargingSession, energy_wh: int = 10_000) -> Charge | None:
    """Half an hour after the start; what it costs."""
    ended = session.started_at + timedelta(minutes=30)
    stop = Stop(
        transaction_id=session.transaction_id,
        id_tag=session.id_tag,
        meter_stop_wh=1_000 + energy_wh,
        at=ended,
        reason="Local",
        readings=[],
    )
    with clock.moved_to(ended):
        with db.transaction(writing=True):
            end_session(shop.as_charger, stop=stop)
        worker.drain()
    return next(iter(scene.rows(Charge, Charge.session_id == session.id)), None)


def cost(shop: Shop, number: str) -> int | None:
    session, _ = plug_in(shop, number)
    charge = unplug(shop, session)
    return None if charge is None else charge.gross_minor


def test_two_tags_with_prices_of_their_own_and_a_stranger() -> None:
    shop = open_shop()
    for number in ("CARETAKER", "NEIGHBOUR", "OTHER"):
        tag(shop, number)
    gives(shop, Whom(id_tag="caretaker"), "0")
    gives(shop, Whom(id_tag="neighbour"), "0.30", time_price=Decimal("0.01"))
    assert cost(shop, "CARETAKER") == 0
    assert cost(shop, "NEIGHBOUR") == 330, "10 kWh and 30 minutes"
    assert cost(shop, "OTHER") is None, "a tag without a price of its own charges as before"
    session, verdict = plug_in(shop, "STRANGER")
    assert (verdict, session.kind) == (TagVerdict.INVALID, SessionKind.UNAUTHORISED)
    assert unplug(shop, session) is None
    (charge,) = scene.rows(Charge, Charge.gross_minor == 330)
    assert (charge.account_id, charge.payment_id, charge.vat_percent) == (shop.account.id, None, Decimal("8.1"))


def test_a_session_keeps_the_price_of_its_start_also_when_it_is_told_late() -> None:
    shop = open_shop()
    tag(shop, "NEIGHBOUR")
    own = gives(shop, Whom(id_tag="NEIGHBOUR"), "0.30")
    began = clock.now()
    session, _ = plug_in(shop, "NEIGHBOUR")
    with clock.moved_to(began + timedelta(minutes=10)):
        change_person_price(shop.owner, PersonPriceId(own.id), energy_price=Decimal("0.99"))
    charge = unplug(shop, session)
    assert charge is not None
    assert charge.gross_minor == 300
    with clock.moved_to(began + timedelta(hours=5)):
        remove_person_price(shop.owner, PersonPriceId(own.id))
    with clock.moved_to(began + timedelta(hours=6)):
        told, _ = plug_in(shop, "NEIGHBOUR", at=began + timedelta(hours=1))
        charge = unplug(shop, told)
        assert charge is not None
        assert charge.gross_minor == 990, "the price of an hour after its begin, not that of the telling"
        after, _ = plug_in(shop, "NEIGHBOUR")
        assert unplug(shop, after) is None


def test_a_price_for_everybody_leaves_it_as_it_is_and_a_hand_over_leaves_the_sale_to_whoever_sold() -> None:
    shop = open_shop()
    tag(shop, "NEIGHBOUR")
    gives(shop, Whom(id_tag="NEIGHBOUR"), "0.30")
    new = {"energy_price": Decimal(1), "time_price": Decimal(0), "session_fee": Decimal(0)}
    set_price(shop.owner, shop.connector.id, **new)
    session, _ = plug_in(shop, "NEIGHBOUR")
    archive = scene.account(name="Lindenhof bis heute")
    part_books(SYSTEM, AccountId(shop.account.id), AccountId(archive.id))
    charge = unplug(shop, session)
    assert charge is not None
    assert (charge.gross_minor, charge.account_id) == (300, archive.id)


def test_a_person_comes_before_a_group_and_a_group_before_everybody() -> None:
    shop = open_shop()
    resident = tag(shop, "RESIDENT", parent_id_tag="HOUSE")
    group = create_station_group(shop.owner, AccountId(shop.account.id), name="Haus")
    group_stations(shop.owner, StationGroupId(group.id), station_ids=[StationId(shop.station.id)])
    here = Driver(id_tag="RESIDENT", tag_groups=frozenset({"HOUSE"}))
    assert energy_price(shop, here) == Decimal("0.45")
    gives(shop, Whom(tag_group="house"), "0.40", where=(PriceWhere.GROUP, group.id))
    assert energy_price(shop, here) == Decimal("0.40")
    gives(shop, Whom(tag_group="HOUSE"), "0.35")
    assert energy_price(shop, here) == Decimal("0.35"), "the narrower place"
    own = gives(shop, Whom(id_tag="RESIDENT"), "0.30", where=(PriceWhere.GROUP, group.id))
    assert energy_price(shop, here) == Decimal("0.30"), "named himself, whatever the place"
    gives(shop, Whom(id_tag="RESIDENT"), "0.25", where=(PriceWhere.STATION, shop.station.id))
    assert energy_price(shop, here) == Decimal("0.25")
    narrow = gives(shop, Whom(id_tag="RESIDENT"), "0.20")
    assert energy_price(shop, here) == Decimal("0.20")
    assert cost(shop, "RESIDENT") == 200
    for one in (narrow, own):
        remove_person_price(shop.owner, PersonPriceId(one.id))
    assert energy_price(shop, here) == Decimal("0.25")
    update_tag(shop.owner, resident.id, parent_id_tag="")
    assert energy_price(shop, ANY_DRIVER) == Decimal("0.45")


def test_a_driver_who_is_known_sees_what_he_pays_and_a_free_one_holds_no_money() -> None:
    shop = open_shop()
    own = gives(shop, Whom(name="Anna", email=" Anna@Example.org "), "0.30")
    at = ConnectorId(shop.connector.id)
    offer = offer_of(ANYONE, at, ANNA)
    assert offer.terms is not None
    assert (offer.terms.energy_price, offer.terms.personal, offer.hold_minor > 0) == (Decimal("0.30"), True, True)
    stranger = offer_of(ANYONE, at)
    assert stranger.terms is not None
    assert stranger.terms.energy_price == Decimal("0.45")
    told: dict[str, Any] = {"email": "anna@example.org", "language": "de", "terms_accepted": True}
    typed = request_payment(ANYONE, at, **told)
    assert typed.terms["energy_price"] == "0.45", "an address that was only typed proves nothing"
    asked = request_payment(Actor.payer(typed.id), at, driver=ANNA, **told)
    assert (asked.terms["energy_price"], asked.terms["personal"]) == ("0.30", "True")
    change_person_price(shop.owner, PersonPriceId(own.id), energy_price=Decimal(0))
    assert offer_of(ANYONE, at, ANNA).hold_minor == 0
    free = request_payment(Actor.payer(asked.id), at, driver=ANNA, **told)
    assert (free.hold_minor, free.provider) == (0, "none")


def test_without_a_public_price_and_outside_the_hours_only_who_is_named_can_charge() -> None:
    shop = open_shop()
    at = ConnectorId(shop.connector.id)
    gives(shop, Whom(email=ANNA.email), "0.30", where=(PriceWhere.STATION, shop.station.id))
    set_connector_hours(shop.owner, at, OpeningHours(outside=OutsideHours.OWN))
    assert offer_of(ANYONE, at).refusal == "closed"
    assert offer_of(ANYONE, at, ANNA).refusal is None
    set_connector_hours(shop.owner, at, OpeningHours(outside=OutsideHours.NOBODY))
    assert offer_of(ANYONE, at, ANNA).refusal == "closed"
    set_connector_hours(shop.owner, at, None)
    remove_price(shop.owner, shop.connector.id)
    assert offer_of(ANYONE, at).refusal == "no_price"
    assert offer_of(ANYONE, at, ANNA).refusal is None


def test_a_known_driver_starts_outside_the_hours() -> None:
    shop = open_shop()
    gives(shop, Whom(email=ANNA.email), "0")
    set_connector_hours(shop.owner, ConnectorId(shop.connector.id), OpeningHours(outside=OutsideHours.OWN))
    asked = request_payment(
        ANYONE, ConnectorId(shop.connector.id), email="", language="de", terms_accepted=True, driver=ANNA
    )
    payment_id = PaymentId(asked.id)
    checkout.start(payment_id)
    worker.drain()
    assert scene.row(Payment, asked.id).state is PaymentState.HELD
    session = shop.plug_in(payment_id)
    shop.unplug(session, 10_000)
    worker.drain()
    (charge,) = scene.rows(Charge, Charge.session_id == session.id)
    assert charge.gross_minor == 0


@pytest.mark.parametrize(
    ("whom", "problem"),
    [
        (Whom(), {"whom": "required"}),
        (Whom(email="a@example.org", tag_group="X"), {"whom": "not_both"}),
        (Whom(email="nobody"), {"email": "not_an_email"}),
        (Whom(id_tag="UNKNOWN"), {"id_tag": "unknown_tag"}),
        (Whom(tag_group="UNKNOWN"), {"tag_group": "unknown_group"}),
        (Whom(name="x" * 81, email="a@example.org"), {"name": "too_long"}),
        (Whom(email="anna@example.org"), {"whom": "taken"}),
    ],
)
def test_what_names_nobody_is_refused(whom: Whom, problem: dict[str, str]) -> None:
    shop = open_shop()
    gives(shop, Whom(email="anna@example.org"), "0.30")
    with pytest.raises(Invalid) as refused:
        gives(shop, whom, "0.20")
    assert refused.value.fields == problem


def test_places_of_others_are_not_found_and_neither_are_their_tags() -> None:
    shop, other = open_shop(), open_shop()
    tag(other, "THEIRS")
    with pytest.raises(Invalid) as refused:
        gives(shop, Whom(id_tag="THEIRS"), "0.20")
    assert refused.value.fields == {"id_tag": "unknown_tag"}
    theirs = gives(other, Whom(email=ANNA.email), "0.10", where=(PriceWhere.STATION, other.station.id))
    for place in ((PriceWhere.CONNECTOR, other.connector.id), (PriceWhere.STATION, other.station.id)):
        with pytest.raises(NotFound):
            gives(shop, Whom(email=ANNA.email), "0.20", where=place)
    for deed in (remove_person_price, lambda *of: change_person_price(*of, energy_price=Decimal(1))):
        with pytest.raises(NotFound):
            deed(shop.owner, PersonPriceId(theirs.id))
    assert person_price_page(shop.owner).total == 0
    assert energy_price(shop, ANNA) == Decimal("0.45"), "known there, not here"
    viewer = scene.somebody(Role.VIEWER, other.account)
    assert [row.station_name for row in person_prices(viewer)] == ["Lindenhof Ost"]
    with pytest.raises(Forbidden):
        remove_person_price(viewer, PersonPriceId(theirs.id))


def test_the_list_is_searched_and_paged() -> None:
    shop = open_shop()
    made = [gives(shop, Whom(name=f"Person {n}", email=f"p{n}@example.org"), "0.30") for n in range(3)]
    page = person_price_page(shop.owner, AccountId(shop.account.id), size=2)
    assert ([row.own.name for row in page.items], page.total) == (["Person 2", "Person 1"], 3)
    assert [row.own.name for row in person_price_page(shop.owner, size=2, number=2).items] == ["Person 0"]
    assert [row.own.id for row in person_prices(shop.owner, text="p1@")] == [made[1].id]
    assert [row.own.id for row in person_prices(shop.owner, before=made[2].id, limit=1)] == [made[1].id]
    change_person_price(shop.owner, PersonPriceId(made[1].id), energy_price=Decimal("0.10"))
    assert [row.tariff.energy_price for row in person_prices(shop.owner, text="Person 1")] == [Decimal("0.10")]


def test_prices_of_single_people_need_no_licence_and_groups_do() -> None:
    shop = open_shop()
    tag(shop, "RESIDENT", parent_id_tag="HOUSE")
    group = create_station_group(shop.owner, AccountId(shop.account.id), name="Haus")
    with db.transaction(writing=True) as unit:
        unit.session.execute(delete(Entitlement))
    gives(shop, Whom(id_tag="RESIDENT"), "0.20")
    for whom, where in ((Whom(tag_group="HOUSE"), None), (Whom(email=ANNA.email), (PriceWhere.GROUP, group.id))):
        with pytest.raises(LicenceNeeded):
            gives(shop, whom, "0.20", where=where)


def test_prices_of_people_go_with_a_station_and_end_with_an_account() -> None:
    shop, other = open_shop(), make.property(name="Haus im Tal", vat_registered=False)
    for where in ((PriceWhere.CONNECTOR, shop.connector.id), (PriceWhere.STATION, shop.station.id)):
        gives(shop, Whom(email=ANNA.email), "0.30", where=where)
    move_station(SYSTEM, StationId(shop.station.id), AccountId(other.id))
    worker.drain()
    assert person_price_page(shop.owner).total == 0
    terms = terms_of(ANYONE, shop.connector.id, ANNA)
    assert terms is not None
    assert (terms.energy_price, terms.vat_percent) == (Decimal("0.30"), None), "the new seller is not registered"
    assert {row.account_id for row in scene.rows(PersonPrice)} == {other.id}
    end_selling(SYSTEM, AccountId(other.id))
    assert {row.email for row in scene.rows(PersonPrice)} == {""}
    assert energy_price(shop, ANNA) == Decimal("0.45")


def test_an_address_gets_one_link_of_an_account_in_five_minutes_whatever_price_it_is_for() -> None:
    shop = open_shop()
    anna = Whom(email="anna@example.org")
    own = gives(shop, anna, "0.30", tell=True)
    with pytest.raises(Conflict) as refused:
        send_price_link(shop.owner, PersonPriceId(own.id))
    assert refused.value.code == "link_sent_lately"
    remove_person_price(shop.owner, PersonPriceId(own.id))
    silent = gives(shop, anna, "0.30", tell=True)
    assert silent.link_wanted_at is None, "the price counts, and only the letter is held back"
    assert energy_price(shop, ANNA) == Decimal("0.30")
    gives(shop, Whom(email="berta@example.org"), "0.30", tell=True)
    with clock.moved_to(clock.now() + LINK_AGAIN_AFTER + timedelta(seconds=1)):
        send_price_link(shop.owner, PersonPriceId(silent.id))
    assert len(scene.rows(OutboxRow, OutboxRow.kind.contains("PriceLinkWanted"))) == 3
