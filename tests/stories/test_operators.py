"""What the platform promises its operators, as they meet it: in the portal by a real browser, and by GraphQL.

docs/stories.md lists the promises and their stories.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from standardwebhooks import Webhook

from accounts import links as account_links
from accounts.models import User
from accounts.rights import Role
from accounts.use_cases import create_api_token
from closures.jobs import close_due
from handovers import links
from handovers.models import HandOver
from handovers.values import HandOverState, Side
from kit import clock
from stations.values import ConnectorStatus
from tests import make, scene
from tests.browser import DESK, PHONE, fits, window
from tests.made import Login, MadeStation, Owned
from tests.make import PASSWORD
from tests.portal.garage import become_payable
from tests.portal.real_server import RealServer, real_server
from tests.smart_me.conftest import INBOUND
from tests.smart_me_server import CLIENT_ID, CLIENT_SECRET, PARTNER_KEY, Cloud, cloud
from tests.wire import until


@pytest.fixture(scope="module")
def smart_me() -> Iterator[Cloud]:
    """smart-me itself."""
    with cloud() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, smart_me: Cloud) -> Iterator[RealServer]:
    """The program in a process of its own, for all stories."""
    var_dir = tmp_path_factory.mktemp("operators") / "var"
    var_dir.mkdir()
    known = {"SMART_ME_URL": smart_me.url, "SMART_ME_CLIENT_ID": CLIENT_ID, "SMART_ME_CLIENT_SECRET": CLIENT_SECRET}
    keys = {"SMART_ME_PARTNER_KEY": PARTNER_KEY, "SMART_ME_INBOUND_SECRET": INBOUND}
    with real_server(var_dir, **known, **keys) as started:
        yield started


def sign_in(page: Page, server: RealServer, login: Login) -> None:
    """As people do."""
    page.goto(f"{server.url}/login?lang=en")
    page.get_by_label("E-mail").fill(login.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/(dashboard|accounts|stations)?$"))


def ask(server: RealServer, owned: Owned, query: str) -> Any:
    """What a program of the account is answered."""
    key = create_api_token(owned.owner, owned.id, name="story", role=Role.API_CLIENT).secret
    headers = {"Authorization": f"Bearer {key}"}
    answer = requests.post(f"{server.url}/graphql", json={"query": query}, headers=headers, timeout=20).json()
    assert "errors" not in answer, answer
    return answer["data"]


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


def status(page: Page, url: str) -> int:
    """How the person in this window is answered."""
    return page.request.get(url).status


def garage(name: str, **account: Any) -> tuple[Owned, MadeStation]:
    """An operator with a station that is up."""
    owned = make.account(name=name, language="en", **account)
    made = make.station(property=owned.account, owner=owned.owner, name=f"Platz der {name}")
    scene.says(made.station, ConnectorStatus.AVAILABLE)
    return owned, made


def test_m1_m2_each_operator_sells_in_their_own_name_and_sees_their_own_alone(
    server: RealServer, browser: Browser
) -> None:
    (olga, hers), (paul, his) = garage("Olga Laden AG"), garage("Paul Strom GmbH")
    for owned in (olga, paul):
        become_payable(owned.owner, owned.id)
    with window(browser, PHONE) as page:
        sign_in(page, server, olga.login)
        page.goto(f"{server.url}/connectors/{hers.connector.id}/price")
        page.get_by_label("Per kWh").fill("0.37")
        page.get_by_role("button", name="Save").click()
        page.goto(f"{server.url}/stations")
        expect(page.get_by_text("Platz der Olga Laden AG").first).to_be_visible()
        expect(page.get_by_text("Paul Strom")).to_have_count(0)
        assert fits(page)
        assert status(page, f"{server.url}/stations/{his.id}") == 404
    with window(browser, PHONE) as page:
        page.goto(f"{server.url}/q/{hers.code}?lang=en")
        expect(page.get_by_text("Olga Laden AG").first).to_be_visible()
        expect(page.get_by_text("0.37").first).to_be_visible()
        assert fits(page)
    seen = ask(server, paul, "{ stations { nodes { name } } }")["stations"]["nodes"]
    assert seen == [{"name": "Platz der Paul Strom GmbH"}]
    terms = "energyPrice: 1, timePrice: 0, sessionFee: 0"
    found = ask(
        server,
        paul,
        f'mutation {{ setPrice(connectorId: "{hers.connector.id}", {terms}) {{ ... on Problem {{ code }} }} }}',
    )
    assert found["setPrice"] == {"code": "not_found"}


def test_m13_an_operator_is_verified_on_a_phone_and_can_be_paid(server: RealServer, browser: Browser) -> None:
    owned, _ = garage("Neu AG")
    query = f'{{ verification(accountId: "{owned.id}") {{ state blocked }} }}'
    assert ask(server, owned, query)["verification"] == {
        "state": "UNVERIFIED",
        "blocked": ["PAID_CHARGING", "PAYOUTS"],
    }
    with window(browser, PHONE) as page:
        sign_in(page, server, owned.login)
        page.goto(f"{server.url}/accounts/{owned.id}/payout")
        page.get_by_role("link", name="Enter").first.click()
        page.get_by_text("Company", exact=True).click()
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Connect an account").click()
        page.get_by_text("Give a bank account here, too").click()
        page.get_by_role("button", name="Confirm all of it").click()
        expect(page.get_by_text("Drivers can pay here.")).to_be_visible()
        assert fits(page)
    assert ask(server, owned, query)["verification"] == {"state": "VERIFIED", "blocked": []}


def test_m17_m19_a_master_sees_its_properties_until_one_takes_the_role_back(
    server: RealServer, browser: Browser
) -> None:
    master = make.account(name="Verwaltung AG", language="en")
    homes = [make.property(master=master, name=name, language="en") for name in ("Lindenhof", "Rosengarten")]
    local = make.login(account=homes[0])
    figures = f'{{ properties(accountId: "{master.id}") {{ nodes {{ name }} }} }}'
    assert [one["name"] for one in ask(server, master, figures)["properties"]["nodes"]] == ["Lindenhof", "Rosengarten"]
    with window(browser, DESK) as page:
        sign_in(page, server, master.login)
        page.goto(f"{server.url}/properties")
        expect(page.get_by_role("button", name="Open Rosengarten")).to_be_visible()
        page.get_by_role("button", name="Open Lindenhof").click()
        page.wait_for_url(re.compile(r"/(?!properties)"))
        assert status(page, f"{server.url}/accounts/{homes[0].id}/payout") == 200, "each has books of its own"
        with window(browser, PHONE) as other:
            sign_in(other, server, local)
            other.goto(f"{server.url}/people")
            other.on("dialog", lambda dialog: dialog.accept())
            card = other.locator("section", has=other.get_by_role("heading", name="Companies that act here"))
            card.get_by_role("button", name="Take back").click()
            expect(other.get_by_role("heading", name="Companies that act here")).to_have_count(0)
            assert fits(other)
        assert status(page, f"{server.url}/accounts/{homes[0].id}") == 404
        assert status(page, f"{server.url}/accounts/{homes[1].id}") == 200
    assert [one["name"] for one in ask(server, master, figures)["properties"]["nodes"]] == ["Rosengarten"]


def test_m18_a_property_changes_hands(server: RealServer, browser: Browser) -> None:
    owned = make.account(name="Alt AG", language="en")
    home = make.property(master=owned, name="Wechselhof", language="en")
    make.station(property=home, owner=owned.owner, name="Wallbox am Tor")
    with window(browser, DESK) as page:
        sign_in(page, server, owned.login)
        page.goto(f"{server.url}/accounts/{home.id}/hand-over")
        page.get_by_label("E-mail of the new owner").fill("nora@example.org")
        page.get_by_role("button", name="Go on").click()
        row = until(lambda: scene.rows(HandOver, HandOver.account_id == home.id))[0]
        page.goto(links.link(row, Side.OLD))
        page.get_by_role("button", name="Confirm the hand-over").click()
        told = f'{{ handOvers(accountId: "{home.id}") {{ state email }} }}'
        assert ask(server, owned, told)["handOvers"] == [{"state": "OFFERED", "email": "nora@example.org"}]
        with window(browser, PHONE) as other:
            other.goto(f"{links.link(row, Side.NEW)}?lang=en")
            other.get_by_label("Name").fill("Nora Neu")
            other.get_by_label("New password").fill(PASSWORD)
            assert fits(other)
            other.get_by_role("button", name="Take the account over").click()
            until(lambda: scene.row(HandOver, row.id).state is HandOverState.DONE)
            sign_in(other, server, Login(scene.rows(User, User.email == "nora@example.org")[0], owned.owner))
            other.goto(f"{server.url}/stations")
            expect(other.get_by_text("Wallbox am Tor").first).to_be_visible()
        assert status(page, f"{server.url}/accounts/{home.id}") == 404


def test_an_owner_takes_a_copy_closes_the_account_and_thinks_twice(server: RealServer, browser: Browser) -> None:
    owned, _ = garage("Schluss AG")
    told = f'{{ accountClosure(accountId: "{owned.id}") {{ state }} }}'
    with window(browser, PHONE) as page:
        page.on("dialog", lambda dialog: dialog.accept())
        sign_in(page, server, owned.login)
        page.goto(f"{server.url}/accounts/{owned.id}")
        page.get_by_role("link", name="Copy or close").click()
        expect(page.get_by_text("Platz der Schluss AG")).to_be_visible()
        page.get_by_role("button", name="Write a copy").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()
        with zipfile.ZipFile(download.value.path()) as archive:
            assert {"stations.csv", "meter_values.csv", "imports.csv"} <= set(archive.namelist())
        page.get_by_role("button", name="Close it in 30 days").click()
        expect(page.get_by_text("This account will be closed on")).to_be_visible()
        assert ask(server, owned, told)["accountClosure"] == {"state": "WAITING"}
        page.get_by_role("button", name="Keep the account open").click()
        expect(page.get_by_text("It is undone. The account stays open.")).to_be_visible()
        assert ask(server, owned, told)["accountClosure"] is None
        page.get_by_role("button", name="Close it in 30 days").click()
        expect(page.get_by_text("This account will be closed on")).to_be_visible()
        assert fits(page)
        with clock.moved_to(clock.now() + timedelta(days=31)):
            close_due()
        assert status(page, f"{server.url}/accounts/{owned.id}") == 404


def test_m20_to_m24_smart_me_and_ocpp_stay_apart(server: RealServer, browser: Browser, smart_me: Cloud) -> None:
    master = make.account(name="Sonnenhof AG", language="en")
    home = make.property(master=master, name="Sonnenhof", language="en")
    beside = make.property(master=master, name="Mondhof", language="en")
    station = make.station(property=home, owner=master.owner, name="Wallbox Nord")
    place = f"{server.url}/accounts/{home.id}/smart-me"
    with unwatched(browser) as page:
        sign_in(page, server, master.login)
        page.goto(f"{server.url}/accounts/{beside.id}/smart-me")
        page.get_by_role("button", name="Open an account of the same name there").click()
        until(lambda: master.login.email in smart_me.accounts)  # M21
        page.goto(place)
        page.get_by_role("link", name="Sign in at smart-me and link").click()
        expect(page.get_by_text("Linked", exact=True)).to_be_visible()
        page.context.clear_cookies()
        page.goto(f"{server.url}/login?lang=en")
        page.get_by_role("link", name="Sign in with smart-me").click()  # M24: by the login there
        page.wait_for_url(re.compile(r"/(dashboard|accounts|stations)$"))
        forecast = f'{{ stationForecast(accountId: "{home.id}", kind: OCPP) {{ licencesNow licencesThen }} }}'
        told = ask(server, master, forecast)["stationForecast"]
        assert told == {"licencesNow": 1, "licencesThen": 2}  # M22
        page.goto(f"{server.url}/stations/new?account={home.id}")
        page.get_by_label("Account").select_option("Sonnenhof")
        page.get_by_label("Name", exact=True).fill("Wallbox Ost")
        page.get_by_role("button", name="Add the station").click()
        page.get_by_role("button", name="Add it in an account of its own").click()  # M23
        expect(page.get_by_text("Wallbox Ost").first).to_be_visible()
        page.goto(place)
        page.get_by_text("A ZEV is billed in this account at smart-me").click()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("the OCPP stations have to leave it")).to_be_visible()
        page.get_by_role("button", name="Separate now").click()  # M20
        expect(page.get_by_text("have to leave it")).to_have_count(0)
        told = [tell_of_account(server, "petra@example.org") for _ in range(2)]  # M21, from the other side
        assert told[0] == told[1]
        page.context.clear_cookies()
        [petra] = scene.rows(User, User.email == "petra@example.org")
        page.goto(account_links.invitation(petra).replace("http://localhost:8000", server.url))
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Your new password is set.")).to_be_visible()
        page.goto(f"{server.url}/accounts")
        expect(page.get_by_role("main").get_by_role("link", name="petra", exact=True)).to_be_visible()
    row = ask(server, master, f'{{ station(id: "{station.id}") {{ accountId }} }}')["station"]
    assert row["accountId"] != str(home.id)
    pico = f'addStation(accountId: "{home.id}", facts: {{ name: "Pico" }}, connectors: [{{}}], kind: PICO)'
    added = ask(server, master, f"mutation {{ {pico} {{ __typename ... on Problem {{ code }} }} }}")["addStation"]
    assert added == {"__typename": "StationWithPassword"}


SETTINGS = """
    /price /hours /edit /limits /security /settings /behaviour /local-list /payout /payout/legal /sign-in /hand-over
    /smart-me /code /people /people/roles /people/groups /api-keys /webhook-endpoints /tags/new /firmware/new
    /licences /stations/new /me
