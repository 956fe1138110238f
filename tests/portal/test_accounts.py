"""Accounts, people, keys and the platform's console in the browser."""

import re
from html import unescape

import pytest
from flask import Flask, g

import portal.access
import wsgi
from accounts.access import SYSTEM
from accounts.models import Account, ApiToken
from accounts.queries import actor_of_token, people
from accounts.rights import Role
from accounts.use_cases import make_staff, revoke_grant
from accounts.values import AccountId, GrantId
from billing.payments.port import Hold, ProviderRefused
from billing.payments.sandbox.adapter import SandboxProvider
from billing.values import PaymentState
from kit import metrics, worker
from portal import actor
from tests import make
from tests import people as persons
from tests.billing.shop import open_shop, payment_of
from tests.people import People
from tests.portal.desk import Desk, at_a_desk

SELLER = {
    "name": "Haus am See",
    "legal_name": "Immobilien Test AG",
    "street": "Seestrasse 1",
    "postcode": "6300",
    "city": "Zug",
    "country": "CH",
    "contact_email": "see@example.org",
    "contact_phone": "",
    "time_zone": "Europe/Zurich",
    "language": "it",
    "uid": "che999999996",
}


@pytest.fixture
def everybody(app: Flask) -> People:
    """Alice, Bob and Charlie."""
    return persons.everybody()


