"""What the platform promises its operators, as they meet it: in the portal by a real browser, and by GraphQL.

docs/stories.md lists the promises and their stories.
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.access import Actor
from accounts.models import Account
from accounts.values import AccountId
from billing.models import LedgerEntry, PayoutProfile
from closures.jobs import close_due
from handovers.models import HandOver
from handovers.values import HandOverState
from kit import clock
from stations.values import ConnectorStatus
from tests import make, scene
from tests.browser import DESK, PHONE, fits, window
from tests.charger import IN_A_HURRY, charger, plan
from tests.made import Login, MadeStation, Owned
from tests.make import PASSWORD
from tests.portal.garage import become_payable
from tests.portal.real_server import RealServer, real_server
from tests.stories.test_hand_over import begin, payment_of, receipt
from tests.stories.test_one_charging_session import pdf_behind
from tests.stories.visitors import ask, ask_with, mailed_link, sign_in, status
from tests.wire import until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The program in a process of its own, for all stories."""
    var_dir = tmp_path_factory.mktemp("operators") / "var"
    var_dir.mkdir()
    smart_me = {"SMART_ME_URL": "https://smart-me.example", "SMART_ME_CLIENT_ID": "us", "SMART_ME_CLIENT_SECRET": "-"}
    with real_server(var_dir, **smart_me) as started:  # nobody calls there; it has a page in the portal
        yield started


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
        sign_in(page, server.url, olga.login.email)
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
    seen = ask(server.url, paul.owner, paul.id, "{ stations { nodes { name } } }")["stations"]["nodes"]
    assert seen == [{"name": "Platz der Paul Strom GmbH"}]
    terms = "energyPrice: 1, timePrice: 0, sessionFee: 0"
    found = ask(
        server.url,
        paul.owner,
        paul.id,
        f'mutation {{ setPrice(connectorId: "{hers.connector.id}", {terms}) {{ ... on Problem {{ code }} }} }}',
    )
    assert found["setPrice"] == {"code": "not_found"}


def test_m13_nobody_earns_before_they_are_verified(server: RealServer, browser: Browser) -> None:
    owned, made = garage("Neu AG")
    make.price(connector=made.connector, owner=owned.owner)
    query = f'{{ verification(accountId: "{owned.id}") {{ state blocked }} }}'
    unverified = {"state": "UNVERIFIED", "blocked": ["PAID_CHARGING", "PAYOUTS"]}
    assert ask(server.url, owned.owner, owned.id, query)["verification"] == unverified
    with window(browser, PHONE) as page, window(browser, PHONE) as driver:
        driver.goto(f"{server.url}/q/{made.code}?lang=en")
        expect(driver.get_by_text("The operator cannot take card payments yet.")).to_be_visible()
        expect(driver.get_by_role("button", name="Pay and charge")).to_have_count(0)
        sign_in(page, server.url, owned.login.email)
        page.goto(f"{server.url}/income")
        page.get_by_role("link", name="Neu AG", exact=True).click()
        expect(page.get_by_text("Drivers can't pay here yet.")).to_be_visible()
        page.get_by_role("link", name="Enter").first.click()
        page.get_by_text("Company", exact=True).click()
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Connect an account").click()
        page.get_by_text("Give a bank account here, too").click()
        page.get_by_role("button", name="Confirm all of it").click()
        expect(page.get_by_text("Drivers can pay here.")).to_be_visible()
        assert fits(page)
        driver.reload()
        expect(driver.get_by_role("button", name="Pay and charge")).to_be_visible()
    verified = {"state": "VERIFIED", "blocked": []}
    assert ask(server.url, owned.owner, owned.id, query)["verification"] == verified


def books(server: RealServer, owner: Actor, account_id: UUID) -> tuple[list[int], list[str]]:
    """What the ledger of an account says is on its way to it, and who sold by its receipts; as a program reads it."""
    asked = f'income(accountId: "{account_id}") {{ balances {{ soonMinor }} }}'
    sold = f'receipts(accountId: "{account_id}") {{ nodes {{ seller {{ name }} }} }}'
    told = ask(server.url, owner, account_id, f"{{ {asked} {sold} }}")
    sellers = [one["seller"]["name"] for one in told["receipts"]["nodes"]]
    return [one["soonMinor"] for one in told["income"]["balances"]], sellers