"""


def test_m25_every_setting_is_reached_from_the_menu_on_a_phone(server: RealServer, browser: Browser) -> None:
    owned, made = garage("Handy AG")
    home = make.property(master=owned, name="Handyhof", language="en")
    make.station(property=home, owner=owned.owner, name="Hofplatz")
    with window(browser, PHONE) as page:
        sign_in(page, server, owned.login)
        page.goto(f"{server.url}/dashboard")
        seen, wanted = {"/dashboard"}, ["/dashboard"]
        passed = re.compile(r"^/(static|dev|legal|docs|graphql|platform)|\.\w+$|/send/")
        while wanted:
            html = page.request.get(server.url + wanted.pop(0)).text()
            for link in re.findall(r'href="(/[^"?#]*)', html):
                if link not in seen and not passed.search(link):
                    seen.add(link)
                    wanted.append(link)
        missing = [one for one in SETTINGS.split() if not any(link.endswith(one) for link in seen)]
        assert missing == []
        page.get_by_label("Menu").first.click()
        expect(page.get_by_role("link", name="Stations", exact=True).first).to_be_visible()
        for link in (f"/stations/{made.id}", f"/accounts/{home.id}", "/people"):
            page.goto(server.url + link)
            assert fits(page), link
    names = ask(server, owned, "{ stations { nodes { name } } }")["stations"]["nodes"]
    assert len(names) == 2
