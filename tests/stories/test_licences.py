"""An operator meets a function that needs a licence, tries it, buys it and pays, at a desk and on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from accounts.rights import Right
from accounts.use_cases import create_api_token
from tests.browser import DESK, PHONE, fits, window
from tests.licensing.shop import Shop, open_shop
from tests.make import PASSWORD
from tests.portal.real_server import RealServer, real_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The program in a process of its own."""
    var_dir = tmp_path_factory.mktemp("licences") / "var"
    var_dir.mkdir()
    with real_server(var_dir) as started:
        yield started


def sign_in(page: Page, server: RealServer, shop: Shop) -> None:
    """As people do."""
    page.goto(f"{server.url}/login?lang=en")
    page.get_by_label("E-mail").fill(shop.master.login.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_an_offer_to_a_paid_invoice(
    server: RealServer, browser: Browser, size: dict[str, int], tmp_path: Path
) -> None:
    shop = open_shop(stations=2)
    with window(browser, size) as page:
        sign_in(page, server, shop)
        page.goto(f"{server.url}/stations/{shop.station_ids[0]}/files")
        page.get_by_role("link", name="Look at the offer").click()
        assert fits(page)
        page.get_by_role("link", name="Try it for 30 days").click()
        page.get_by_label("Platz 2").uncheck()
        page.get_by_role("button", name="Start the trial").click()
        expect(page.get_by_text("Days left")).to_be_visible()
        assert fits(page)
        page.goto(f"{server.url}/stations/{shop.station_ids[0]}/files")
        expect(page.get_by_role("heading", name="Ask for a file")).to_be_visible()
        page.goto(f"{server.url}/licences")
        page.get_by_role("main").get_by_role("link", name="Buy", exact=True).click()
        page.get_by_label("Yearly: CHF 90.00 per station").check()
        assert fits(page)
        page.get_by_role("button", name="Buy with an obligation to pay").click()
        page.get_by_role("button", name="Pay by card").click()
        page.get_by_label("Card number").fill("4242 4242 4242 4242")
        page.get_by_role("button", name="Reserve CHF 90.00").click()
        expect(page.get_by_text("Paid by card")).to_be_visible()
        assert fits(page)
    key = create_api_token(shop.master.owner, shop.master.id, name="story", rights=[Right.VIEW_LICENCES]).secret
    query = f'{{ licences(accountId: "{shop.master.id}") {{ subscription {{ interval priceMinor }} }} }}'
    login = {"Authorization": f"Bearer {key}"}
    answer = requests.post(f"{server.url}/graphql", json={"query": query}, headers=login, timeout=10).json()
    assert answer["data"]["licences"]["subscription"] == {"interval": "YEAR", "priceMinor": 9_000}
