"""The driver's own page: from "plug in now" to the receipt, and what everybody else sees meanwhile."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from billing.models import Document
from billing.values import PaymentState
from charging.models import ChargingSession
from kit import clock, settings, worker
from stations.models import StationCommand
from stations.values import Action, CommandState, ConnectorStatus
from tests.portal.garage import BY_ENERGY, Garage, garage, newest, payments
from tests.portal.phone import Phone

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def place(app: Flask) -> Garage:
    """A garage where paying works."""
    return garage(app)


@pytest.fixture
def phone(app: Flask) -> Phone:
    """The driver's."""
    return Phone(app)


def link() -> str:
    """The address of the newest payment's page."""
    return f"/s/{payments()[-1].link_key}"


def test_a_session_from_the_card_to_the_receipt(place: Garage, phone: Phone) -> None:
    landed = place.pay(phone)
    assert "Plug in now" in landed.text
    assert "CHF 60.00 are reserved. If nothing is plugged in by" in landed.text
    transaction_id = place.plug_in()
    begun = clock.now()
    place.meter(transaction_id, 0, 11_000)
    with clock.moved_to(begun + HALF_AN_HOUR):
        place.says(ConnectorStatus.CHARGING)
        place.meter(transaction_id, 5_000, 10_900)
        charging = phone.get(link())
        for words in ("Charging since", "5.000 kWh", "Cost so far CHF 3.85", "Duration 30 min", "Power 10.9 kW"):
            assert words in charging.text
        assert "CHF 3.85 of the reserved CHF 60.00." in charging.text
        assert "at most 11.0 kW, last 10.9 kW." in charging.text
        stopping = phone.send(charging, "/stop")
        assert "The station was asked to stop." in stopping.text
        assert newest(StationCommand).payload == {"transactionId": transaction_id}
        place.answer(Action.REMOTE_STOP, CommandState.ACCEPTED)
        place.end(transaction_id, 5_000)
        done = phone.get(link())
    assert "Done. Thank you!" in done.text
    for words in ("CHF 3.85", "5.000 kWh × CHF 0.45 per kWh CHF 2.25", "30 min × CHF 0.02 per minute CHF 0.60"):
        assert words in done.text
    for words in ("Per session CHF 1.00", "Total CHF 3.85", "VAT 8.1 % in it CHF 0.29"):
        assert words in done.text
    assert "CHF 56.15 of the reserved CHF 60.00 were released. Most banks show it at once" in done.text
    (payment,) = payments()
    assert (payment.state, payment.captured_minor, payment.fee_minor) == (PaymentState.CAPTURED, 385, 39)


def test_the_receipt_is_the_operator_s_and_its_first_drawing_is_remembered(app: Flask, phone: Phone) -> None:
    place = garage(app, price=BY_ENERGY)
    place.pay(phone)
    assert phone.get(f"{link()}/receipt.pdf").status == 404
    transaction_id = place.plug_in(ago=timedelta(hours=2))
    place.end(transaction_id, 20_000)
    done = phone.get(link())
    assert f'href="{link()}/receipt.pdf"' in done.html
    pdf = phone.get(f"{link()}/receipt.pdf")
    document = newest(Document)
    assert (pdf.status, pdf.headers["Content-Type"]) == (200, "application/pdf")
    assert pdf.headers["Content-Disposition"] == f'inline; filename="{document.snapshot["number"]}.pdf"'
    words = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.raw)).pages)
    assert "Garage Muster AG" in words
    assert "10.00" in words
    assert document.sha256 is not None
    assert phone.get(f"{link()}/receipt.pdf").raw == pdf.raw


def test_receipts_are_shown_to_nobody_else(place: Garage, phone: Phone, app: Flask) -> None:
    place.pay(phone)
    place.end(place.plug_in(), 20_000)
    document = newest(Document)
    stranger = Phone(app)
    assert stranger.get(f"/receipts/{document.id}.pdf", follow=False).status == 302
    assert stranger.get("/s/not-the-key/receipt.pdf").status == 404
    first = link()
    place.pay(stranger)
    assert stranger.get(f"{link()}/{document.id}.pdf").status == 404
    assert stranger.get(f"{first}/{document.id}.pdf").status == 200


