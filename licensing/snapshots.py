"""What an invoice of the platform says, frozen as JSON when it is issued: all that its PDF is ever made of."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Account
from accounts.sellers import Seller
from billing import vat
from kit import settings
from licensing import numbering
from licensing.models import Invoice
from licensing.values import Line

Snapshot = dict[str, Any]
VERSION = 1
VAT_AREA = ("CH", "LI")


def invoice(
    row: Invoice,
    *,
    account: Account,
    buyer: Seller,
    lines: Sequence[Line],
    corrects: str | None = None,
    reason: str = "",
) -> Snapshot:
    """What a row says that is numbered and dated already. Amounts contain VAT, where the platform owes it."""
    gross_minor = sum(line.amount_minor for line in lines)
    percent = vat_percent(buyer.country, row.issued_at)
    vat_minor = vat.contained_minor(gross_minor, percent)
    return {
        "version": VERSION,
        "kind": row.kind.value,
        "number": numbering.shown(row.kind, row.number),
        "reference": row.reference,
        "issued_at": row.issued_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "corrects": corrects,
        "reason": reason,
        "language": account.language,
        "time_zone": account.time_zone,
        "brand": settings.current().brand_name,
        "account": account.name,
        "seller": _seller(account.language),
        "buyer": {
            "name": buyer.name,
            "street": buyer.street,
            "postcode": buyer.postcode,
            "city": buyer.city,
            "country": buyer.country,
            "uid": buyer.uid,
        },
        "currency": row.currency,
        "lines": [_line(line) for line in lines],
        "net_minor": gross_minor - vat_minor,
        "vat_minor": vat_minor,
        "gross_minor": gross_minor,
        "vat_percent": None if percent is None else str(percent),
    }


def vat_percent(country: str, at: datetime) -> Decimal | None:
    """The rate in the platform's invoices to somebody there; None where the platform owes no VAT on them."""
    chosen = settings.current()
    if not chosen.platform_vat_registered or country not in VAT_AREA:
        return None
    return vat.standard_percent(chosen.platform_country, at.astimezone(ZoneInfo("Europe/Zurich")).date())


def _seller(language: str) -> Snapshot:
    chosen = settings.current()
    suffix = f" {vat.UID_SUFFIXES.get(language, 'MWST')}" if chosen.platform_vat_registered else ""
    return {
        "name": chosen.imprint_name,
        "street": chosen.platform_street,
        "postcode": chosen.platform_postcode,
        "city": chosen.platform_city,
        "country": chosen.platform_country,
        "uid": f"{chosen.platform_uid}{suffix}" if chosen.platform_uid else None,
        "iban": chosen.platform_iban,
        "email": chosen.imprint_email,
    }


def _line(line: Line) -> Snapshot:
    return {
        "kind": line.kind.value,
        "quantity": line.quantity,
        "amount_minor": line.amount_minor,
        "begins_at": line.begins_at.isoformat(),
        "ends_at": line.ends_at.isoformat(),
        "interval": None if line.interval is None else line.interval.value,
    }
