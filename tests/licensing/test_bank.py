"""Files of the platform's bank settle invoices: found by reference, by the very amount, and once."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from accounts.access import SYSTEM, Actor
from kit import settings, worker
from kit.errors import Conflict, Invalid, NotFound
from licensing import camt, queries, use_cases
from licensing.models import BankBooking, Invoice
from licensing.values import BankBookingId, BankDoubt, BankState, Interval, InvoiceKind, PaidBy
from tests import make, scene
from tests.licensing.shop import Shop

IBAN = "CH9300762011623852957"


@dataclass(frozen=True)
class Part:
    """A transaction in a booking; `ref`: the bank's own number of it."""

    amount: str
    reference: str = ""
    ref: str = ""
    debtor: str = "Garage Muster AG"
    text: str = ""
    returned: bool = False

    def xml(self) -> str:
        """As a bank writes it."""
        code = "<Prtry>QRR</Prtry>" if self.reference.isdigit() else "<Cd>SCOR</Cd>"
        strd = (
            f"<Strd><CdtrRefInf><Tp><CdOrPrtry>{code}</CdOrPrtry></Tp><Ref>{self.reference}</Ref></CdtrRefInf></Strd>"
            if self.reference
            else f"<Ustrd>{self.text}</Ustrd>"
        )
        own = (
            f"<Refs><AcctSvcrRef>{self.ref}</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
            if self.ref
            else ""
        )
        side = "DBIT" if self.returned else "CRDT"
        back = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if self.returned else ""
        return (
            f'<TxDtls>{own}<Amt Ccy="CHF">{self.amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
            f"<RltdPties><Dbtr><Pty><Nm>{self.debtor}</Nm></Pty></Dbtr></RltdPties><RmtInf>{strd}</RmtInf>"
            f"{back}</TxDtls>"
        )


def entry(total: str, *parts: Part, ref: str = "E1", side: str = "CRDT", status: str = "BOOK", back: str = "") -> str:
    """A booking with what it consists of."""
    own = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    told = "".join(part.xml() for part in parts)
    details = f"<NtryDtls>{told}</NtryDtls>" if parts else ""
    return (
        f'<Ntry><Amt Ccy="CHF">{total}</Amt><CdtDbtInd>{side}</CdtDbtInd>{back}<Sts><Cd>{status}</Cd></Sts>'
        f"<BookgDt><Dt>2027-03-20</Dt></BookgDt>{own}{details}</Ntry>"
    )


def message(*entries: str, kind: str = "054", iban: str = IBAN) -> bytes:
    """The whole file."""
    outer, inner = ("BkToCstmrStmt", "Stmt") if kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08"><{outer}><GrpHdr/><{inner}><Id>1</Id>'
        f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{''.join(entries)}</{inner}></{outer}></Document>"
    ).encode()


def read(*entries: str, kind: str = "054") -> tuple[int, int, int]:
    """Settled, doubtful, known."""
    found = use_cases.read_bank_file(SYSTEM, message(*entries, kind=kind))
    worker.drain()
    return found.settled, found.doubtful, found.known


@pytest.fixture
def invoices(shop: Shop) -> list[Invoice]:
    """Over 27.00 and, for another station, 9.00."""
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids)
    more = make.station(owner=shop.owner, property=shop.master.account)
    use_cases.add_stations(shop.owner, shop.id, station_ids=[more.id])
    worker.drain()
    return shop.invoices()


def doubts() -> list[BankDoubt | None]:
    """Why staff has to look, oldest first."""
    return [row.doubt for row in scene.rows(BankBooking, BankBooking.state == BankState.DOUBTFUL)]


def test_several_payments_in_one_booking_settle_each_its_invoice_once(shop: Shop, invoices: list[Invoice]) -> None:
    first, second = invoices
    parts = (
        Part("27.00", first.reference, "T1"),
        Part("9.00", f" {second.reference[:4]} {second.reference[4:]}", "T2"),
    )
    assert read(entry("36.00", *parts)) == (2, 0, 0)
    assert [one.paid_by for one in shop.invoices()] == [PaidBy.BANK, PaidBy.BANK]
    assert read(entry("36.00", *parts)) == (0, 0, 2), "the same file again"
    assert read(entry("36.00"), kind="053") == (0, 0, 1), "the statement tells of the whole only"
    assert read(entry("36.00", *parts), kind="053") == (0, 0, 2)


def test_parts_without_numbers_of_their_own_are_kept_apart(shop: Shop, invoices: list[Invoice]) -> None:
    first, second = invoices
    parts = (Part("27.00", first.reference), Part("9.00", second.reference), Part("9.00", second.reference))
    assert read(entry("45.00", *parts)) == (2, 1, 0)
    assert doubts() == [BankDoubt.PAID_ALREADY]
    numbered = tuple(replace(part, ref=f"T{at}") for at, part in enumerate(parts))
    assert read(entry("45.00", *numbered), kind="053") == (0, 0, 3)


def test_a_statement_that_came_before_the_parts_is_put_away_when_they_come(shop: Shop, invoices: list[Invoice]) -> None:
    assert read(entry("36.00"), kind="053") == (0, 1, 0)
    assert doubts() == [BankDoubt.NO_REFERENCE]
    parts = (Part("27.00", invoices[0].reference, "T1"), Part("9.00", invoices[1].reference, "T2"))
    assert read(entry("36.00", *parts)) == (2, 0, 0)
    assert doubts() == []


