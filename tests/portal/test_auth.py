"""Signing up, in and out in the browser."""

from datetime import timedelta

from flask import Flask

from accounts import links
from accounts.access import ANYONE
from accounts.models import User
from accounts.use_cases import request_password_reset
from kit import clock, mail, worker
from kit.settings import Settings
from tests import make
from tests.portal.desk import Desk, at_a_desk

GOOD = "a long enough word"


def _newest_link(path: str) -> str:
    worker.drain()
    words = [word for letter in mail.letters() for word in letter.text.split()]
    return next(word for word in words if f"/{path}/" in word).removeprefix("http://localhost:8000")


def test_a_visitor_registers_confirms_and_works(app: Flask) -> None:
    desk = Desk(app)
    asked = desk.post(
        "/register", name="Nina", account_name="Nina AG", email="nina@example.org", password=GOOD, terms="1"
    )
    assert (asked.status, asked.headers["Location"]) == (303, "/sent/confirmation")
    early = desk.sign_in("nina@example.org", GOOD)
    assert early.status == 409
    assert "Please confirm your e-mail address first" in early.text
    link = _newest_link("confirm")
    wrong = desk.post(link, password="not my password")
    assert wrong.status == 422
    assert "do not fit together" in wrong.text
    confirmed = desk.post(link, password=GOOD)  # registered in English
    assert (confirmed.status, confirmed.headers["Location"]) == (303, "/")
    assert "Your e-mail address is confirmed" in desk.get("/accounts").text
    assert "Nina AG" in desk.get("/accounts").text
    again = Desk(app)
    assert again.sign_in("nina@example.org", GOOD).headers["Location"] == "/"


def test_opening_the_link_alone_confirms_nothing(app: Flask) -> None:
    desk = Desk(app)
    desk.post("/register", name="Nina", account_name="Nina AG", email="nina@example.org", password=GOOD, terms="1")
    desk.get(_newest_link("confirm"))  # a mail filter looked at it
    assert desk.sign_in("nina@example.org", GOOD).status == 409


def test_problems_stand_at_their_fields(app: Flask) -> None:
    desk = Desk(app)
    page = desk.post("/register", name="", account_name="Nina AG", email="nina", password="short", terms="1")
    assert page.status == 422
    assert 'id="password-problem">Please take at least 10 characters.' in page.html
    assert 'value="Nina AG"' in page.html
    assert "short" not in page.html.replace("too short", "")
    assert "Please agree" in desk.post("/register", name="Nina", email="nina@example.org", password=GOOD).text


def test_a_wrong_password_is_said_at_the_field(app: Flask) -> None:
    login = make.account().login
    page = Desk(app).sign_in(login.email, "wrong password")
    assert page.status == 422
    assert "E-mail and password do not fit together." in page.text
    assert login.email in page.html


def test_a_page_behind_the_login_leads_there_and_back(app: Flask) -> None:
    login = make.account().login
    desk = Desk(app)
    sent_away = desk.get("/people?x=1", follow=False)
    assert (sent_away.status, sent_away.headers["Location"]) == (302, "/login?next=/people?x%3D1")
    back = desk.post("/login?next=/people?x%3D1", email=login.email, password=make.PASSWORD)
    assert (back.status, back.headers["Location"]) == (303, "/people?x=1")


def test_the_way_back_never_leads_elsewhere(app: Flask) -> None:
    login = make.account().login
    for target in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/%0Aevil"):
        desk = Desk(app)
        answer = desk.post(f"/login?next={target}", email=login.email, password=make.PASSWORD)
        assert answer.headers["Location"] == "/", target


def test_a_forgotten_password_is_set_anew_and_old_logins_end(app: Flask) -> None:
    login = make.account().login
    elsewhere = at_a_desk(app, login.email)
    desk = Desk(app)
    assert desk.post("/forgot", email=login.email).headers["Location"] == "/sent/reset"
    link = _newest_link("reset")
    assert login.email in desk.get(link).text
    assert desk.post(link, password="short").status == 422
    assert desk.post(link, password=GOOD).status == 303
    assert desk.get("/accounts").status == 200
    assert elsewhere.get("/accounts", follow=False).status == 302
    used = Desk(app).get(link)
    assert used.status == 409
    assert "This link is no longer valid" in used.text


def test_an_expired_link_says_so(app: Flask) -> None:
    login = make.account().login
    request_password_reset(ANYONE, email=login.email)
    link = _newest_link("reset")
    with clock.moved_to(clock.now() + timedelta(hours=3)):
        page = Desk(app).get(link)
    assert page.status == 409
    assert "This link is no longer valid. Please ask for a new one." in page.text
    broken = Desk(app).get(link[:-4])
    assert broken.status == 409
    assert "This link is incomplete" in broken.text


