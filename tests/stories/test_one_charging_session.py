"""One paid charging session from the label to the receipt: a real server, a real charger, a real browser.

Once with everything in one process on SQLite, once with pages, hub and worker apart on PostgreSQL and Redis.
"""

import io
import re
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urljoin

import requests
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from sqlalchemy import select

from accounts.use_cases import create_api_token
from billing.models import Document, Payment
from billing.values import DocumentKind, PaymentState
from charging.models import ChargingSession
from kit import db
from tests.browser import PHONE, fits, window
from tests.charger import IN_A_HURRY, Charger, charger, plan
from tests.make import PASSWORD
from tests.stories.market import Market, market
from tests.stories.program import Program, program

GOOD_CARD = "4242 4242 4242 4242"


def only(model: type, *conditions: object) -> object:
    """The one row there is."""
    with db.transaction(writing=False) as unit:
        return unit.session.scalars(select(model).where(*conditions)).one()  # type: ignore[arg-type]


def number_in(text: str) -> float:
    """The first number of a text that people read, such as `1.234 kWh`."""
    found = re.search(r"\d+(?:[’'’ ]\d{3})*(?:[.,]\d+)?", text)
    assert found, text
    return float(re.sub(r"[’'’ ]", "", found.group()).replace(",", "."))


def pay(phone: Page, running: Program, shop: Market) -> None:
    """Scan, read the price, agree, reserve."""
    phone.goto(f"{running.url}/q/{shop.station.code}")
    expect(phone.get_by_text("Garage Muster AG").first).to_be_visible()
    expect(phone.get_by_text(re.compile(r"0\.45"))).to_be_visible()
    phone.get_by_label(re.compile("E-mail")).fill("driver@example.org")
    phone.get_by_label(re.compile("I agree")).check()
    phone.get_by_role("button", name="Pay and charge").click()
    phone.get_by_label("Card number").fill(GOOD_CARD)
    phone.get_by_role("button", name=re.compile("^(Reserve|Pay)")).click()


def watch(phone: Page, box: Charger) -> None:
    """The numbers rise by themselves."""
    requests: list[str] = []
    expect(phone.get_by_text("Charging since")).to_be_visible()
    phone.on("request", lambda request: requests.append(request.url))
    large = phone.locator(".large")
    seen: list[float] = []
    while len(seen) < 3:
        before = large.inner_text()
        expect(large).not_to_have_text(before)
        seen.append(number_in(large.inner_text()))
    assert seen == sorted(seen)
    assert requests == [], "news comes by itself, nothing is asked for"
    assert fits(phone)