@pytest.mark.parametrize("most", [50, 2])
def test_alice_sees_the_tree_and_chooses_where_she_works(
    app: Flask, everybody: People, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(actor, "MOST_IN_MENU", most)
    desk = at_a_desk(app, everybody.alice_login.email)
    page = desk.get("/accounts")
    assert page.text.count("Add a property") == 1
    assert "<summary>" in page.html
    assert page.html.count('class="row-item') == 3
    desk.post("/accounts/choose", at="/accounts", account=str(everybody.home.id))
    assert re.search(r'page-pretitle">Haus am See<', desk.get("/people").html)
    menu = desk.get("/stations").html.partition('class="account-choice"')[2].partition("</details>")[0]
    tree = ["Immobilien Test AG", "Haus am Berg", "Haus am See"]
    assert re.findall(r">([^<>]+)</button>", menu) == (tree if len(tree) <= most else tree[:1])
    assert ("All accounts" in menu) == (len(tree) > most)
    stranger = make.account(name="Anderswo AG")
    desk.post("/accounts/choose", at="/accounts", account=str(stranger.id))
    assert re.search(r'page-pretitle">Haus am See<', desk.get("/people").html)


def test_seller_data_are_saved_and_judged_at_their_fields(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    path = f"/accounts/{everybody.home.id}"
    wrong = desk.post(path, **{**SELLER, "uid": "CHE-1", "street": "Neu 2"})
    assert wrong.status == 422
    assert 'id="uid-problem"' in wrong.html
    assert 'value="Neu 2"' in wrong.html
    assert make.row(Account, everybody.home.id).street == "Teststrasse 1"
    assert desk.post(path, **SELLER, vat_registered="1").status == 303
    row = make.row(Account, everybody.home.id)
    assert (row.street, row.uid, row.vat_registered, row.language) == ("Seestrasse 1", "CHE-999.999.996", True, "it")


def test_the_code_for_chargers_is_shown_to_who_adds_them_and_renewed_by_who_manages_the_account(
    app: Flask, everybody: People
) -> None:
    alice, bob = at_a_desk(app, everybody.alice_login.email), at_a_desk(app, everybody.bob_login.email)
    path, code = f"/accounts/{everybody.home.id}", everybody.home.code
    assert f"ws://localhost:8000/api/Ocpp16/{code}/" in bob.get(path).text
    assert "Another code" not in bob.get(path).text
    assert bob.post(f"{path}/code", at="/me", account_code="").status == 403
    wrong = alice.post(f"{path}/code", account_code="kurz")
    assert (wrong.status, "A code has 16 letters and digits." in wrong.text) == (422, True)
    assert alice.post(f"{path}/code", account_code="FromBefore123456").status == 303
    assert "ws://localhost:8000/ocpp/FROMBEFORE123456/" in alice.get(path).text


def test_bob_reads_but_changes_nothing(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.bob_login.email)
    path = f"/accounts/{everybody.home.id}"
    page = desk.get(path)
    assert page.status == 200
    assert "<fieldset" in page.html
    assert "disabled" in page.html
    denied = desk.post(path, **SELLER)
    assert denied.status == 403
    assert "You may not do this" in denied.text
    assert make.row(Account, everybody.home.id).street == "Teststrasse 1"
    assert [desk.get(url).status for url in ("/people", "/api-keys")] == [403, 403]
    assert desk.get(f"/accounts/{everybody.next_door.id}").status == 404


def test_for_charlie_these_accounts_do_not_exist(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.charlie_login.email)
    assert desk.get(f"/accounts/{everybody.home.id}").status == 404
    assert desk.post(f"/accounts/{everybody.home.id}", at="/accounts", **SELLER).status == 404
    assert desk.get(f"/accounts/{everybody.master.id}/properties/new").status == 404


def test_alice_adds_a_property(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    path = f"/accounts/{everybody.master.id}/properties/new"
    assert "Please fill this in." in desk.post(path, name="").text
    made = desk.post(path, name="Parkhaus")
    assert made.status == 303
    assert re.fullmatch(r"/accounts/[0-9a-f-]{36}", made.headers["Location"])
    assert "Parkhaus" in desk.get("/accounts").text


def test_a_role_is_offered_accepted_and_taken_back(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    desk.post("/accounts/choose", at="/accounts", account=str(everybody.home.id))
    offer = {"email": "dora@example.org", "name": "Dora", "kind": "person", "role": "manager"}
    assert desk.post("/people", **offer).status == 303
    assert desk.post("/people", **offer).status == 409
    assert desk.post("/people", **offer | {"email": "nobody"}).status == 422
    assert "Waiting for an answer" in desk.get("/people").text
    link = make.offer_link("dora@example.org")
    guest = Desk(app)
    assert "read the message log" in unescape(guest.get(f"{link}?lang=en").text)
    assert guest.post(link, name="Dora", password="a long enough word").status == 303
    guest.sign_in("dora@example.org", "a long enough word")
    assert "Haus am See" in guest.get("/accounts").text
    assert guest.get(link).status == 409, "a link is good for one answer"
    dora = next(p for p in people(everybody.alice, AccountId(everybody.home.id)) if p.email == "dora@example.org")
    assert (dora.role, dora.confirmed) == (Role.MANAGER, True)
    desk.post(f"/people/{dora.grant_id}/revoke", at="/people")
    assert "dora@example.org" not in desk.get("/people").text
    assert "Haus am See" not in guest.get("/accounts").text


def test_the_review_goes_on_to_the_next_roles_held(
    app: Flask, everybody: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal.access, "SIZE", 1)
    desk = at_a_desk(app, everybody.alice_login.email)

    def held(html: str) -> str:
        return html.partition("Given to this account by others")[2].partition("</section>")[0]

    page = desk.get("/people/review").html
    assert ("Haus am Berg" in held(page), "Haus am See" in held(page)) == (True, False)
    [further] = re.findall(r'rel="next" href="([^"]+)"', page)
    page = desk.get(unescape(further)).html
    assert ("Haus am Berg" in held(page), "Haus am See" in held(page)) == (False, True)
    assert 'rel="next"' not in page


def test_the_last_owner_is_told_why_she_stays(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    [own] = people(everybody.alice, everybody.master.id)
    assert "/revoke" not in desk.get("/people").html, "no button that leads to a refusal"
    mine = desk.get("/me/roles")
    assert ("/revoke" in mine.html, "nobody else owns it" in mine.text) == (False, True)
    assert "/revoke" in at_a_desk(app, everybody.bob_login.email).get("/me/roles").html
    desk.post(f"/people/{own.grant_id}/revoke", at="/people")
    assert "An account needs at least one owner." in desk.get("/people").text
    assert len(people(everybody.alice, everybody.master.id)) == 1


def test_a_key_is_shown_once_and_revoked(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    page = desk.post("/api-keys", name="Export", role="viewer")
    found = re.search(r'<code class="secret">(cp_[\w-]+)</code>', page.html)
    assert found
    actor = actor_of_token(SYSTEM, found.group(1))
    assert actor is not None
    assert actor.grants == {everybody.master.id: frozenset({Role.VIEWER})}
    assert found.group(1) not in desk.get("/api-keys").html
    desk.post(f"/api-keys/{actor.id}/revoke", at="/api-keys")
    assert actor_of_token(SYSTEM, found.group(1)) is None
    assert actor.id is not None
    assert make.row(ApiToken, actor.id).revoked_at is not None


def test_the_console_is_for_staff_alone(app: Flask, everybody: People) -> None:
    path = f"/platform/tenants/{everybody.master.id}"
    for email in (everybody.alice_login.email, everybody.charlie_login.email):
        desk = at_a_desk(app, email)
        assert [desk.get(url).status for url in ("/platform/tenants", path)] == [404, 404]
        assert desk.post(f"{path}/suspend", at="/accounts").status == 404
        assert "/platform/tenants" not in desk.get("/accounts").html
    assert make.row(Account, everybody.master.id).suspended_at is None
    make_staff(SYSTEM, email=everybody.charlie_login.email)
    desk = at_a_desk(app, everybody.charlie_login.email)
    assert "Immobilien Test AG" in desk.get("/platform/tenants").text
    assert "Immobilien Test AG" not in desk.get("/platform/tenants?search=fremde").text
    assert desk.post(path, percent="7,5").status == 303
    assert "7.5 %" in desk.get("/platform/tenants").text
    assert 'id="percent-problem"' in desk.post(path, percent="many").html
    desk.post(f"{path}/suspend", at=path)
    assert "Suspended since" in desk.get(path).text
    assert "This account is suspended" in at_a_desk(app, everybody.alice_login.email).get("/people").text
    desk.post(f"{path}/resume", at=path)
    desk.post(f"{path}/review", at=path)
    assert "Reviewed" in desk.get("/platform/tenants?search=Test").text


def test_staff_see_failed_payments_and_have_the_provider_asked_again(
    app: Flask, everybody: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop()
    with monkeypatch.context() as for_now:
        for_now.setattr(SandboxProvider, "capture", _refused)
        payment_id = shop.charge(email="")
    wsgi.create_app(app.config["SETTINGS"])
    desk, path = at_a_desk(app, everybody.charlie_login.email), "/platform/payments/failed"
    assert desk.get(path).status == 404
    assert desk.post(f"/platform/payments/{payment_id}/try-again", at="/me").status == 404
    make_staff(SYSTEM, email=everybody.charlie_login.email)
    page = desk.get(path)
    assert "Failed payments" in desk.get("/platform/tenants").text
    assert "Lindenhof" in page.text
    assert "The provider did not take the money." in page.text
    assert "6.10" in page.text
    assert "payments_failed 1.0" in metrics.page().decode()
    answer = desk.post(f"/platform/payments/{payment_id}/try-again", at=path)
    assert (answer.status, answer.headers["Location"]) == (303, path)
    worker.drain()
    page = desk.get(path)
    assert "No payment has failed" in page.text
    assert payment_of(payment_id).state is PaymentState.CAPTURED


def _refused(*_: object) -> Hold:
    raise ProviderRefused("account_closed")


def test_htmx_gets_the_list_alone(app: Flask, everybody: People) -> None:
    make_staff(SYSTEM, email=everybody.charlie_login.email)
    desk = at_a_desk(app, everybody.charlie_login.email)
    part = desk.client.get("/platform/tenants", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith('<div id="tenants">')
    assert "<html" not in part


def test_who_lost_every_account_is_told_what_to_do(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.bob_login.email)
    [bobs] = [p for p in people(everybody.alice, AccountId(everybody.home.id)) if p.email == everybody.bob_login.email]
    at_a_desk(app, everybody.alice_login.email).post(f"/people/{bobs.grant_id}/revoke", at="/accounts")
    page = desk.get("/people")
    assert (page.status, page.path) == (200, "/accounts")
    assert "You are in no account" in page.text


def test_an_account_that_is_taken_away_within_a_page_leads_to_the_list(
    app: Flask, everybody: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor, "MOST_IN_MENU", 0)
    desk = at_a_desk(app, everybody.bob_login.email)
    desk.post("/accounts/choose", at="/accounts", account=str(everybody.home.id))
    [bobs] = [p for p in people(everybody.alice, AccountId(everybody.home.id)) if p.email == everybody.bob_login.email]
    with desk.client:
        assert desk.get("/stations").status == 200
        g.pop("account_tree", None)  # as where a page asks for rights and tree later than for the chosen account
        revoke_grant(everybody.alice, GrantId(bobs.grant_id))
        g.pop("_login_user")
        with pytest.raises(actor.NoAccount):
            actor.accounts_here()
