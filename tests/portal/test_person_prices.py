"""Prices of people in the browser: the operator's list, and what the person sees who opened the mailed link."""

import re
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes, policy

import pytest
from flask import Flask

from accounts.values import AccountId
from billing.models import PersonPrice, Tariff
from billing.use_cases import Whom, add_person_price, remove_person_price
from billing.use_cases.person_prices import LINK_AGAIN_AFTER
from billing.values import PaymentState, PersonPriceId, PriceWhere
from charging.use_cases import add_tag
from kit import clock, worker
from kit.settings import Settings
from tests import make, scene
from tests.portal.garage import Garage, garage, payments
from tests.portal.office import Office, office
from tests.portal.phone import Phone

WHOM = Whom(name="Anna", email="anna@example.org")


@pytest.fixture
def place(app: Flask) -> Garage:
    """A garage where paying works."""
    return garage(app)


def give(place: Garage, energy: str) -> PersonPrice:
    at = PriceWhere.CONNECTOR, place.made.connector.id
    own = add_person_price(place.made.owner, *at, WHOM, energy_price=Decimal(energy), tell=True)
    worker.drain()
    return own


def mailed_link(settings: Settings) -> str:
    letters = [letter.read_bytes() for letter in (settings.var_dir / "mail").glob("*.eml")]
    texts = [message_from_bytes(letter, policy=policy.default).get_content() for letter in letters]
    (link,) = re.findall(r"http://localhost:8000(/own-price/\S+)", "\n".join(texts))
    return str(link)


def test_an_operator_adds_finds_changes_and_removes_a_price(app: Flask) -> None:
    at_work: Office = office(app)
    alice, home = at_work.alice, at_work.people.home
    station = make.station(property=home, owner=at_work.people.alice, name="Hof")
    add_tag(at_work.people.alice, AccountId(home.id), "04AA")
    assert "No prices for people yet" in alice.get("/person-prices").text
    assert "Hof, connector 1" in alice.get("/person-prices/new").text
    facts = {"name": "Anna", "id_tag": "04aa", "energy_price": "0,30", "time_price": "", "session_fee": ""}
    spot = f"connector:{station.connector.id}"
    sent = alice.post("/person-prices/new", place=spot, **facts)
    assert (sent.status, sent.headers["Location"]) == (303, "/person-prices")
    (own,) = scene.rows(PersonPrice)
    assert (own.name, own.id_tag, own.connector_id, own.account_id) == ("Anna", "04AA", station.connector.id, home.id)
    assert "Anna 04AA · Hof, connector 1 · Haus am See CHF 0.30 per kWh" in alice.get("/person-prices?text=ann").text
    assert "Nobody fits" in alice.get("/person-prices?text=berta").text
    assert "Anna" in alice.get(f"/person-prices?station={station.id}").text
    for fields, words in (
        ({**facts, "place": spot}, "This person or group has a price there already."),
        ({"place": spot, "energy_price": "1"}, "Please name somebody"),
        ({"place": "", "id_tag": "04AA"}, "Please fill this in."),
        ({"place": spot, "id_tag": "04BB"}, "No tag of the account has this number."),
        ({"place": spot, "id_tag": "04AA", "energy_price": "x"}, "Please enter a number"),
    ):
        refused = alice.post("/person-prices/new", **fields)
        assert (refused.status, words in refused.text) == (422, True), words
    page = f"/person-prices/{own.id}"
    assert 'value="0.3"' in alice.get(page).html
    assert alice.post(page, energy_price="0", time_price="", session_fee="").status == 303
    assert [str(row.energy_price) for row in scene.rows(Tariff)] == ["0.30", "0"]
    assert alice.post(f"{page}/remove", at=page).status == 303
    assert alice.get(page).status == 404
    assert at_work.charlie.get(page).status == 404


def test_whoever_opened_the_link_sees_and_pays_the_own_price_and_can_be_forgotten(
    place: Garage, app: Flask, settings: Settings
) -> None:
    give(place, "0.20")
    phone = Phone(app)
    assert "0.45" in phone.get(f"/q/{place.code}").text
    shown = phone.get(mailed_link(settings))
    assert "Tiefgarage Ost, connector 1" in shown.text
    assert "CHF 0.20" in shown.text
    offer = phone.get(f"/q/{place.code}")
    assert "Your own price, as anna@example.org." in offer.text
    assert "0.45" not in offer.text
    place.pay(phone)
    place.end(place.plug_in(ago=timedelta(hours=2)), 10_000)
    (payment,) = payments()
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, 200)
    forgotten = phone.send(phone.get(f"/q/{place.code}"), "/own-price/forget")
    assert forgotten.path == "/code"
    assert "0.45" in phone.get(f"/q/{place.code}").text
    assert "0.45" in Phone(app).get(f"/q/{place.code}").text


def test_a_free_price_needs_no_card(place: Garage, app: Flask, settings: Settings) -> None:
    give(place, "0")
    phone = Phone(app)
    phone.get(mailed_link(settings))
    offer = phone.get(f"/q/{place.code}")
    assert "Charging costs nothing here." in offer.text
    phone.send(offer, f"/q/{place.code}", terms="yes")
    worker.drain()
    (payment,) = payments()
    assert (payment.state, payment.hold_minor, payment.provider) == (PaymentState.HELD, 0, "none")


def test_a_link_that_was_changed_or_whose_price_is_gone_opens_nothing(
    place: Garage, app: Flask, settings: Settings
) -> None:
    own = give(place, "0.20")
    link = mailed_link(settings)
    assert Phone(app).get(f"{link[:-4]}AAAA").status == 409
    phone = Phone(app)
    phone.get(link)
    cookie = phone.client.get_cookie("driver")
    assert cookie is not None
    assert Phone(app).get(f"/own-price/{cookie.value}").status == 409
    remove_person_price(place.made.owner, PersonPriceId(own.id))
    assert Phone(app).get(link).status == 404


def test_the_link_is_not_mailed_again_and_again(app: Flask) -> None:
    at_work: Office = office(app)
    desk, owner = at_work.alice, at_work.people.alice
    spot = PriceWhere.STATION, make.station(property=at_work.people.home, owner=owner).id
    own = add_person_price(owner, *spot, WHOM, energy_price=Decimal("0.20"), tell=True)
    page = f"/person-prices/{own.id}"
    desk.post(f"{page}/link", at=page)
    assert "mailed a link less than five minutes ago" in desk.get(page).text
    with clock.moved_to(clock.now() + LINK_AGAIN_AFTER):
        desk.post(f"{page}/link", at=page)
        assert "The link is on its way." in desk.get(page).text


def test_a_second_price_for_an_address_is_kept_and_its_letter_held_back(app: Flask) -> None:
    at_work: Office = office(app)
    desk, owner = at_work.alice, at_work.people.alice
    one, other = (make.station(property=at_work.people.home, owner=owner).id for _ in range(2))
    for place in (one, other):
        form = {"place": f"station:{place}", "email": "anna@example.org", "energy_price": "0.20", "tell": "1"}
        assert desk.post("/person-prices/new", **form).status == 303
        told = desk.get("/person-prices").text
        assert "Saved." in told
        assert ("mailed a link less than five minutes ago" in told) is (place == other)
    assert [row.station_id for row in scene.rows(PersonPrice)] == [one, other]