def test_m17_m19_income_stays_with_the_property_and_a_master_sees_it_until_the_role_is_taken_back(
    server: RealServer, browser: Browser
) -> None:
    master = make.account(name="Verwaltung AG", language="en")
    heirs = {"legal_name": "Erben Linden", "uid": "", "vat_registered": False}
    linden = make.property(master=master, name="Lindenhof", language="en", **heirs)
    rosen = make.property(master=master, name="Rosengarten", language="en")
    local = make.login(account=linden)
    for owner, account_id in ((master.owner, master.id), (local.actor, AccountId(linden.id))):
        become_payable(owner, account_id)
    earned = f"CHF {sell(server, linden, local) / 100:.2f}"
    assert books(server, local.actor, linden.id)[1] == ["Erben Linden"]
    assert books(server, master.owner, rosen.id) == ([], [])
    figures = f'{{ properties(accountId: "{master.id}") {{ nodes {{ name }} }} }}'
    with window(browser, DESK) as page, window(browser, PHONE) as other:
        sign_in(page, server.url, master.login.email)
        page.goto(f"{server.url}/income")
        expect(page.get_by_text(earned).first).to_be_visible()
        page.goto(f"{server.url}/properties")
        page.get_by_role("button", name="Open Rosengarten").click()
        page.wait_for_url(re.compile(r"/(?!properties)"))
        page.goto(f"{server.url}/income")
        expect(page.get_by_text("No receipts yet")).to_be_visible()
        sign_in(other, server.url, local.email)
        other.goto(f"{server.url}/accounts/{linden.id}/payout")
        expect(other.get_by_text("The money goes to your own account")).to_be_visible()
        other.goto(f"{server.url}/income")
        expect(other.get_by_text(earned).first).to_be_visible()
        assert "Erben Linden" in pdf_behind(other, "PDF")
        assert fits(other)
        seen = ask(server.url, master.owner, master.id, figures)["properties"]["nodes"]
        assert [one["name"] for one in seen] == ["Lindenhof", "Rosengarten"]
        other.goto(f"{server.url}/people")
        other.on("dialog", lambda dialog: dialog.accept())
        card = other.locator("section", has=other.get_by_role("heading", name="Companies that act here"))
        card.get_by_role("button", name="Take back").click()
        expect(other.get_by_role("heading", name="Companies that act here")).to_have_count(0)
        for place in (f"accounts/{linden.id}", f"accounts/{linden.id}/payout"):
            assert status(page, f"{server.url}/{place}") == 404
        assert status(page, f"{server.url}/accounts/{rosen.id}") == 200
        page.goto(f"{server.url}/properties")
        expect(page.get_by_text("Lindenhof")).to_have_count(0)
    seen = ask(server.url, master.owner, master.id, figures)["properties"]["nodes"]
    assert [one["name"] for one in seen] == ["Rosengarten"]
    assert books(server, master.owner, master.id) == ([], []), "nothing ever lay in the books of the master"


def sell(server: RealServer, account: Account, owner: Login) -> int:
    """A driver charges at a station of this account and pays; what the account earned, minor units."""
    made = make.station(property=account, owner=owner.actor, name="Platz 1", max_power_w=700_000)
    make.price(connector=made.connector, owner=owner.actor)
    address = server.socket_url.removesuffix("/ocpp")
    with charger(address, plan(made.identity, made.password), habits=IN_A_HURRY) as box:
        driver, link = begin(server.url, box, made.code)
        assert "Erben Linden" in receipt(box, driver, link)
    paid = payment_of(link)
    assert paid.account_id == account.id
    assert paid.provider_account == scene.row(PayoutProfile, account.id).provider_account
    assert {row.account_id for row in scene.rows(LedgerEntry, LedgerEntry.payment_id == paid.id)} == {account.id}
    return (paid.captured_minor or 0) - (paid.fee_minor or 0)


def test_m18_a_property_changes_hands(server: RealServer, browser: Browser) -> None:
    owned = make.account(name="Alt AG", language="en")
    home = make.property(master=owned, name="Wechselhof", language="en")
    make.station(property=home, owner=owned.owner, name="Wallbox am Tor")
    with window(browser, DESK) as page:
        sign_in(page, server.url, owned.login.email)
        page.goto(f"{server.url}/accounts/{home.id}/hand-over")
        page.get_by_label("E-mail of the new owner").fill("nora@example.org")
        page.get_by_role("button", name="Go on").click()
        row = until(lambda: scene.rows(HandOver, HandOver.account_id == home.id))[0]
        page.goto(mailed_link(owned.login.email, "Confirm the hand-over"))
        page.get_by_role("button", name="Confirm the hand-over").click()
        told = f'{{ handOvers(accountId: "{home.id}") {{ state email }} }}'
        assert ask(server.url, owned.owner, owned.id, told)["handOvers"] == [
            {"state": "OFFERED", "email": "nora@example.org"}
        ]
        with window(browser, PHONE) as other:
            other.goto(mailed_link("nora@example.org", "shall be yours"))
            other.get_by_label("Name").fill("Nora Neu")
            other.get_by_label("New password").fill(PASSWORD)
            assert fits(other)
            other.get_by_role("button", name="Take the account over").click()
            until(lambda: scene.row(HandOver, row.id).state is HandOverState.DONE)
            sign_in(other, server.url, "nora@example.org")
            other.goto(f"{server.url}/stations")
            expect(other.get_by_text("Wallbox am Tor").first).to_be_visible()
        assert status(page, f"{server.url}/accounts/{home.id}") == 404


