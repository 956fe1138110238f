"""One's own security page: where somebody is signed in."""

from flask import Flask

from accounts.queries import my_logins
from tests import make
from tests.portal.desk import at_a_desk


def test_the_list_of_logins_marks_this_one_and_ends_another(app: Flask) -> None:
    login = make.account().login
    there, here = at_a_desk(app, login.email), at_a_desk(app, login.email)
    page = here.get("/me/security")
    assert page.text.count("This browser") == 1
    assert page.text.count("Unknown browser") == 2
    assert here._from["REMOTE_ADDR"] in page.text
    here_id, there_id = (one.id for one in my_logins(login.actor))
    assert here.post(f"/me/logins/{there_id}/end", at="/me/security").status == 303
    assert there.get("/me", follow=False).status == 302
    assert "That login ended." in here.get("/me/security").text
    out = here.post(f"/me/logins/{here_id}/end", at="/me/security")
    assert out.headers["Location"] == "/login"
    assert here.get("/me", follow=False).status == 302


def test_a_foreign_login_does_not_exist(app: Flask) -> None:
    login, other = make.account().login, make.account().login
    at_a_desk(app, other.email)
    desk = at_a_desk(app, login.email)
    [foreign] = my_logins(other.actor)
    assert desk.post(f"/me/logins/{foreign.id}/end", at="/me/security").status == 404
    assert [one.id for one in my_logins(other.actor)] == [foreign.id]


def test_a_leaked_password_is_said_at_the_field(app: Flask) -> None:
    desk = at_a_desk(app, make.account().login.email)
    page = desk.post("/me/password", at="/me/security", old_password=make.PASSWORD, password="password123")
    assert page.status == 422
    assert "This password was leaked somewhere" in page.text
