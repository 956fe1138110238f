"""The pages on the way to be verified, the banner on every other, and the desk of the people who run the platform."""

from urllib.parse import urlsplit

import pytest
from flask import Flask

from accounts.access import SYSTEM
from accounts.use_cases import make_staff
from billing import jobs, queries, use_cases
from billing.values import VerificationState
from kit import db, mail, worker
from kit.clock import moved_to
from tests import make
from tests import people as persons
from tests.people import People
from tests.portal.desk import Desk, at_a_desk
from tests.portal.everything import former_payee
from tests.portal.phone import Page

WHY = "The company was dissolved."


@pytest.fixture
def everybody(app: Flask) -> People:
    """Alice, Bob and Charlie; Alice's house has a station with a price."""
    who = persons.everybody()
    make.price(connector=make.station(property=who.home, owner=who.alice).connector, owner=who.alice)
    return who


def check(desk: Desk, path: str, outcome: str) -> str:
    """Go to the provider, have this come of the check, come back; what the page says then."""
    sent = desk.post(f"{path}/connect", at=path)
    page = desk.get(urlsplit(sent.headers["Location"]).path)
    return desk.send(page, urlsplit(sent.headers["Location"]).path, outcome=outcome).text


def fill(desk: Desk, path: str, **fields: str) -> Page:
    """Fill in the form of a page and follow; what stands there else goes along."""
    (known,) = (sent for action, sent in desk.get(path).forms if not action)
    answer = desk.post(path, **({"country": "CH"} | known | fields))
    return desk.get(answer.headers["Location"]) if answer.status == 303 else answer


def first_wish(html: str) -> str:
    """The address of the first wish in the queue."""
    return next(part for part in html.split('"') if part.startswith("/platform/verifications/"))


