"""What a document says, frozen as JSON when it is issued: all that its PDF is ever made of.

Amounts are minor units, prices decimal texts in major units, energies Wh, instants ISO 8601 in UTC.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import Account
from accounts.sellers import Seller
from billing import numbering, vat
from billing.models import Charge, Document, Payment
from billing.values import DocumentKind, LineKind
from charging.models import ChargingSession
from kit import settings
from stations.models import Connector, Station

Snapshot = dict[str, Any]
VERSION = 1


def receipt(
    *,
    number: int,
    issued_at: datetime,
    seller: Seller,
    account: Account,
    station: Station,
    connector: Connector,
    session: ChargingSession,
    charge: Charge,
    payment: Payment,
) -> Snapshot:
    """The receipt of a captured payment, in its driver's language."""
    captured_minor = payment.captured_minor or 0
    assert captured_minor == charge.gross_minor, "what was taken is what the session costs"
    return {
        "version": VERSION,
        "kind": DocumentKind.RECEIPT.value,
        "number": numbering.reference(DocumentKind.RECEIPT, number),
        "issued_at": issued_at.isoformat(),
        "corrects": None,
        "language": payment.language,
        "time_zone": account.time_zone,
        "currency": charge.currency,
        "brand": settings.current().brand_name,
        "seller": _seller(seller, payment.language),
        "place": _place(station, connector),
        "session": _session(session),
        "tariff_id": payment.terms.get("tariff_id"),
        "lines": charge.lines,
        "net_minor": charge.net_minor,
        "vat_minor": charge.vat_minor,
        "gross_minor": charge.gross_minor,
        "vat_percent": None if charge.vat_percent is None else str(charge.vat_percent),
        "payment": {
            "card": payment.card,
            "held_minor": payment.hold_minor,
            "captured_minor": captured_minor,
            "released_minor": payment.hold_minor - captured_minor,
            "provider": payment.provider,
            "provider_ref": payment.provider_ref,
        },
    }


def credit_note(
    original: Document, *, number: int, issued_at: datetime, amount_minor: int, before_minor: int
) -> Snapshot:
    """`amount_minor` of a receipt given back, after `before_minor` were: its mirror with a number of its own.

    The rate is that of the original. VAT is taken on the sum of all credits, so that together they mirror it exactly.
    """
    said = original.snapshot
    whole = amount_minor == original.gross_minor
    vat_minor = _vat_up_to(said, before_minor + amount_minor) - _vat_up_to(said, before_minor)
    return {
        **said,
        "version": VERSION,
        "kind": DocumentKind.CREDIT_NOTE.value,
        "number": numbering.reference(DocumentKind.CREDIT_NOTE, number),
        "issued_at": issued_at.isoformat(),
        "corrects": {"number": said["number"], "issued_at": said["issued_at"], "gross_minor": said["gross_minor"]},
        "lines": [_mirrored(line) for line in said["lines"]] if whole else [_part(amount_minor)],
        "net_minor": vat_minor - amount_minor,
        "vat_minor": -vat_minor,
        "gross_minor": -amount_minor,
        "payment": {**said["payment"], "held_minor": None, "captured_minor": -amount_minor, "released_minor": None},
    }


def _vat_up_to(said: Snapshot, credited_minor: int) -> int:
    percent = None if said["vat_percent"] is None else Decimal(said["vat_percent"])
    return vat.contained_minor(credited_minor, percent)


def _mirrored(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "amount_minor": -line["amount_minor"]}


def _part(amount_minor: int) -> dict[str, Any]:
    return {"kind": LineKind.REFUND.value, "quantity": 1, "unit_price": None, "amount_minor": -amount_minor}


def _seller(seller: Seller, language: str) -> Snapshot:
    suffix = f" {vat.UID_SUFFIXES.get(language, 'MWST')}" if seller.uid.startswith("CHE") else ""
    return {
        "name": seller.name,
        "street": seller.street,
        "postcode": seller.postcode,
        "city": seller.city,
        "country": seller.country,
        "uid": f"{seller.uid}{suffix}" if seller.vat_registered and seller.uid else None,
        "email": seller.contact_email,
        "phone": seller.contact_phone,
    }


def _place(station: Station, connector: Connector) -> Snapshot:
    return {
        "station": station.name,
        "connector": connector.name,
        "connector_number": connector.number,
        "code": connector.code,
        "street": station.street,
        "postcode": station.postcode,
        "city": station.city,
    }


def _session(session: ChargingSession) -> Snapshot:
    energy_wh = session.energy_wh or 0
    stop_wh = session.meter_stop_wh
    assert session.ended_at is not None, "only an ended session has a receipt"
    return {
        "id": str(session.id),
        "transaction_id": session.transaction_id,
        "started_at": session.started_at.isoformat(),
        "ended_at": session.ended_at.isoformat(),
        "meter_start_wh": session.meter_start_wh,
        "meter_stop_wh": session.meter_start_wh + energy_wh if stop_wh is None else stop_wh,
        "energy_wh": energy_wh,
        "estimated": session.estimated,
        "offline": session.offline,
    }