def sign_in(desk: Page, running: Program, shop: Market) -> None:
    """The operator opens his portal."""
    desk.goto(f"{running.url}/login")
    desk.get_by_label("E-mail").fill(shop.master.login.email)
    desk.get_by_label("Password").fill(PASSWORD)
    desk.get_by_role("button", name="Sign in", exact=True).click()
    expect(desk.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()


def pdf_behind(page: Page, words: str | re.Pattern[str]) -> str:
    """Follow a link to a PDF with the cookies of the window; its text."""
    href = page.get_by_role("link", name=words).first.get_attribute("href")
    assert href is not None
    answer = page.request.get(urljoin(page.url, href))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    return "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(answer.body())).pages)


def letters_to(running: Program, address: str) -> list[tuple[str, list[str]]]:
    """Subject and attachments of every letter to an address."""
    found = []
    for name in running.letters():
        letter = message_from_bytes((running.settings.mail_dir / name).read_bytes(), policy=policy.default)
        if letter["To"] == address:
            found.append((str(letter["Subject"]), [part.get_filename() or "" for part in letter.iter_attachments()]))
    return found


def the_story(browser: Browser, running: Program) -> None:
    """From the label to the receipt."""
    shop = market()
    plans = plan(shop.station.identity, shop.station.password)
    with charger(running.socket_url, plans, habits=IN_A_HURRY) as box, window(browser) as desk:
        sign_in(desk, running, shop)
        with window(browser, PHONE) as phone:
            pay(phone, running, shop)
            watch(phone, box)
            the_operator_sees_it_running(desk, running)
            phone.get_by_role("button", name="Stop charging").click()
            expect(phone.get_by_role("heading", name="Done. Thank you!")).to_be_visible()
            box.wait_until_told()
            text = pdf_behind(phone, "Receipt (PDF)")
            assert fits(phone)
        the_books_agree(text)
        the_operator_sees_the_money(desk, running)
        the_partner_sees_the_same(running, shop)
    box_letters = letters_to(running, "driver@example.org")
    assert [bool(attachments) for _, attachments in box_letters] == [False, True]
    assert "Traceback" not in running.log()


def the_operator_sees_it_running(desk: Page, running: Program) -> None:
    """Live power on the session's page, without a reload."""
    session = only(ChargingSession)
    desk.goto(f"{running.url}/sessions/{session.id}")  # type: ignore[attr-defined]
    power = desk.locator(".number-tile", has_text="Power now").locator(".stat-value")
    expect(power).to_have_text(re.compile(r"1[01][.,]\d+ kW"))
    energy = desk.locator(".number-tile", has_text="Energy").locator(".stat-value")
    before = energy.inner_text()
    expect(energy).not_to_have_text(before)


def the_books_agree(receipt: str) -> None:
    """What the receipt says is what was taken."""
    payment = only(Payment)
    document = only(Document, Document.kind == DocumentKind.RECEIPT)
    assert isinstance(payment, Payment)
    assert isinstance(document, Document)
    assert payment.state is PaymentState.CAPTURED
    assert payment.captured_minor == document.gross_minor
    amount = f"{document.gross_minor // 100}.{document.gross_minor % 100:02d}"
    assert amount in receipt
    assert str(document.snapshot["number"]) in receipt
    for part in ("Garage Muster AG", "CHE-999.999.996", "Tiefgarage", "8.1"):
        assert part in receipt, f"{part} is missing in the receipt"


def the_operator_sees_the_money(desk: Page, running: Program) -> None:
    """Income and the receipt are in the portal."""
    payment = only(Payment)
    assert isinstance(payment, Payment)
    assert payment.captured_minor is not None
    assert payment.fee_minor is not None
    earned = payment.captured_minor - payment.fee_minor
    desk.goto(f"{running.url}/income")
    expect(desk.get_by_text(re.compile(rf"CHF\s*{earned // 100}\.{earned % 100:02d}")).first).to_be_visible()
    assert "Garage Muster AG" in pdf_behind(desk, re.compile("PDF|Receipt"))


PARTNER_ASKS = """
{ sessions(first: 5) { nodes {
    id state energyWh meterStartWh meterStopWh stationName
    meterValues { energyWh powerW }
    charge { grossMinor netMinor vatMinor paymentState lines { kind amountMinor } }
} }
  receipts(first: 5) { nodes { number kind grossMinor } } }
"""


def the_partner_sees_the_same(running: Program, shop: Market) -> None:
    """A program with a key of the account asks over HTTP."""
    secret = create_api_token(shop.owner, shop.master.id, name="Partner").secret
    answer = requests.post(
        f"{running.url}/graphql",
        json={"query": PARTNER_ASKS},
        headers={"Authorization": f"Bearer {secret}"},
        timeout=10,
    ).json()
    assert "errors" not in answer, answer
    payment, row = only(Payment), only(ChargingSession)
    assert isinstance(payment, Payment)
    assert isinstance(row, ChargingSession)
    (session,) = answer["data"]["sessions"]["nodes"]
    assert (session["id"], session["state"], session["stationName"]) == (str(row.id), "ENDED", "Tiefgarage")
    assert session["energyWh"] == session["meterStopWh"] - session["meterStartWh"] == row.energy_wh
    assert len(session["meterValues"]) >= 3
    assert session["charge"]["grossMinor"] == payment.captured_minor
    assert session["charge"]["paymentState"] == "CAPTURED"
    assert sum(line["amountMinor"] for line in session["charge"]["lines"]) == payment.captured_minor
    assert answer["data"]["receipts"]["nodes"] == [
        {"number": 1, "kind": "RECEIPT", "grossMinor": payment.captured_minor}
    ]


def test_everything_in_one_process(browser: Browser, tmp_path: Path) -> None:
    with program(tmp_path / "var") as running:
        the_story(browser, running)


def test_pages_hub_and_worker_apart(browser: Browser, tmp_path: Path, postgresql_url: str, redis_url: str) -> None:
    roles = ("web", "hub", "worker")
    with program(tmp_path / "var", roles=roles, DATABASE_URL=postgresql_url, REDIS_URL=redis_url) as running:
        the_story(browser, running)
