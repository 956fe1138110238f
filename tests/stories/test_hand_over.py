"""A property changes hands while somebody charges there: real processes, a real charger, drivers over real HTTP, and
both owners with a real browser, one at a desk and one on a phone.

Once with everything in one process on SQLite, once with pages, hub and worker apart on PostgreSQL and Redis.
"""

import io
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from sqlalchemy import select

from accounts.values import AccountId
from billing import queries as billing
from billing.models import Payment
from billing.values import PaymentState
from handovers.models import HandOver
from handovers.values import HandOverState
from kit import db
from stations.models import StationConnection
from tests import scene
from tests.browser import PHONE, fits, window
from tests.charger import IN_A_HURRY, Charger, charger, plan
from tests.handovers.parties import NEW_EMAIL
from tests.handovers.test_hand_overs import again, sell_as
from tests.make import PASSWORD
from tests.stories.driver import PATIENCE_S, Driver
from tests.stories.market import Market, market
from tests.stories.program import Program, program
from tests.stories.test_one_charging_session import pdf_behind
from tests.stories.visitors import ask, mailed_link, sign_in, status
from tests.wire import until

SELLER, BUYER = "Garage Muster AG", "Neu am See AG"


def begin(url: str, box: Charger, code: str) -> tuple[Driver, str]:
    """A driver scans, pays and charges; his link."""
    driver = Driver(url)
    driver.scan(code)
    link = driver.pay()
    box.wait_for_transaction()
    return driver, link


def receipt(box: Charger, driver: Driver, link: str) -> str:
    """He stops; what his receipt says."""
    box.wait_for(lambda: driver.open(link) and driver.shows("/stop"))
    driver.stop(link)
    box.wait_for(lambda: payment_of(link).state is PaymentState.CAPTURED)
    answer = driver.browser.get(f"{link}/receipt.pdf", timeout=PATIENCE_S)
    assert answer.headers["Content-Type"] == "application/pdf"
    box.wait_for_status("Available")
    return "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(answer.content)).pages)


def payment_of(link: str) -> Payment:
    """The payment behind a driver's link."""
    key = urlsplit(link).path.rsplit("/", 1)[1]
    with db.transaction(writing=False) as unit:
        return unit.session.scalars(select(Payment).where(Payment.link_key == key)).one()


def protocols(running: Program) -> list[str]:
    """The letters with a protocol."""
    return [name for name in running.letters() if b"protocol-" in (running.settings.mail_dir / name).read_bytes()]


def give(desk: Page, running: Program, shop: Market) -> None:
    """The old owner asks for it, reads what runs, and confirms by the link in his letter."""
    home = shop.station.station.account_id
    sign_in(desk, running.url, shop.master.login.email)
    desk.goto(f"{running.url}/accounts/{home}/hand-over")
    expect(desk.get_by_text("1 session runs now. It ends under the present owner, at its price.")).to_be_visible()
    desk.get_by_label("E-mail of the new owner").fill(NEW_EMAIL)
    desk.get_by_role("button", name="Go on").click()
    desk.goto(mailed_link(shop.master.login.email, "Confirm the hand-over"))
    desk.get_by_role("button", name="Confirm the hand-over").click()
    told = f'{{ handOvers(accountId: "{home}") {{ state email oldAgreedAt newAgreedAt }} }}'
    (asked,) = ask(running.url, shop.owner, shop.master.id, told)["handOvers"]
    assert asked["oldAgreedAt"] is not None
    assert (asked["state"], asked["email"], asked["newAgreedAt"]) == ("OFFERED", NEW_EMAIL, None)


