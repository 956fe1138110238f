"""What the platform sends to operators: numbers, VAT, the QR-bill, payment by card and bank, fees of a month."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import update
from stdnum.ch import esr

from accounts.access import SYSTEM, Actor
from accounts.models import Account, Grant
from accounts.rights import Role
from billing import ledger
from billing.payments import sandbox
from billing.use_cases import part_books
from billing.values import LedgerAccount
from kit import db, mail, settings, worker
from kit.errors import Conflict, NotFound
from licensing import checkout, documents, jobs, qr_bill, queries, use_cases
from licensing.models import Invoice
from licensing.numbering import payment_reference
from licensing.periods import days, part_minor, period_end
from licensing.values import Interval, InvoiceId, InvoiceKind, PaidBy
from tests import make
from tests.licensing.shop import Shop, days_pass


@pytest.fixture
def invoice(shop: Shop) -> Invoice:
    """Three stations for a month."""
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids)
    worker.drain()
    return shop.invoices()[0]


def text_of(pdf: bytes) -> str:
    """What a person reads in a PDF."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_an_invoice_says_who_what_and_how_much_vat(shop: Shop, invoice: Invoice) -> None:
    said = invoice.snapshot
    assert (said["number"], said["gross_minor"], said["vat_minor"], said["net_minor"]) == ("L-000001", 2700, 202, 2498)
    assert (said["vat_percent"], said["seller"]["uid"]) == ("8.1", "CHE-999.999.996 MWST")
    assert invoice.due_at - invoice.issued_at == timedelta(days=30)
    text = text_of(documents.invoice_pdf(shop.owner, InvoiceId(invoice.id)).content)
    for words in (
        "L-000001",
        "Garage Muster AG",
        "CHF 27.00",
        "Premium licences, monthly",
        "Payment part",
        "Acceptance point",
        "27.00",
    ):
        assert words in text
    letter = mail.letters()[0]
    assert (letter.to, letter.attachments[0].name) == (shop.master.login.email, "L-000001.pdf")
    assert f"/licences/invoices/{invoice.id}" in letter.text


def test_letters_go_to_no_owner_of_an_account_that_only_looks_on(shop: Shop) -> None:
    home = make.property(master=shop.master, name="Haus am See")
    told = queries.recipient(SYSTEM, home.id)
    assert told is not None
    assert told.email == shop.master.login.email
    mandate = update(Grant).where(Grant.account_id == home.id, Grant.holder_id.is_not(None))
    contact = update(Account).where(Account.id == home.id)
    with db.transaction(writing=True) as unit:
        unit.session.execute(mandate.values(role=Role.VIEWER))
        unit.session.execute(contact.values(contact_email="see@example.org"))
    told = queries.recipient(SYSTEM, home.id)
    assert told is not None
    assert told.email == "see@example.org"


def placed(pdf: bytes) -> list[dict[str, tuple[float, str]]]:
    """For each page what stands on it, with its height in points and its typeface."""
    pages = []
    for page in PdfReader(BytesIO(pdf)).pages:
        found: dict[str, tuple[float, str]] = {}

        def note(text: str, now: Any, at: Any, font: Any, _size: float, found: Any = found) -> None:
            if text.strip():
                found[text.strip()] = (at[4] * now[1] + at[5] * now[3] + now[5], font["/BaseFont"])

        page.extract_text(visitor_text=note)
        pages.append(found)
    return pages


def test_the_bill_is_printed_in_a_typeface_of_the_standard_below_all_else(invoice: Invoice) -> None:
    (page,) = placed(documents.render_pdf(invoice.snapshot))
    bill = {text for text, (_height, font) in page.items() if "Liberation" in font}
    assert {"Receipt", "Payment part", "Acceptance point", "Payable by"} <= bill
    assert page["Invoice L-000001"][0] < page["CHE-999.999.996 MWST"][0]
    assert page["Receipt"][0] < min(height for height, font in page.values() if "Liberation" not in font)


def test_a_long_invoice_has_its_bill_on_a_page_where_there_is_room(invoice: Invoice) -> None:
    long = {**invoice.snapshot, "lines": invoice.snapshot["lines"] * 14}
    first, second = placed(documents.render_pdf(long))
    assert all("Liberation" not in font for _height, font in first.values())
    assert all("Liberation" in font for _height, font in second.values())


def test_the_code_of_the_bill_holds_what_banks_expect(invoice: Invoice) -> None:
    lines = qr_bill.payload(invoice.snapshot).split("\n")
    assert lines[:4] == ["SPC", "0200", "1", "CH9300762011623852957"]
    assert lines[4:11] == ["S", "Demo platform", "Musterstrasse", "1", "8000", "Zürich", "CH"]
    assert lines[11:18] == [""] * 7
    assert lines[18:20] == ["27.00", "CHF"]
    assert lines[20:27] == ["S", "Garage Muster AG", "Teststrasse", "1", "8000", "Zürich", "CH"]
    assert lines[27:] == ["SCOR", invoice.reference, "L-000001", "EPD"]
    assert qr_bill.clean("Zoë’s\n🚗 Łódź", 70) == "Zoë.s . Łódź"
    assert qr_bill.grouped("210000000003139471430009017") == "21 00000 00003 13947 14300 09017"