def test_a_qr_reference_is_found_and_a_qr_iban_stands_beside_the_account(
    shop: Shop, program: settings.Settings
) -> None:
    settings.use(replace(program, platform_iban="CH4431999123000889012"))
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids)
    (invoice,) = shop.invoices()
    assert (len(invoice.reference), invoice.reference.isdigit()) == (27, True)
    assert read(entry("27.00", Part("27.00", invoice.reference, "T1"))) == (1, 0, 0)


@pytest.mark.parametrize(("amount", "doubt"), [("26.95", BankDoubt.OTHER_AMOUNT), ("30.00", BankDoubt.OTHER_AMOUNT)])
def test_another_amount_waits_for_staff_who_settles_it(
    shop: Shop, invoices: list[Invoice], staff: Actor, amount: str, doubt: BankDoubt
) -> None:
    assert read(entry(amount, Part(amount, invoices[0].reference, "T1"))) == (0, 1, 0)
    (row,) = queries.bank_bookings(staff).items
    assert (row.booking.doubt, row.booking.debtor) == (doubt, "Garage Muster AG")
    assert row.invoice is not None
    assert row.invoice.id == invoices[0].id
    booking = BankBookingId(row.booking.id)
    with pytest.raises(Invalid) as refused:
        use_cases.settle_with_booking(staff, booking, number="L-9")
    assert refused.value.fields == {"number": "unknown"}
    use_cases.settle_with_booking(staff, booking, number="l-000001", note="Skonto")
    assert shop.invoices()[0].paid_by is PaidBy.BANK
    with pytest.raises(Conflict, match="looked_at"):
        use_cases.put_booking_away(staff, booking, note="Nochmals")


def test_what_nobody_knows_and_what_was_taken_back_waits_for_staff(
    shop: Shop, invoices: list[Invoice], staff: Actor
) -> None:
    unknown = Part("5.00", "RF18539007547034", "T1")
    assert read(
        entry("5.00", unknown, ref="E1"),
        entry("5.00", Part("5.00", text="Danke & Gruss".replace("&", "und"), ref="T2"), ref="E2"),
        entry("27.00", Part("27.00", invoices[0].reference, "T3", returned=True), ref="E3", side="DBIT"),
        entry("9.00", Part("9.00", invoices[1].reference, "T4"), ref="E4", status="PDNG"),
        entry("80.00", ref="E5", side="DBIT"),
    ) == (0, 3, 0)
    assert set(doubts()) == {BankDoubt.UNKNOWN_REFERENCE, BankDoubt.NO_REFERENCE, BankDoubt.RETURNED}
    assert all(one.paid_at is None for one in shop.invoices())
    row = queries.bank_bookings(staff).items[0].booking
    with pytest.raises(Invalid):
        use_cases.put_booking_away(staff, BankBookingId(row.id), note=" ")
    use_cases.put_booking_away(staff, BankBookingId(row.id), note="Zurückbezahlt")
    assert queries.bank_bookings(staff).total == 2
    (away,) = queries.bank_bookings(staff, state=BankState.PUT_AWAY).items
    assert away.booking.note == "Zurückbezahlt"


def test_a_payment_of_what_the_card_paid_already_is_a_doubt(shop: Shop, invoices: list[Invoice]) -> None:
    shop.pay(0)
    assert read(entry("27.00", Part("27.00", invoices[0].reference, "T1"))) == (0, 1, 0)
    assert doubts() == [BankDoubt.PAID_ALREADY]


EVIL = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY f SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">&b;&f;</Document>"""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "required"),
        (b"x" * (camt.LARGEST_FILE + 1), "too_large"),
        (b"IBAN;Betrag", "not_camt"),
        (b"<Document/>", "not_camt"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>', "not_camt"),
        (EVIL, "not_camt"),
        (message(entry("1.234", Part("1.234"))), "not_camt"),
        (message(entry("-1", Part("-1"))), "not_camt"),
        (message(entry("1.00", Part("1.00"), back="").replace("2027-03-20", "gestern")), "not_camt"),
        (message(entry("1.00", Part("1.00")), iban="CH5604835012345678009"), "other_bank_account"),
    ],
)
def test_what_is_no_file_of_this_account_is_refused_whole(shop: Shop, content: bytes, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        use_cases.read_bank_file(SYSTEM, content)
    assert refused.value.fields == {"file": problem}
    assert scene.rows(BankBooking) == []


def test_only_staff_looks_at_the_account_of_the_platform(shop: Shop) -> None:
    for deed in (
        lambda: use_cases.read_bank_file(shop.owner, message()),
        lambda: queries.bank_bookings(shop.owner),
        lambda: use_cases.put_booking_away(shop.owner, BankBookingId(shop.id), note="x"),
        lambda: use_cases.settle_with_booking(shop.owner, BankBookingId(shop.id), number="L-1"),
    ):
        with pytest.raises(NotFound):
            deed()


def test_files_are_read_by_command(shop: Shop, invoices: list[Invoice], tmp_path: Path) -> None:
    from licensing.command import commands

    (command,) = commands(lambda _settings: None)
    good, bad = tmp_path / "camt.xml", tmp_path / "other.xml"
    good.write_bytes(message(entry("27.00", Part("27.00", invoices[0].reference, "T1"))))
    bad.write_bytes(b"x")
    told = CliRunner().invoke(command, [str(good)])
    assert (told.exit_code, told.output) == (0, "camt.xml: 1 settled, 0 to look at, 0 read before\n")
    refused = CliRunner().invoke(command, [str(bad)])
    assert (refused.exit_code, "other.xml: not_camt" in refused.output) == (1, True)
    assert InvoiceKind.LICENCES is shop.invoices()[0].kind
