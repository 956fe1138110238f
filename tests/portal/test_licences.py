"""The plan page, offers instead of dead buttons, invoices, and the desk of the platform's staff."""

from io import BytesIO
from urllib.parse import urlsplit

import pytest
from flask import Flask

from accounts.access import SYSTEM
from accounts.use_cases import make_staff
from licensing.models import BankBooking
from tests import make, people, scene
from tests.licensing.shop import Shop, open_shop
from tests.licensing.test_bank import Part, entry, message
from tests.portal.desk import Desk, at_a_desk


@pytest.fixture
def shop(app: Flask) -> Shop:
    """Three stations in the free plan."""
    return open_shop()


@pytest.fixture
def desk(app: Flask, shop: Shop) -> Desk:
    """Their owner."""
    return at_a_desk(app, shop.master.login.email)


def test_an_offer_stands_where_a_licence_is_needed(desk: Desk, shop: Shop) -> None:
    station = shop.station_ids[0]
    for path in (f"/stations/{station}/maintenance", f"/messages?station={station}", "/messages", "/work-orders/new"):
        page = desk.get(path)
        assert page.status == 402, path
        assert "Try it for 30 days" in page.text
        assert "CHF 9.00" in page.text
    files = desk.get(f"/stations/{station}/files")
    assert (files.status, "is part of Premium" in files.text) == (200, True)
    assert "Ask for a file" not in files.text
    assert "Look at the offer" in desk.get(f"/stations/{station}/settings").text
    offer = desk.get(f"/licences/offer/{shop.id}/message_log")
    assert (offer.status, "Every message between station and platform" in offer.text) == (200, True)
    assert desk.get(f"/licences/offer/{shop.id}/nothing").status == 404


def test_try_buy_add_change_and_cancel_on_the_plan_page(desk: Desk, shop: Shop) -> None:
    first, second, third = map(str, shop.station_ids)
    assert "Try Premium for 30 days" in desk.get("/licences").text
    buy = f"/licences/{shop.id}/buy"
    assert "Please fill this in." in desk.post(buy, step="trial").text
    desk.post(buy, step="trial", station=first)
    page = desk.get("/licences").text
    assert "Trial" in page
    assert "Days left 30" in page
    assert desk.get(f"/stations/{first}/maintenance").status == 200
    desk.post(buy, step="buy", interval="month", station=first)
    page = desk.get("/licences").text
    assert "Running" in page
    assert "CHF 9.00" in page
    desk.post(f"/licences/{shop.id}/add", at="/licences", station=second)
    assert "L-000002" in desk.get("/licences").text
    desk.post(f"/licences/{shop.id}/yearly", at="/licences")
    assert "Monthly after this year" in desk.get("/licences").text
    place = shop.held.places[0].place.id
    desk.post(f"/licences/places/{place}/move", at="/licences", station=third)
    desk.post(f"/licences/places/{place}/give-up", at="/licences")
    assert "Keep" in desk.get("/licences").text
    desk.post(f"/licences/{shop.id}/cancel", at="/licences")
    assert "Go on after all" in desk.get("/licences").text
    desk.post(f"/licences/{shop.id}/resume", at="/licences")
    assert desk.post(f"/licences/{shop.id}/nonsense", at="/licences").status == 404


def test_a_master_without_a_station_is_led_to_the_accounts_that_have_some(app: Flask, shop: Shop) -> None:
    everybody = people.everybody()
    alice, bob = (at_a_desk(app, login.email) for login in (everybody.alice_login, everybody.bob_login))
    page = alice.get(f"/licences/{everybody.master.id}/buy")
    for below in (everybody.home, everybody.next_door):
        assert f'href="/licences/{below.id}/buy">{below.name}<' in page.html
    assert "Add one first" in alice.get(f"/licences/{everybody.home.id}/buy").text
    assert bob.get(f"/licences/{everybody.master.id}/buy").status == 404


def test_an_invoice_is_read_drawn_and_paid_by_card(desk: Desk, shop: Shop) -> None:
    desk.post(f"/licences/{shop.id}/buy", step="buy", interval="year", station=str(shop.station_ids[0]))
    (invoice,) = shop.invoices()
    path = f"/licences/invoices/{invoice.id}"
    assert "CHF 90.00" in desk.get(path).text
    pdf = desk.get(f"{path}.pdf")
    assert (pdf.status, pdf.raw[:5]) == (200, b"%PDF-")
    provider = urlsplit(desk.post(f"{path}/pay", at=path).headers["Location"]).path
    desk.post(f"{provider}/pay", at=provider, card_number="4242 4242 4242 4242")
    desk.get(f"{path}/return")
    assert "Paid by card" in desk.get(path).text