def test_who_signs_out_is_out(app: Flask) -> None:
    desk = at_a_desk(app, make.account().login.email)
    assert desk.post("/logout", at="/accounts").status == 303
    assert desk.get("/accounts", follow=False).status == 302


def test_a_changed_password_keeps_this_login_and_ends_others(app: Flask) -> None:
    login = make.account().login
    here, there = at_a_desk(app, login.email), at_a_desk(app, login.email)
    wrong = here.post("/me/password", at="/me", old_password="wrong", password=GOOD)
    assert wrong.status == 422
    assert 'id="old_password-problem"' in wrong.html
    assert here.post("/me/password", at="/me", old_password=make.PASSWORD, password=GOOD).status == 303
    assert here.get("/me").status == 200
    assert there.get("/me", follow=False).status == 302


def test_logins_elsewhere_end_at_a_press(app: Flask) -> None:
    login = make.account().login
    here, there = at_a_desk(app, login.email), at_a_desk(app, login.email)
    here.post("/me/sign-out-everywhere", at="/me/security")
    assert here.get("/me").status == 200
    assert there.get("/me", follow=False).status == 302


def test_nobody_is_locked_out_by_the_tries_of_others(app: Flask) -> None:
    login = make.account().login
    known = at_a_desk(app, login.email)
    known.post("/logout", at="/me")
    stranger = Desk(app)
    stranger._from = known._from  # as in one office
    assert [stranger.sign_in(login.email, "wrong password").status for _ in range(6)] == [422] * 5 + [429]
    assert stranger.sign_in(login.email).status == 429  # though it is right: it has to wait
    assert known.sign_in(login.email).status == 303  # a browser that the person used before does not


def test_a_browser_that_was_signed_out_from_elsewhere_is_a_stranger_again(app: Flask) -> None:
    login = make.account().login
    lost, here = at_a_desk(app, login.email), at_a_desk(app, login.email)
    here.post("/me/sign-out-everywhere", at="/me/security")
    stranger = Desk(app)
    stranger._from = lost._from
    assert [stranger.sign_in(login.email, "wrong password").status for _ in range(6)] == [422] * 5 + [429]
    assert lost.sign_in(login.email).status == 429


def test_signed_in_for_long_only_where_wished(app: Flask) -> None:
    login = make.account().login
    short, long = Desk(app), Desk(app)
    short.sign_in(login.email)
    long.post("/login", email=login.email, password=make.PASSWORD, remember="1")
    with clock.moved_to(clock.now() + timedelta(hours=13)):
        assert short.get("/me", follow=False).status == 302
        assert long.get("/me").status == 200
    with clock.moved_to(clock.now() + timedelta(days=29)):  # it was used in between
        assert long.get("/me").status == 200
    with clock.moved_to(clock.now() + timedelta(days=60)):
        assert long.get("/me", follow=False).status == 302


def test_the_language_is_the_persons_then_the_cookies_then_the_browsers(app: Flask) -> None:
    login = make.account().login
    assert '<html lang="fr">' in Desk(app, language="fr-CH, de;q=0.5").get("/login").html
    assert '<html lang="en">' in Desk(app, language="pl").get("/login").html
    desk = Desk(app)
    assert '<html lang="it">' in desk.get("/login?lang=it").html
    assert '<html lang="it">' in desk.get("/forgot").html
    desk.sign_in(login.email)
    assert '<html lang="de">' in desk.get("/me").html
    desk.post("/language", at="/me", language="fr", next="/me")
    assert '<html lang="fr">' in desk.get("/me").html
    assert make.row(User, login.user.id).language == "fr"
    assert desk.post("/language", at="/me", language="xx").status == 422


def test_sign_ins_are_counted(app: Flask) -> None:
    desk = Desk(app)
    answers = [desk.sign_in("nina@example.org", "wrong password").status for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2
    page = desk.sign_in("nina@example.org", "wrong password")
    assert "Too many tries" in page.text
    assert int(page.headers["Retry-After"]) > 0


def test_the_mails_of_the_demo_are_read_in_the_browser_and_only_there(app: Flask, settings: Settings) -> None:
    mail.send("nina@example.org", "Hello Nina", "Look: http://localhost:8000/x\n")
    desk = Desk(app)
    [name] = [letter.name for letter in mail.letters()]
    assert "Hello Nina" in desk.get("/dev/mail").text
    assert '<a href="http://localhost:8000/x"' in desk.get(f"/dev/mail/{name}").html
    assert desk.get("/dev/mail/nothing.eml").status == 404
    assert links.page("x") == "http://localhost:8000/x"
