"""Numbers of the platform's invoices, without a gap or a double, and the reference by which a payment is recognised."""

from schwifty import IBAN
from stdnum.ch import esr
from stdnum.iso7064 import mod_97_10

from kit import db, settings
from kit.upsert import insert
from licensing.models import InvoiceSeries
from licensing.values import InvoiceKind

PREFIXES = {InvoiceKind.LICENCES: "L", InvoiceKind.FEES: "F", InvoiceKind.CREDIT: "K"}


def next_number(kind: InvoiceKind) -> int:
    """The next number, in the running transaction: its row stays locked, a rolled back invoice gives it back."""
    first = insert(InvoiceSeries).values(kind=kind, last=1)
    statement = first.on_conflict_do_update(
        index_elements=[InvoiceSeries.kind], set_={"last": InvoiceSeries.last + 1}
    ).returning(InvoiceSeries.last)
    return db.session().execute(statement).scalar_one()


def shown(kind: InvoiceKind, number: int) -> str:
    """What people see: `L-000123`."""
    return f"{PREFIXES[kind]}-{number:06d}"


def parsed(text: str) -> tuple[InvoiceKind, int] | None:
    """What `shown` wrote; None: that is no number of ours."""
    letter, _, digits = text.strip().upper().partition("-")
    kind = next((kind for kind, prefix in PREFIXES.items() if prefix == letter), None)
    return (kind, int(digits)) if kind is not None and digits.isdecimal() and len(digits) < 10 else None


def payment_reference(kind: InvoiceKind, number: int) -> str:
    """What a bank transfer carries: a QR reference where the IBAN asks for one, else a creditor reference."""
    if is_qr_iban(settings.current().platform_iban):
        digits = f"{list(InvoiceKind).index(kind) + 1}{number:025d}"
        return f"{digits}{esr.calc_check_digit(digits)}"
    body = f"{PREFIXES[kind]}{number:08d}"
    return f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"


def is_qr_iban(iban: str) -> bool:
    """Accounts of the institutions 30000 to 31999 take payments with a QR reference only."""
    return bool(iban) and IBAN(iban, allow_invalid=True).compact[4:9].startswith(("30", "31"))