def test_others_see_nothing_of_it(app: Flask, shop: Shop, desk: Desk) -> None:
    desk.post(f"/licences/{shop.id}/buy", step="buy", interval="year", station=str(shop.station_ids[0]))
    stranger = at_a_desk(app, make.account(name="Fremde AG").login.email)
    path = f"/licences/invoices/{shop.invoices()[0].id}"
    for hidden in (path, f"{path}.pdf", f"/licences/{shop.id}/buy", f"/licences/offer/{shop.id}/alarms"):
        assert stranger.get(hidden).status == 404, hidden
    for hidden in ("/platform/licences", f"/platform/licences/accounts/{shop.id}"):
        assert desk.get(hidden).status == 404, hidden


def test_the_desk_of_the_platform(app: Flask, shop: Shop, desk: Desk) -> None:
    desk.post(f"/licences/{shop.id}/buy", step="buy", interval="year", station=str(shop.station_ids[0]))
    login = make.account(name="Plattform AG").login
    make_staff(SYSTEM, email=login.email)
    staff = at_a_desk(app, login.email)
    page = staff.get("/platform/licences").text
    assert "Garage Muster AG" in page
    assert "L-000001" in page
    invoice = shop.invoices()[0].id
    staff.post(f"/platform/licences/invoices/{invoice}/paid", at="/platform/licences")
    assert shop.invoices()[0].paid_at is not None
    price = "/platform/licences/prices/premium/CHF/month"
    staff.post(price, gross_minor="12.50")
    assert "CHF 12.50" in desk.get(f"/licences/{shop.id}/buy").text or "CHF 12.50" in desk.get("/licences").text
    gift = f"/platform/licences/accounts/{shop.id}"
    assert "Please fill this in." in staff.post(gift, days="10", reason="").text
    staff.post(gift, days="10", reason="Pilot")
    assert shop.has(2)
    assert "Pilot" in staff.get(gift).text
    row = shop.held.gifts[0].id
    staff.post(f"/platform/licences/gifts/{row}/end", at=gift)
    assert not shop.has(2)


def test_staff_reads_a_file_of_the_bank_and_looks_at_what_does_not_fit(app: Flask, shop: Shop, desk: Desk) -> None:
    desk.post(f"/licences/{shop.id}/buy", step="buy", interval="year", station=str(shop.station_ids[0]))
    login = make.account(name="Plattform AG").login
    make_staff(SYSTEM, email=login.email)
    staff = at_a_desk(app, login.email)
    path = "/platform/licences/bank"
    assert "This is no camt.053 or camt.054 file." in staff.post(path, file=(BytesIO(b"x"), "camt.xml")).text
    content = message(entry("1.00", Part("1.00", shop.invoices()[0].reference, "T1")))
    staff.post(path, file=(BytesIO(content), "camt.xml"))
    page = staff.get(path).text
    assert "Another amount" in page
    row = scene.rows(BankBooking)[0].id
    staff.post(f"{path}/{row}/put-away", at=path, note="")
    staff.post(f"{path}/{row}/settle", at=path, number="L-000001", note="Skonto")
    assert shop.invoices()[0].paid_at is not None
    assert "Skonto" in staff.get(f"{path}?state=settled").text
    assert desk.get(path).status == 404


def test_a_card_is_stored_on_the_providers_page_and_removed_again(shop: Shop, desk: Desk) -> None:
    desk.post(f"/licences/{shop.id}/buy", step="buy", interval="year", station=str(shop.station_ids[0]))
    assert "Store a card" in desk.get("/licences").text
    provider = urlsplit(desk.post(f"/licences/{shop.id}/card", at="/licences").headers["Location"]).path
    assert "Nothing is taken now" in desk.get(provider).text
    desk.post(f"{provider}/pay", at=provider, card_number="4242 4242 4242 4242")
    desk.get(f"/licences/{shop.id}/card/return")
    page = desk.get("/licences").text
    assert "•••• 4242" in page
    assert "Take another card" in page
    desk.post(f"/licences/{shop.id}/card/remove", at="/licences")
    assert "•••• 4242" not in desk.get("/licences").text
