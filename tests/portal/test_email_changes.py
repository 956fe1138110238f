"""Another e-mail address for a login: both agree, the old one can stop it; letters over a real mail server."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from flask import Flask

from accounts import use_cases
from accounts.access import ANYONE
from accounts.models import User
from kit import clock, settings, worker
from kit.errors import Conflict
from tests import make
from tests.databases import free_port
from tests.portal.desk import Desk, at_a_desk


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """No other test walks through the doors of these changes."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


class Postman:
    """Takes the letters of a real mail server."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, str]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802  # its name
        """aiosmtpd: a letter came."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body(("plain",))
        self.letters.append((envelope.rcpt_tos[0], message["Subject"], body.get_content() if body else ""))
        return "250 OK"

    def link(self, to: str) -> str:
        """The path of the newest link of a change in the letters to this address."""
        worker.drain()
        texts = [text for address, _, text in self.letters if address == to]
        found = re.findall(r"http://localhost:8000(/email/\S+)", "\n".join(texts))
        return str(found[-1])


@pytest.fixture
def postman(app: Flask) -> Iterator[Postman]:
    """A mail server that this process sends by."""
    made = Postman()
    controller = Controller(made, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.use(dataclasses.replace(settings.current(), smtp_url=f"smtp://127.0.0.1:{controller.port}"))
    yield made
    controller.stop()


def test_both_addresses_agree_and_the_login_has_the_new_one(app: Flask, postman: Postman) -> None:
    login = make.account(email="nina@example.org", language="en").login
    desk = at_a_desk(app, login.email)
    assert desk.post("/me/email", email="Nina.New@example.org").status == 303
    assert desk.get("/me/email").text.count("has not agreed yet") == 2
    new, old = postman.link("nina.new@example.org"), postman.link("nina@example.org")
    visitor = Desk(app)
    page = visitor.get(f"{new}?lang=en")
    assert "nina@example.org wants to become nina.new@example.org" in page.text
    assert "Stop it" not in page.text
    assert visitor.post(f"{new}/agree", at=new).status == 303
    assert "The other one still has to" in visitor.get(new).text
    assert make.row(User, login.user.id).email == "nina@example.org"  # one alone is not enough
    assert visitor.post(f"{old}/agree", at=old).headers["Location"] == "/"
    assert Desk(app).sign_in("nina.new@example.org").status == 303
    assert Desk(app).sign_in("nina@example.org").status == 422
    worker.drain()
    told = {to for to, subject, _ in postman.letters if subject.startswith("Your e-mail address was changed")}
    assert told == {"nina@example.org", "nina.new@example.org"}
    assert visitor.get(old).status == 409  # carried out


def test_the_old_address_stops_it(app: Flask, postman: Postman) -> None:
    login = make.account(email="nina@example.org", language="en").login
    desk = at_a_desk(app, login.email)
    desk.post("/me/email", email="thief@example.org")
    new, old = postman.link("thief@example.org"), postman.link("nina@example.org")
    victim = Desk(app)
    assert victim.post(f"{new}/stop", at=new).status == 409  # not by the new one
    assert victim.post(f"{old}/stop", at=old).headers["Location"] == "/forgot"
    assert victim.get(new).status == 409
    with pytest.raises(Conflict):
        use_cases.agree_to_email_change(ANYONE, new.rpartition("/")[2])
    assert make.row(User, login.user.id).email == "nina@example.org"


def test_a_taken_address_gets_no_letter_and_nobody_is_told(app: Flask, postman: Postman) -> None:
    make.account(email="taken@example.org")
    login = make.account(email="nina@example.org", language="en").login
    desk = at_a_desk(app, login.email)
    assert desk.post("/me/email", email="taken@example.org").status == 303
    postman.link("nina@example.org")
    assert [to for to, subject, _ in postman.letters if "Another e-mail address" in subject] == ["nina@example.org"]


def test_a_link_ends_after_three_days_and_with_a_newer_wish(app: Flask, postman: Postman) -> None:
    login = make.account(email="nina@example.org", language="en").login
    desk = at_a_desk(app, login.email)
    desk.post("/me/email", email="first@example.org")
    first = postman.link("first@example.org")
    desk.post("/me/email", email="second@example.org")
    second = postman.link("second@example.org")
    assert desk.get(first).status == 409
    with clock.moved_to(clock.now() + timedelta(days=3, minutes=1)):
        assert Desk(app).get(second).status == 409
    desk.post("/me/email/cancel", at="/me/email")
    assert desk.get(second).status == 409


def test_it_is_asked_for_by_who_just_proved_it(app: Flask) -> None:
    login = make.account(email="nina@example.org", language="en").login
    desk = at_a_desk(app, login.email)
    assert desk.post("/me/email", email=login.email).status == 422
    assert desk.post("/me/email", email="no address").status == 422
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        refused = desk.post("/me/email", email="nina.new@example.org")
        assert refused.headers["Location"].startswith("/me/check")


def test_the_payout_account_is_connected_by_who_just_proved_it(app: Flask) -> None:
    owned = make.account(language="en")
    desk, at = at_a_desk(app, owned.login.email), f"/accounts/{owned.id}/payout"
    who = {"legal_kind": "company", "legal_name": "Haus AG", "street": "Weg 1", "postcode": "8000", "city": "Zürich"}
    desk.post(f"{at}/legal", at=f"{at}/legal", **who, country="CH")
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert desk.post(f"{at}/connect", at=at).headers["Location"].startswith("/me/check")
    assert not desk.post(f"{at}/connect", at=at).headers["Location"].startswith("/me/check")