@pytest.mark.parametrize(("size", "guest_size"), [(PHONE, DESK), (DESK, PHONE)], ids=["phone", "desk"])
def test_from_nothing_to_a_property_where_an_invited_person_works(
    server: RealServer, browser: Browser, size: dict[str, int], guest_size: dict[str, int]
) -> None:
    olga, max_ = f"olga{size['width']}@example.org", f"max{size['width']}@example.org"
    with window(browser, size) as page, window(browser, guest_size) as guest:
        for one in (page, guest):  # the map is somebody else's, and perhaps out of reach
            one.route("https://wmts.geo.admin.ch/**", lambda route: route.fulfill(body=b""))
        registers(page, server, olga)
        page.goto(f"{server.url}/accounts")
        page.get_by_role("link", name="Haus Olga", exact=True).first.click()
        page.get_by_role("link", name="Add a property").click()
        page.get_by_label("Name").fill("Ahornweg")
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_text("The account is ready.")).to_be_visible()
        assert fits(page)
        page.goto(f"{server.url}/properties")
        page.get_by_role("button", name="Open Ahornweg").click()
        page.wait_for_url(re.compile(r"/(?!properties)"))
        page.goto(f"{server.url}/people")
        page.get_by_label("E-mail").fill(max_)
        page.get_by_label("Role", exact=True).select_option("Manager")
        page.get_by_role("button", name="Invite").click()
        expect(page.get_by_text("Waiting for an answer")).to_be_visible()
        guest.goto(mailed_link(max_, "Invitation to work in Ahornweg"))
        guest.get_by_label("Name").fill("Max Muster")
        guest.get_by_label("New password").fill(PASSWORD)
        assert fits(guest)
        guest.get_by_role("button", name="Accept the role").click()
        sign_in(guest, server.url, max_)
        adds_a_station_with_a_price(guest, server)
        [home] = scene.rows(Account, Account.name == "Ahornweg", Account.contact_email == olga)
        rights = {"income": 200, "people": 403, "api-keys": 403, f"accounts/{home.id}/hand-over": 403}
        rights |= {f"accounts/{home.parent_id}": 404, f"accounts/{home.parent_id}/payout": 404}
        assert {place: status(guest, f"{server.url}/{place}") for place in rights} == rights
        page.goto(f"{server.url}/stations")
        expect(page.get_by_text("Wallbox am Ahorn").first).to_be_visible()
        page.goto(f"{server.url}/api-keys")
        page.get_by_label("Name").fill("Auswertung")
        page.get_by_role("button", name="Make a key").click()
        secret = page.locator("code.secret").inner_text()
        assert fits(page)
    told = ask_with(server.url, secret, "{ stations { nodes { name connectors { tariff { energyPrice } } } } }")
    assert told["stations"]["nodes"] == [
        {"name": "Wallbox am Ahorn", "connectors": [{"tariff": {"energyPrice": "0.42"}}]}
    ]


def registers(page: Page, server: RealServer, email: str) -> None:
    """Somebody new, by the link in the letter."""
    page.goto(f"{server.url}/register?lang=en")
    page.get_by_label("Your name").fill("Olga Owner")
    page.get_by_label("Company or household").fill("Haus Olga")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("I agree to the terms").check()
    assert fits(page)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name="Please look into your mail")).to_be_visible()
    page.goto(mailed_link(email, "Confirm your e-mail address"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()


def adds_a_station_with_a_price(page: Page, server: RealServer) -> None:
    """What a manager does on the first day."""
    page.goto(f"{server.url}/stations/new")
    page.get_by_label("Name", exact=True).fill("Wallbox am Ahorn")
    page.get_by_role("button", name="Add the station").click()
    expect(page.get_by_role("heading", name="Enter this in the charger")).to_be_visible()
    page.get_by_role("link", name="To the station").click()
    expect(page.get_by_role("heading", name="Wallbox am Ahorn", level=1)).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Price", exact=True).first.click()
    page.get_by_label("Per kWh").fill("0.42")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("0.42").first).to_be_visible()
    assert fits(page)


def test_an_owner_takes_a_copy_closes_the_account_and_thinks_twice(server: RealServer, browser: Browser) -> None:
    owned, _ = garage("Schluss AG")
    told = f'{{ accountClosure(accountId: "{owned.id}") {{ state }} }}'
    with window(browser, PHONE) as page:
        page.on("dialog", lambda dialog: dialog.accept())
        sign_in(page, server.url, owned.login.email)
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
        assert ask(server.url, owned.owner, owned.id, told)["accountClosure"] == {"state": "WAITING"}
        page.get_by_role("button", name="Keep the account open").click()
        expect(page.get_by_text("It is undone. The account stays open.")).to_be_visible()
        assert ask(server.url, owned.owner, owned.id, told)["accountClosure"] is None
        page.get_by_role("button", name="Close it in 30 days").click()
        expect(page.get_by_text("This account will be closed on")).to_be_visible()
        assert fits(page)
        with clock.moved_to(clock.now() + timedelta(days=31)):
            close_due()
        assert status(page, f"{server.url}/accounts/{owned.id}") == 404


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
        sign_in(page, server.url, owned.login.email)
        page.goto(f"{server.url}/dashboard")
        seen, wanted = {"/dashboard"}, ["/dashboard"]
        passed = re.compile(r"^/(static|dev|legal|docs|graphql|platform)|\.\w+$|/send/|smart-me/sign-in$")
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
    names = ask(server.url, owned.owner, owned.id, "{ stations { nodes { name } } }")["stations"]["nodes"]
    assert len(names) == 2
