"""smart-me beside the platform, as an operator meets it: with a real browser, smart-me over real HTTP, and GraphQL.

docs/stories.md lists the promises and their stories.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from standardwebhooks import Webhook

from accounts import links as account_links
from accounts.models import Account, User
from kit import clock
from tests import make, scene
from tests.browser import DESK, fits
from tests.made import MadeStation, Owned
from tests.make import PASSWORD
from tests.portal.real_server import RealServer, real_server
from tests.smart_me.conftest import INBOUND
from tests.smart_me_server import CLIENT_ID, CLIENT_SECRET, PARTNER_KEY, Cloud, cloud
from tests.stories.visitors import ask, sign_in
from tests.wire import until


@pytest.fixture(scope="module")
def smart_me() -> Iterator[Cloud]:
    """smart-me itself."""
    with cloud() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, smart_me: Cloud) -> Iterator[RealServer]:
    """The program in a process of its own."""
    var_dir = tmp_path_factory.mktemp("smart-me") / "var"
    var_dir.mkdir()
    known = {"SMART_ME_URL": smart_me.url, "SMART_ME_CLIENT_ID": CLIENT_ID, "SMART_ME_CLIENT_SECRET": CLIENT_SECRET}
    keys = {"SMART_ME_PARTNER_KEY": PARTNER_KEY, "SMART_ME_INBOUND_SECRET": INBOUND}
    with real_server(var_dir, **known, **keys) as started:
        yield started


@dataclass(frozen=True)
class Sunny:
    """An administration with a property that smart-me knows, where an OCPP station stands already, and one beside."""

    master: Owned
    home: Account
    beside: Account
    station: MadeStation


def as_program(server: RealServer, known: Sunny, query: str) -> Any:
    """What a program of the master is answered."""
    return ask(server.url, known.master.owner, known.master.id, query)


def sunny() -> Sunny:
    """Make it."""
    master = make.account(name="Sonnenhof AG", language="en")
    home, beside = (make.property(master=master, name=name, language="en") for name in ("Sonnenhof", "Mondhof"))
    return Sunny(master, home, beside, make.station(property=home, owner=master.owner, name="Wallbox Nord"))


@contextmanager
def unwatched(browser: Browser) -> Iterator[Page]:
    """A window at a desk whose console may complain: of a form that is refused it does."""
    context = browser.new_context(viewport=DESK, locale="en-CH")  # type: ignore[arg-type]
    try:
        yield context.new_page()
    finally:
        context.close()


def tell_of_account(server: RealServer, email: str) -> Any:
    """What smart-me is answered when it tells of an account there."""
    facts = {"id": "sm-21", "name": email.partition("@")[0], "email": email, "language": "en"}
    body, now = json.dumps({"type": "account.created", "data": facts}), clock.now()
    signed = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp()))}
    signed["webhook-signature"] = Webhook(INBOUND).sign("msg_1", now, body)
    answer = requests.post(f"{server.url}/smart-me/accounts", data=body, headers=signed, timeout=10)
    assert answer.status_code == 200
    return answer.json()


def opens_one_there(page: Page, server: RealServer, smart_me: Cloud, known: Sunny) -> None:
    """M21: who has an account here gets one of the same name there."""
    page.goto(f"{server.url}/accounts/{known.beside.id}/smart-me")
    page.get_by_role("button", name="Open an account of the same name there").click()
    name = known.master.login.email
    until(lambda: name in smart_me.accounts)
    told = f'{{ smartMe(accountId: "{known.beside.id}") {{ state name }} }}'
    until(lambda: as_program(server, known, told)["smartMe"] == {"state": "LINKED", "name": name})
    page.reload()
    expect(page.get_by_text("Linked", exact=True)).to_be_visible()
    expect(page.get_by_role("main").get_by_text(name, exact=True)).to_be_visible()


def links_and_signs_in_there(page: Page, server: RealServer, known: Sunny) -> None:
    """M24: by the login at smart-me, without a password of ours."""
    page.goto(f"{server.url}/accounts/{known.home.id}/smart-me")
    page.get_by_role("link", name="Sign in at smart-me and link").click()
    expect(page.get_by_text("Linked", exact=True)).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{server.url}/login?lang=en")
    page.get_by_role("link", name="Sign in with smart-me").click()
    page.wait_for_url(re.compile(r"/(dashboard|accounts|stations)$"))


def adds_stations(page: Page, server: RealServer, known: Sunny) -> None:
    """M22: it is told what it costs before anything is added. M23: an OCPP station stands beside, one step away.
    M24: a Pico stands in the account itself.
    """
    ocpp = f'{{ stationForecast(accountId: "{known.home.id}", kind: OCPP) {{ licencesNow licencesThen refusal }} }}'
    told = as_program(server, known, ocpp)["stationForecast"]
    assert told == {"licencesNow": 1, "licencesThen": 2, "refusal": "ocpp_in_smart_me"}
    page.goto(f"{server.url}/stations/new?account={known.home.id}")
    expect(page.get_by_text("Professional licences there: 1 now, 2 with this one.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Wallbox Ost")
    page.get_by_role("button", name="Add the station").click()
    page.get_by_role("button", name="Add it in an account of its own").click()
    expect(page.get_by_text("Wallbox Ost").first).to_be_visible()
    page.goto(f"{server.url}/stations/new?account={known.home.id}")
    page.get_by_label("Kind").select_option(label="smart-me Pico")
    page.get_by_label("Name", exact=True).fill("Pico Süd")
    page.get_by_role("button", name="Add the station").click()
    expect(page.get_by_role("heading", name="The station is added")).to_be_visible()
    stood = {one["name"]: one["accountId"] for one in as_program(server, known, STATIONS)["stations"]["nodes"]}
    assert stood["Wallbox Ost"] != stood["Pico Süd"] == stood["Wallbox Nord"] == str(known.home.id)


def separates(page: Page, server: RealServer, known: Sunny) -> None:
    """M20: as soon as a ZEV is billed there, the OCPP station has to go; what it is goes with it."""
    page.goto(f"{server.url}/accounts/{known.home.id}/smart-me")
    page.get_by_text("A ZEV is billed in this account at smart-me").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("the OCPP stations have to leave it")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Separate now").click()
    expect(page.get_by_text("have to leave it")).to_have_count(0)
    rule = (
        f'{{ smartMe(accountId: "{known.home.id}") {{ zev mustSeparate picos ocppStationIds professionalLicences }} }}'
    )
    assert as_program(server, known, rule)["smartMe"] == {
        "zev": True,
        "mustSeparate": False,
        "picos": 1,
        "ocppStationIds": [],
        "professionalLicences": 0,
    }
    stood = {one["name"]: one["accountId"] for one in as_program(server, known, STATIONS)["stations"]["nodes"]}
    assert stood["Wallbox Nord"] == stood["Wallbox Ost"] != str(known.home.id)


def begins_there(page: Page, server: RealServer) -> None:
    """M21, from the other side: who opens an account there gets one of the same name here, once."""
    told = [tell_of_account(server, "petra@example.org") for _ in range(2)]
    assert told[0] == told[1]
    [petra] = scene.rows(User, User.email == "petra@example.org")
    page.context.clear_cookies()
    page.goto(account_links.invitation(petra).replace("http://localhost:8000", server.url))
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your new password is set.")).to_be_visible()
    page.goto(f"{server.url}/accounts")
    expect(page.get_by_role("main").get_by_role("link", name="petra", exact=True)).to_be_visible()


STATIONS = "{ stations { nodes { name accountId } } }"


def test_m20_to_m24_smart_me_and_ocpp_stay_apart(server: RealServer, browser: Browser, smart_me: Cloud) -> None:
    known = sunny()
    with unwatched(browser) as page:
        sign_in(page, server.url, known.master.login.email)
        opens_one_there(page, server, smart_me, known)
        links_and_signs_in_there(page, server, known)
        adds_stations(page, server, known)
        separates(page, server, known)
        begins_there(page, server)