def test_scanning_again_leads_the_payer_back_and_shows_others_only_that_it_is_taken(
    place: Garage, phone: Phone, app: Flask
) -> None:
    place.pay(phone)
    transaction_id = place.plug_in()
    place.meter(transaction_id, 7_000, 11_000)
    assert phone.get(f"/q/{place.code}").path == link()
    stranger = Phone(app).get(f"/q/{place.code}")
    assert "Occupied since" in stranger.text
    for secret in ("7.000", "kWh ×", "Stop", "Cost so far", link()):
        assert secret not in stranger.html
    assert "0.45" in stranger.text


def test_the_time_since_when_it_is_taken_is_the_start_of_the_session(place: Garage, phone: Phone, app: Flask) -> None:
    place.pay(phone)
    place.plug_in()
    started: datetime = newest(ChargingSession).started_at
    with clock.moved_to(started + timedelta(minutes=10)):
        place.says(ConnectorStatus.CHARGING)
        words = Phone(app).get(f"/q/{place.code}").text
    local = started.astimezone(clock.now().astimezone().tzinfo)
    assert "Occupied since" in words
    assert f":{local:%M}" in words[words.index("Occupied since") :][:25]


def test_a_foreign_cookie_sees_and_stops_nothing(place: Garage, phone: Phone, app: Flask) -> None:
    place.pay(phone)
    transaction_id = place.plug_in()
    stranger = Phone(app)
    other = garage(app)
    own = other.pay(stranger)
    assert "Occupied since" in stranger.get(f"/q/{place.code}").text
    _action, fields = own.form("/stop")
    commands = newest(StationCommand).id
    answer = stranger.client.post("/s/not-the-key/stop", data=fields)
    assert answer.status_code == 404
    assert newest(StationCommand).id == commands
    assert transaction_id


def test_the_mailed_link_works_in_another_browser_which_then_is_the_payer_s_too(
    place: Garage, phone: Phone, app: Flask
) -> None:
    place.pay(phone, email="anna@example.org")
    place.plug_in()
    laptop = Phone(app)
    assert "Charging since" in laptop.get(link()).text
    assert laptop.get(f"/q/{place.code}").path == link()


def test_nothing_plugged_in_gives_the_money_back_and_says_so(place: Garage, phone: Phone) -> None:
    place.pay(phone)
    with clock.moved_to(clock.now() + timedelta(seconds=91)):
        place.says(ConnectorStatus.AVAILABLE)
        worker.run_jobs()
        worker.drain()
        page = phone.get(link())
    assert "The session did not start" in page.text
    assert "Nothing was plugged in within 90 seconds." in page.text
    assert "The reserved CHF 60.00 were released. Most banks show it at once, some take up to 10 days." in page.text
    assert payments()[0].state is PaymentState.RELEASED


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (CommandState.REFUSED, "The station refused to start."),
        (CommandState.TIMED_OUT, "The station did not answer in time."),
        (CommandState.EXPIRED, "The station has no connection at the moment."),
    ],
)
def test_a_start_that_fails_says_why_and_gives_the_money_back(
    place: Garage, phone: Phone, state: CommandState, why: str
) -> None:
    place.pay(phone)
    place.answer(Action.REMOTE_START, state)
    page = phone.get(link())
    assert why in page.text
    assert "The reserved CHF 60.00 were released." in page.text
    assert f'href="/q/{place.code}"' in page.html
    assert phone.get(f"/q/{place.code}").has_form(f"/q/{place.code}")


def test_with_the_cable_in_already_the_page_says_that_it_starts(place: Garage, phone: Phone) -> None:
    place.says(ConnectorStatus.PREPARING)
    page = place.pay(phone)
    assert "Starting" in page.text
    assert "Plug in now" not in page.text