def test_the_three_steps_through_every_state(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    path = f"/accounts/{everybody.master.id}/payout"
    assert "This account is not verified" in desk.get("/dashboard").text
    assert "This account is not verified" not in desk.get(path).text, "the page itself says more"
    assert "Please complete the steps by" in desk.get(path).text
    assert 'id="legal_kind-problem"' in fill(desk, f"{path}/legal").html
    for name, wrong in (("street", ""), ("uid", "CHE-111.111.111")):
        told = fill(desk, f"{path}/legal", legal_kind="company", **{name: wrong})
        assert (told.status, f'id="{name}-problem"' in told.html) == (422, True)
    fill(desk, f"{path}/legal", legal_kind="company")
    for outcome, words in (
        ("missing", "An identity document or a document of the company"),
        ("by_hand", "The provider is checking what you told it"),
        ("refused", "Drivers can't pay here, and prices can't be set, since"),
        ("approved", "Drivers can pay here."),
    ):
        assert words in check(desk, path, outcome), outcome
    assert "A bank account is missing" in desk.get("/dashboard").text
    foreign = fill(desk, f"{path}/bank", iban="DE89 3704 0044 0532 0130 00")
    assert (foreign.status, "The bank account must be in the country" in foreign.text) == (422, True)
    done = fill(desk, f"{path}/bank", iban="ch93 0076 2011 6238 5295 7")
    assert "CH93 •••• 2957" in done.text
    assert "alert-warning" not in desk.get("/dashboard").html
    known = queries.verification(everybody.alice, everybody.master.id)
    assert known.state is VerificationState.VERIFIED


def test_the_banner_turns_from_yellow_to_red(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    assert "alert-warning" in desk.get("/dashboard").html
    assert "alert-danger" not in desk.get("/dashboard").html
    due_at = queries.verification(everybody.alice, everybody.master.id).due_at
    assert due_at is not None
    with moved_to(due_at):
        jobs.watch_verifications()
    page = desk.get("/dashboard")
    assert "alert-danger" in page.html
    assert "This account is restricted: drivers can't pay, and prices can't be set. What to do" in page.text
    connector = make.station(property=everybody.home, owner=everybody.alice).connector
    sent = fill(desk, f"/connectors/{connector.id}/price", energy_price="0.40")
    assert (sent.status, "This account is restricted until it is verified" in sent.text) == (409, True)


def test_staff_see_the_wish_decide_and_the_owner_reads_it(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    path = f"/accounts/{everybody.master.id}/payout"
    assert desk.get(f"{path}/change").path == f"{path}/legal", "first things first"
    fill(desk, f"{path}/legal", legal_kind="company")
    assert fill(desk, f"{path}/change", legal_name="Alice Muster").status == 422
    assert "Waiting" in fill(desk, f"{path}/change", legal_name="Alice Muster", reason=WHY).text
    for stranger in (desk, at_a_desk(app, everybody.bob_login.email)):
        assert stranger.get("/platform/verifications").status == 404
    make_staff(SYSTEM, email=everybody.charlie_login.email)
    staff = at_a_desk(app, everybody.charlie_login.email)
    queue = staff.get("/platform/verifications")
    assert "wants to be: Private person · Alice Muster" in queue.text
    address = first_wish(queue.html)
    assert WHY in staff.get(address).text
    assert fill(staff, address, decline="1").status == 422
    fill(staff, address, decline="1", answer="Please send the extract.")
    worker.drain()
    assert "Please send the extract." in desk.get(path).text
    assert any("Please send the extract." in letter.text for letter in mail.letters())
    assert "Alice Muster" in staff.get("/platform/verifications?state=declined").text
    fill(desk, f"{path}/change", legal_name="Alice Muster", reason=WHY)
    second = first_wish(staff.get("/platform/verifications").html)
    fill(staff, second, approve="1")
    assert "Private person: Alice Muster" in desk.get(path).text


def test_staff_let_go_what_is_kept_of_an_operator_who_left(app: Flask, everybody: People) -> None:
    desk, path = at_a_desk(app, everybody.alice_login.email), f"/accounts/{everybody.master.id}/payout"
    fill(desk, f"{path}/legal", legal_kind="company")
    check(desk, path, "refused")
    worker.drain()
    use_cases.end_verification(SYSTEM, everybody.master.id)
    assert desk.get("/platform/former-payees").status == 404
    assert "pays it out once it has checked you there" in desk.get(f"/accounts/{everybody.master.id}/payout").text
    make_staff(SYSTEM, email=everybody.charlie_login.email)
    staff = at_a_desk(app, everybody.charlie_login.email)
    assert "/platform/former-payees" in staff.get("/platform/verifications").html
    page = staff.get("/platform/former-payees")
    assert everybody.master.account.name in page.text
    (release,) = (action for action, _ in page.forms if action.endswith("/release"))
    assert staff.post(release, at="/platform/former-payees").status == 303
    assert "released, the payment provider is being told" in staff.get("/platform/former-payees").text
    worker.drain()
    assert "Nothing here" in staff.get("/platform/former-payees").text
    assert "Kept from before" not in desk.get(f"/accounts/{everybody.master.id}/payout").text


def test_what_was_left_at_another_provider_is_shown_to_both_sides_until_staff_had_it_paid_out(
    app: Flask, everybody: People
) -> None:
    left = former_payee(everybody.master.id)
    left.provider = "stripe"
    with db.transaction(writing=True) as unit:
        unit.session.add(left)
    desk, payout = at_a_desk(app, everybody.alice_login.email), f"/accounts/{everybody.master.id}/payout"
    assert "the payment provider that this platform worked with before" in desk.get(payout).text
    make_staff(SYSTEM, email=everybody.charlie_login.email)
    staff = at_a_desk(app, everybody.charlie_login.email)
    page = staff.get("/platform/former-payees")
    assert "at an earlier payment provider: stripe" in page.text
    (release,) = (action for action, _ in page.forms if action.endswith("/release"))
    assert staff.post(release, at="/platform/former-payees").status == 303
    assert "Nothing here" in staff.get("/platform/former-payees").text
    assert "Kept from before" not in desk.get(payout).text


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("charlie", 404)])
def test_others_take_no_step(app: Flask, everybody: People, who: str, status: int) -> None:
    desk = at_a_desk(app, getattr(everybody, f"{who}_login").email)
    path = f"/accounts/{everybody.home.id}/payout"
    for page in ("legal", "bank", "change"):
        assert desk.get(f"{path}/{page}").status == status
    assert desk.post(f"{path}/change/withdraw", at="/accounts").status == status