def take(phone: Page, running: Program) -> None:
    """The new owner, who had no login, opens the link in her letter and chooses a password."""
    phone.goto(mailed_link(NEW_EMAIL, "shall be yours"))
    phone.get_by_label("Name").fill("Nora Neu")
    phone.get_by_label("New password").fill(PASSWORD)
    assert fits(phone)
    phone.get_by_role("button", name="Take the account over").click()
    until(lambda: scene.rows(HandOver, HandOver.state == HandOverState.DONE))
    sign_in(phone, running.url, NEW_EMAIL)
    phone.goto(f"{running.url}/stations")
    expect(phone.get_by_text("Tiefgarage").first).to_be_visible()


def each_has_what_was_sold_in_their_time(desk: Page, phone: Page, running: Program, shop: Market) -> None:
    """Both look at their receipts, and at each other's account."""
    (row,) = scene.rows(HandOver)
    home = shop.station.station.account_id
    for page, account_id, seller in ((desk, row.archive_id, SELLER), (phone, home, BUYER)):
        page.goto(f"{running.url}/income")
        assert seller in pdf_behind(page, "PDF")
        assert fits(page)
        page.goto(f"{running.url}/accounts/{account_id}/hand-overs")
        assert SELLER in pdf_behind(page, "Protocol (PDF)")
    assert status(desk, f"{running.url}/accounts/{home}") == 404
    assert status(phone, f"{running.url}/accounts/{row.archive_id}") == 404
    for owner, account_id, seller in ((shop.owner, shop.master.id, SELLER), (again(NEW_EMAIL), home, BUYER)):
        told = ask(running.url, owner, account_id, "{ receipts { nodes { number seller { name } } } }")["receipts"]
        assert told["nodes"] == [{"number": 1, "seller": {"name": seller}}]
    theirs = ask(running.url, shop.owner, shop.master.id, f'{{ handOvers(accountId: "{row.archive_id}") {{ state }} }}')
    assert theirs["handOvers"] == [{"state": "DONE"}]


def the_story(running: Program, browser: Browser) -> None:
    """One charges across the moment, the next one after it."""
    shop = market(name=SELLER)
    property_id = AccountId(shop.station.station.account_id)
    plans = plan(shop.station.identity, shop.station.password)
    with (
        window(browser) as desk,
        window(browser, PHONE) as phone,
        charger(running.socket_url, plans, habits=IN_A_HURRY) as box,
    ):
        first, link = begin(running.url, box, shop.station.code)
        lines = [row.id for row in scene.rows(StationConnection)]
        give(desk, running, shop)
        take(phone, running)
        (row,) = scene.rows(HandOver)
        assert len((row.protocol or {})["running"]) == 1
        before = receipt(box, first, link)
        sell_as(again(NEW_EMAIL), property_id, BUYER)
        second, later_link = begin(running.url, box, shop.station.code)
        after = receipt(box, second, later_link)
        assert [row.id for row in scene.rows(StationConnection)] == lines, "nobody hung up"
        each_has_what_was_sold_in_their_time(desk, phone, running, shop)
    for text, seller, other in ((before, SELLER, BUYER), (after, BUYER, SELLER)):
        assert seller in text
        assert "R-000001" in text, "each has a series of numbers"
        assert other not in text
    old, new = payment_of(link), payment_of(later_link)
    assert (old.account_id, new.account_id) == (row.archive_id, property_id)
    assert old.provider_account != new.provider_account
    (sold,) = billing.receipts(again(NEW_EMAIL), property_id)
    assert sold.series_account_id == property_id
    until(lambda: len(protocols(running)) == 2)  # one for each, by a worker that has other things to do as well
    assert "Traceback" not in running.log()


def test_everything_in_one_process(browser: Browser, tmp_path: Path) -> None:
    with program(tmp_path / "var") as running:
        the_story(running, browser)


def test_pages_hub_and_worker_apart(browser: Browser, tmp_path: Path, postgresql_url: str, redis_url: str) -> None:
    roles = ("web", "hub", "worker")
    with program(tmp_path / "var", roles=roles, DATABASE_URL=postgresql_url, REDIS_URL=redis_url) as running:
        the_story(running, browser)
