"""Connecting an account at the provider, and the amount that is reserved."""

from urllib.parse import urlsplit

import pytest
from flask import Flask

from billing.queries import payout_facts
from tests import make
from tests import people as persons
from tests.people import People
from tests.portal.desk import at_a_desk


@pytest.fixture
def everybody(app: Flask) -> People:
    """Alice, Bob and Charlie."""
    return persons.everybody()


def test_alice_connects_the_provider_and_comes_back_payable(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    path = f"/accounts/{everybody.master.id}/payout"
    assert "Drivers can't pay here yet" in desk.get(path).text
    make.legal_data(account_id=everybody.master.id, owner=everybody.alice)
    assert "Company: Immobilien Test AG" in desk.get(path).text
    sent = desk.post(f"{path}/connect", at=path)
    provider_page = urlsplit(sent.headers["Location"])
    assert sent.status == 303
    assert provider_page.path.startswith("/sandbox/account/")
    target = f"{provider_page.path}?{provider_page.query}" if provider_page.query else provider_page.path
    done = desk.send(desk.get(target), "", follow=False)
    assert done.status in (302, 303)
    assert "Drivers can pay here." in desk.get(done.headers["Location"]).text
    assert payout_facts(everybody.alice, everybody.master.id).charges_enabled
    below = desk.get(f"/accounts/{everybody.home.id}/payout").text
    assert "the money goes to the account above this one" in below


def test_the_reserved_amount_is_the_operators_choice(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    path = f"/accounts/{everybody.home.id}/payout"
    assert 'value="60.00"' in desk.get(path).html
    assert desk.post(path, hold_minor="80.50").status == 303
    assert payout_facts(everybody.alice, everybody.home.id).hold_minor == 8050  # type: ignore[arg-type]
    for wrong in ("4.99", "501", "much", ""):
        answer = desk.post(path, hold_minor=wrong)
        assert answer.status == 422, wrong
        assert 'id="hold_minor-problem"' in answer.html
    assert payout_facts(everybody.alice, everybody.home.id).hold_minor == 8050  # type: ignore[arg-type]


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("charlie", 404)])
def test_others_see_and_change_nothing(app: Flask, everybody: People, who: str, status: int) -> None:
    desk = at_a_desk(app, getattr(everybody, f"{who}_login").email)
    path = f"/accounts/{everybody.home.id}/payout"
    assert desk.get(path).status == status
    assert desk.post(path, at="/accounts", hold_minor="80").status == status
    assert desk.post(f"{path}/connect", at="/accounts").status == status
    assert desk.get(f"{path}/return").status == status
    assert payout_facts(everybody.alice, everybody.home.id).hold_minor == 6000  # type: ignore[arg-type]
