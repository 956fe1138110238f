"""Income, receipts and refunds in the browser, from sessions that were really paid."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from accounts.models import Account
from accounts.rights import Role
from billing.models import Document, Payment, Refund
from billing.values import DocumentKind
from kit import clock, worker
from stations.models import Connector
from tests import make, scene
from tests.portal.desk import Desk, at_a_desk
from tests.portal.garage import BY_ENERGY, Garage, garage, newest
from tests.portal.phone import Phone


@pytest.fixture(autouse=True)
def _middle_of_a_month() -> Iterator[None]:
    """What began an hour ago began this month."""
    with clock.moved_to(clock.now().replace(day=15, hour=12)):
        yield


@pytest.fixture
def place(app: Flask) -> Garage:
    """A garage where one session of 20 kWh was paid: CHF 9.00 for energy and CHF 1.00 once."""
    made = garage(app, price=BY_ENERGY)
    made.pay(Phone(app), email="driver@example.org")
    made.end(made.plug_in(ago=timedelta(hours=2)), 20_000)
    return made


@pytest.fixture
def owner(app: Flask, place: Garage) -> Desk:
    """Who owns the garage, reading English."""
    return english(app, make.login(account=place_account(place), role=Role.OWNER).email)


def place_account(place: Garage) -> Account:
    """The property that earns."""
    account: Account = make.row(Account, place.connector.account_id)
    return account


def english(app: Flask, email: str) -> Desk:
    """At a desk, reading English."""
    desk = at_a_desk(app, email)
    desk.post("/language", at="/me", language="en", next="/me")
    return desk


def test_what_was_earned_stands_by_month_and_by_receipt(owner: Desk) -> None:
    page = owner.get("/income")
    receipt = newest(Document)
    assert "Available soon CHF 9.00" in page.text
    assert f"{clock.now():%B %Y} CHF 10.00 CHF 0.75 CHF 1.00 CHF 9.00" in page.text
    assert f"Receipt {receipt.snapshot['number']}" in page.text
    pdf = owner.get(f"/receipts/{receipt.id}.pdf")
    assert pdf.raw.startswith(b"%PDF-")
    assert "Drivers can't pay yet" not in page.text


def test_the_session_shows_price_payment_and_receipt(owner: Desk, place: Garage) -> None:
    receipt = newest(Document)
    page = owner.get(f"/sessions/{receipt.session_id}")
    for words in (
        "Energy: 20.000 kWh at CHF 0.45 CHF 9.00",
        "Per session CHF 1.00",
        "Total CHF 10.00",
        "Payment Paid",
        "Platform fee CHF 1.00",
        "Kind of start Paid by card",
    ):
        assert words in page.text
    assert f"/receipts/{receipt.id}.pdf" in page.html
    assert "ws-connect" not in page.html


def test_a_part_is_given_back_once_and_a_credit_note_is_written(owner: Desk) -> None:
    payment = newest(Payment)
    path = f"/payments/{payment.id}/refund"
    form = owner.get(path)
    assert "Can be given back CHF 10.00" in form.text
    key = re.search(r'name="key" value="([^"]+)"', form.html)
    assert key
    for _ in range(2):
        assert owner.post(path, amount="4,00", key=key.group(1)).status == 303
    worker.drain()
    assert [row.amount_minor for row in scene.rows(Refund)] == [400]
    assert newest(Document).kind is DocumentKind.CREDIT_NOTE
    page = owner.get("/income")
    assert "Credit note" in page.text
    assert "CHF 6.00" in page.text
    assert "Can be given back CHF 6.00" in owner.get(path).text
    assert "Given back CHF 4.00" in owner.get(f"/sessions/{payment.session_id}").text


@pytest.mark.parametrize("amount", ["10.01", "0", "-1", "", "viel", "0.001"])
def test_an_amount_that_can_not_be_given_back_is_refused_at_its_field(owner: Desk, amount: str) -> None:
    page = owner.post(f"/payments/{newest(Payment).id}/refund", amount=amount, key="k")
    assert page.status == 422
    assert 'id="amount-problem"' in page.html
    assert scene.rows(Refund) == []


def test_only_who_may_gives_money_back(app: Flask, place: Garage) -> None:
    path = f"/payments/{newest(Payment).id}/refund"
    technician = at_a_desk(app, make.login(account=place_account(place), role=Role.TECHNICIAN).email)
    stranger = at_a_desk(app, make.account(name="Fremde AG").login.email)
    assert technician.get("/income").status == 403
    assert technician.get(path).status == 403
    assert technician.post(path, at="/me", amount="1").status == 403
    assert stranger.get(path).status == 404
    assert stranger.post(path, at="/me", amount="1").status == 404
    assert scene.rows(Refund) == []


def test_an_account_without_income_says_so(app: Flask) -> None:
    desk = english(app, make.account(name="Neu AG").login.email)
    page = desk.get("/income")
    assert "No receipts yet" in page.text
    assert scene.rows(Connector) == []
