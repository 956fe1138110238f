"""Signing in with more than a password: codes of an app, recovery codes, and what accounts demand of their people."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask

from accounts import use_cases
from accounts.access import SYSTEM
from accounts.models import CodeSecret
from accounts.queries import account_tree, my_logins, my_second_factors, sign_in_rules
from accounts.values import AccountId, SignInMethod
from kit import clock, mail, worker
from tests import make
from tests.handovers.parties import here
from tests.made import Login
from tests.portal.desk import Desk, at_a_desk
from tests.portal.phone import Page


def _code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * steps)


def _secret(page: Page) -> str:
    found = re.search(r'<code class="secret">([A-Z2-7]{32})</code>', page.html)
    assert found
    return found.group(1)


def _with_codes(app: Flask, login: Login) -> tuple[Desk, str, list[str]]:
    """Somebody who set up an app: the desk, the app's secret, the recovery codes."""
    desk = at_a_desk(app, login.email)
    secret = _secret(desk.get("/me/codes"))
    shown = desk.post("/me/codes", one_time_code=_code(secret, -1))
    codes = re.findall(r"<code>([0-9A-Z-]{19})</code>", shown.html)
    assert len(codes) == 10
    return desk, secret, codes


def test_an_app_is_set_up_and_asked_for_from_then_on(app: Flask) -> None:
    login = make.account().login
    desk, secret, _ = _with_codes(app, login)
    assert "QR code for your app" not in desk.get("/me/security").html
    assert "Codes left: 10" in desk.get("/me/security").text
    assert my_logins(login.actor)[0].method is SignInMethod.PASSWORD_AND_CODE
    fresh = Desk(app)
    half = fresh.post("/login?next=/people", email=login.email, password=make.PASSWORD)
    assert (half.status, half.headers["Location"]) == (303, "/login/second")
    assert fresh.get("/me", follow=False).status == 302  # not in yet
    wrong = fresh.post("/login/second", one_time_code="000000")
    assert wrong.status == 422
    assert "This code is wrong" in wrong.text
    spaced = " ".join((_code(secret)[:3], _code(secret)[3:]))
    done = fresh.post("/login/second", one_time_code=spaced)
    assert (done.status, done.headers["Location"]) == (303, "/people")
    assert make.row(CodeSecret, login.user.id).last_step > 0


def test_a_code_is_good_once_and_a_neighbour_step_is_tolerated(app: Flask) -> None:
    login = make.account().login
    _, secret, _ = _with_codes(app, login)
    code = _code(secret, 1)
    for status in (303, 422):
        desk = Desk(app)
        desk.sign_in(login.email)
        assert desk.post("/login/second", one_time_code=code).status == status
    late = Desk(app)
    late.sign_in(login.email)
    assert late.post("/login/second", one_time_code=_code(secret, -3)).status == 422


def test_a_recovery_code_opens_once(app: Flask) -> None:
    login = make.account().login
    _, _, codes = _with_codes(app, login)
    for typed, status in ((codes[0].lower().replace("-", " "), 303), (codes[0], 422), (codes[1], 303)):
        desk = Desk(app)
        desk.sign_in(login.email)
        assert desk.post("/login/second", one_time_code=typed).status == status
    assert my_second_factors(login.actor).recovery_codes_left == 8
    assert my_logins(login.actor)[0].method is SignInMethod.PASSWORD_AND_RECOVERY_CODE


def test_a_mailed_link_opens_no_way_around_the_second_factor(app: Flask) -> None:
    login = make.account().login
    _with_codes(app, login)
    use_cases.request_password_reset(SYSTEM, email=login.email)
    worker.drain()
    link = next(
        word.removeprefix("http://localhost:8000")
        for letter in mail.letters()
        for word in letter.text.split()
        if "/reset/" in word
    )
    desk = Desk(app)
    assert desk.post(link, password="a long enough word").headers["Location"] == "/login/second"
    assert desk.get("/me", follow=False).status == 302


def test_guessing_codes_makes_everybody_wait_but_the_persons_own_browser(app: Flask) -> None:
    login = make.account().login
    known, secret, _ = _with_codes(app, login)
    thief = Desk(app)
    thief.sign_in(login.email)
    assert [thief.post("/login/second", one_time_code="000000").status for _ in range(6)] == [422] * 5 + [429]
    elsewhere = Desk(app)
    elsewhere.sign_in(login.email)
    assert elsewhere.get("/login/second").status == 200
    assert elsewhere.client.post("/login/second").status_code in (400, 429)
    known.post("/logout", at="/me")
    known.sign_in(login.email)
    assert known.post("/login/second", one_time_code=_code(secret)).status == 303


def test_the_half_way_in_ends_after_ten_minutes(app: Flask) -> None:
    login = make.account().login
    _with_codes(app, login)
    desk = Desk(app)
    desk.sign_in(login.email)
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert desk.get("/login/second", follow=False).headers["Location"] == "/login"