def test_an_account_of_qr_iban_gets_a_qr_reference(program: settings.Settings) -> None:
    settings.use(replace(program, platform_iban="CH4431999123000889012"))
    found = payment_reference(InvoiceKind.LICENCES, 12)
    assert (len(found), esr.is_valid(found)) == (27, True)


def test_numbers_have_no_gaps(shop: Shop, invoice: Invoice) -> None:
    with pytest.raises(Conflict):
        use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=[])
    more = make.station(owner=shop.owner, property=shop.master.account)
    use_cases.add_stations(shop.owner, shop.id, station_ids=[more.id])
    assert [one.number for one in shop.invoices()] == [1, 2]


def test_paid_by_card_on_the_providers_page(shop: Shop, invoice: Invoice) -> None:
    page = checkout.start(shop.owner, InvoiceId(invoice.id))
    ref = page.rsplit("/", 1)[1]
    assert sandbox.checkout_facts(ref).amount_minor == 2700
    checkout.returned(InvoiceId(invoice.id))
    assert shop.invoices()[0].paid_at is None
    sandbox.pay(ref, "4242424242424242")
    checkout.returned(InvoiceId(invoice.id))
    checkout.returned(InvoiceId(invoice.id))
    assert shop.invoices()[0].paid_by is PaidBy.CARD
    with pytest.raises(Conflict) as refused:
        checkout.start(shop.owner, InvoiceId(invoice.id))
    assert refused.value.code == "paid_already"


def test_a_card_that_pays_what_the_bank_paid_already_is_given_back(shop: Shop, invoice: Invoice) -> None:
    ref = checkout.start(shop.owner, InvoiceId(invoice.id)).rsplit("/", 1)[1]
    sandbox.pay(ref, "4242424242424242")
    shop.pay()
    jobs.look_at_cards()
    assert shop.invoices()[0].paid_by is PaidBy.BANK
    assert queries.open_card_payments(SYSTEM) == []


def test_staff_takes_an_open_invoice_back(shop: Shop, invoice: Invoice, staff: Actor) -> None:
    note = use_cases.credit_invoice(staff, InvoiceId(invoice.id), reason="Doppelt")
    assert (note.gross_minor, note.snapshot["number"], note.snapshot["corrects"]) == (-2700, "K-000001", "L-000001")
    assert shop.invoices()[0].paid_by is PaidBy.CREDITED
    with pytest.raises(Conflict):
        use_cases.note_bank_payment(staff, InvoiceId(invoice.id))
    with pytest.raises(NotFound):
        use_cases.credit_invoice(shop.owner, InvoiceId(invoice.id), reason="x")


def test_the_fees_of_a_month_are_stated_once(shop: Shop) -> None:
    fees = {LedgerAccount.PLATFORM_FEE: 140, LedgerAccount.REVENUE: -140}
    with db.transaction(writing=True):
        ledger.post(shop.id, "sale", "CHF", fees)
        ledger.post(shop.id, "refund", "CHF", {side: -amount // 2 for side, amount in fees.items()})
    days_pass(31)
    jobs.state_fees()
    (statement,) = shop.invoices()
    assert (statement.kind, statement.paid_by, statement.gross_minor) == (InvoiceKind.FEES, PaidBy.DEDUCTED, 70)
    assert [(line["quantity"], line["amount_minor"]) for line in statement.snapshot["lines"]] == [(1, 140), (1, -70)]
    assert "1 March 2027 – 31 March 2027" in text_of(documents.render_pdf(statement.snapshot))
    worker.drain()
    assert mail.letters()[0].attachments[0].name == "F-000001.pdf"


def test_fees_that_were_stated_are_not_stated_again_to_the_archive_of_the_old_owner(shop: Shop) -> None:
    with db.transaction(writing=True):
        ledger.post(shop.id, "sale", "CHF", {LedgerAccount.PLATFORM_FEE: 140, LedgerAccount.REVENUE: -140})
    days_pass(31)
    archive = make.account(name="Bis gestern AG", plan="free")
    part_books(SYSTEM, shop.id, archive.id)
    use_cases.part_invoices(SYSTEM, shop.id, archive.id)
    jobs.state_fees()
    assert shop.invoices() == []
    assert len(queries.invoices(archive.owner, archive.id)) == 1


def test_parts_of_periods_are_counted_by_days() -> None:
    begin, end = datetime(2027, 4, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
    assert part_minor(900, begin, end, begin) == 900
    assert part_minor(900, begin, end, begin - timedelta(days=3)) == 900
    assert part_minor(900, begin, end, begin + timedelta(days=15)) == 450
    assert part_minor(900, begin, end, begin + timedelta(days=15, hours=1)) == 450
    assert part_minor(100, begin, end, end - timedelta(hours=1)) == 3
    assert part_minor(900, begin, end, end) == 0
    assert days(begin, begin + timedelta(seconds=1)) == 1
    assert period_end(datetime(2027, 12, 31, tzinfo=UTC), Interval.MONTH, 31) == datetime(2028, 1, 31, tzinfo=UTC)
    assert period_end(datetime(2028, 2, 29, tzinfo=UTC), Interval.YEAR, 29) == datetime(2029, 2, 28, tzinfo=UTC)