def test_the_driver_can_cancel_before_plugging_in(place: Garage, phone: Phone) -> None:
    landed = place.pay(phone)
    phone.send(landed, "/stop")
    worker.drain()
    page = phone.get(link())
    assert "You cancelled the start." in page.text
    assert payments()[0].state is PaymentState.RELEASED


def test_a_station_that_does_not_stop_lets_the_driver_try_again(place: Garage, phone: Phone) -> None:
    place.pay(phone)
    place.plug_in()
    phone.send(phone.get(link()), "/stop")
    place.answer(Action.REMOTE_STOP, CommandState.REFUSED)
    page = phone.get(link())
    assert "The station did not stop. Please try again, or unplug the car." in page.text
    assert "Stop charging" in page.text


def test_stopping_what_has_ended_is_no_error(place: Garage, phone: Phone) -> None:
    place.pay(phone)
    transaction_id = place.plug_in()
    charging = phone.get(link())
    place.end(transaction_id, 20_000, "EVDisconnected")
    page = phone.send(charging, "/stop")
    assert (page.status, "Done. Thank you!" in page.text) == (200, True)


def test_what_costs_less_than_the_smallest_amount_is_free(app: Flask, phone: Phone) -> None:
    place = garage(app, price={"session": "0"})
    place.pay(phone)
    place.end(place.plug_in(), 100)
    page = phone.get(link())
    assert "Done. Nothing to pay" in page.text
    assert "The reserved CHF 60.00 were released." in page.text
    assert payments()[0].state is PaymentState.RELEASED


def test_a_free_session_ends_without_a_word_of_money(app: Flask, phone: Phone) -> None:
    place = garage(app, price={"energy": "0", "time": "0", "session": "0"}, payable=False)
    phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    place.end(place.plug_in(), 9_000)
    page = phone.get(link())
    assert "Done. Thank you!" in page.text
    assert "Charging is free here." in page.text
    assert "reserved" not in page.text


def test_the_address_can_be_entered_and_corrected_on_the_page(place: Garage, phone: Phone) -> None:
    landed = place.pay(phone)
    wrong = phone.send(landed, "/email", email="anna@")
    assert wrong.status == 422
    assert "This is not an e-mail address." in wrong.text
    assert 'value="anna@"' in wrong.html
    assert payments()[0].email == ""
    saved = phone.send(wrong, "/email", email="anna@example.org")
    assert "Saved. The link to this page is on its way to anna@example.org." in saved.text
    phone.send(saved, "/email", email="anna.muster@example.org")
    worker.drain()
    assert payments()[0].email == "anna.muster@example.org"
    assert any("anna.muster@example.org" in letter for letter in letters())


def test_the_link_is_mailed_when_the_money_is_reserved(place: Garage, phone: Phone) -> None:
    place.pay(phone, email="anna@example.org")
    (letter,) = [letter for letter in letters() if "anna@example.org" in letter]
    assert f"http://localhost:8000{link()}" in letter


def test_a_wrong_link_says_what_to_do(phone: Phone) -> None:
    page = phone.get("/s/nothing-of-ours")
    assert page.status == 404
    assert "Please copy the whole link from the mail." in page.text


def test_the_session_s_page_is_kept_by_nobody(place: Garage, phone: Phone) -> None:
    place.pay(phone)
    page = phone.get(link())
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def letters() -> list[str]:
    """The letters in the demo's folder, as text."""
    return [path.read_text(encoding="utf-8") for path in sorted(settings.current().mail_dir.glob("*"))]


@pytest.mark.parametrize("deed", ["stop", "give-up", "email"])
def test_a_deed_s_address_opened_anew_shows_the_session(place: Garage, phone: Phone, deed: str) -> None:
    place.pay(phone)
    page = phone.get(f"{link()}/{deed}?lang=fr")
    assert page.path == link()
    assert '<html lang="fr">' in page.html
    assert payments()[0].state is PaymentState.HELD


def test_refusals_speak_to_drivers_and_lead_to_the_number(app: Flask) -> None:
    page = Phone(app).get("/s/nothing-of-ours")
    assert 'href="/code"' in page.html
    assert "/login" not in page.html