def test_what_protects_the_login_is_changed_only_after_proving_it_again(app: Flask) -> None:
    login = make.account().login
    desk, _, _ = _with_codes(app, login)
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        page = desk.get("/me/security")
        assert "prove first that it is you" in page.text
        assert "Switch the codes off" not in page.text
        refused = desk.post("/me/codes/remove", at="/me/security")
        assert refused.headers["Location"].startswith("/me/check")
        assert my_second_factors(login.actor).codes
        check = "/me/check?next=/me/security"
        assert desk.post(check, password="wrong").status == 422
        assert desk.post(check, password=make.PASSWORD).headers["Location"] == "/me/security"
        assert desk.post("/me/codes/remove", at="/me/security").status == 303
    factors = my_second_factors(login.actor)
    assert (factors.any, factors.recovery_codes_left) == (False, 0)
    assert Desk(app).sign_in(login.email).headers["Location"] == "/"


def test_letters_tell_of_every_change(app: Flask) -> None:
    login = make.account(language="en").login
    desk, _, old = _with_codes(app, login)
    shown = desk.post("/me/recovery-codes", at="/me/security")
    assert len(set(re.findall(r"<code>([0-9A-Z-]{19})</code>", shown.html)) - set(old)) == 10
    desk.post("/me/codes/remove", at="/me/security")
    worker.drain()
    subjects = [letter.subject.rpartition("–")[0].strip() for letter in mail.letters() if letter.to == login.email]
    assert {
        "Codes of an app are now asked for when you sign in",
        "New recovery codes were made for your login",
        "Codes of an app are no longer asked for when you sign in",
    } <= set(subjects)


def test_an_account_demands_a_second_factor_from_a_day_on(app: Flask) -> None:
    owned = make.account()
    owner, _, _ = _with_codes(app, owned.login)
    worker_login = make.login(account=owned.account)
    bare = at_a_desk(app, worker_login.email)
    rules = f"/accounts/{owned.id}/sign-in"
    assert worker_login.user.name in owner.get(rules).text
    day = (clock.now() + timedelta(days=7)).date().isoformat()
    assert owner.post(rules, demanded="1", day="soon").status == 422
    assert owner.post(rules, demanded="1", day="2020-01-01").status == 422
    assert owner.post(rules, demanded="1", day=day).status == 303
    assert f'value="{day}"' in owner.get(rules).html
    assert "demands a second factor from" in bare.get("/accounts").text
    assert "Immobilien Test AG" in bare.get("/accounts").text
    with clock.moved_to(clock.now() + timedelta(days=8)):
        bare, owner = Desk(app), Desk(app)
        bare.sign_in(worker_login.email)
        page = bare.get("/accounts?lang=en")
        assert "You are in no account" in page.text
        assert "demands a second factor since" in page.text
        secret = _secret(bare.get("/me/codes"))
        bare.post("/me/codes", one_time_code=_code(secret))
        assert "You are in no account" not in bare.get("/accounts").text
    assert len(account_tree(owned.owner)) == 1


def test_only_who_manages_people_sees_and_changes_the_demand(app: Flask) -> None:
    owned, stranger = make.account(), make.account().login
    desk = at_a_desk(app, stranger.email)
    assert desk.get(f"/accounts/{owned.id}/sign-in").status == 404


def test_who_lost_everything_is_helped_by_the_operator(app: Flask) -> None:
    login = make.account(language="en").login
    desk, _, _ = _with_codes(app, login)
    use_cases.forget_second_factors(SYSTEM, email=login.email)
    assert desk.get("/me", follow=False).status == 302
    assert Desk(app).sign_in(login.email).headers["Location"] == "/"
    worker.drain()
    assert any("removed passkeys and codes" in letter.subject for letter in mail.letters() if letter.to == login.email)


@pytest.mark.parametrize("path", ["/me/codes/remove", "/me/recovery-codes"])
def test_a_stranger_is_led_to_the_login(app: Flask, path: str) -> None:
    desk = Desk(app)
    assert desk.client.post(path).status_code in (302, 400)


def test_what_a_property_demands_binds_those_who_act_there_through_their_master(app: Flask) -> None:
    owned = make.owned()
    home, beside = make.property(master=owned, name="Haus am See"), make.property(master=owned, name="Haus am Berg")
    station = make.station(property=home, owner=owned.owner, name="Nur zu zweit")
    desk = at_a_desk(app, owned.login.email)
    now = clock.now()
    use_cases.demand_second_factor(here(owned.owner), AccountId(home.id), second_factor_at=now)
    assert desk.get(f"/stations/{station.id}").status == 404
    assert desk.get(f"/accounts/{home.id}/sign-in").status == 404
    assert "Nur zu zweit" not in desk.get("/stations").text
    assert desk.get(f"/accounts/{beside.id}").status == 200
    assert "demands a second factor since" in desk.get("/accounts").text
    others = make.account(name="Fremde AG").login
    assert "demands" not in at_a_desk(app, others.email).get("/accounts").text
    secret = _secret(desk.get("/me/codes"))
    desk.post("/me/codes", one_time_code=_code(secret))
    assert "Nur zu zweit" in desk.get(f"/stations/{station.id}").text
    rules = sign_in_rules(SYSTEM, AccountId(home.id))
    assert owned.login.user.name not in rules.without
