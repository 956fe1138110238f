"""The Swiss QR-bill: what its code says, and its words. Addresses are structured (type S), references checked before.

Guidelines of SIX, version 2.3. The words are those of the standard, not of the program's catalogues.
"""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from kit import qr
from kit.money import Money

CURRENCIES = ("CHF", "EUR")
CODE_MM, CROSS_MM = 46, 7
_HOUSE = re.compile(r"^(?P<street>.*\S)\s+(?P<number>\d+\s?[A-Za-z]?)$")

WORDS: dict[str, dict[str, str]] = {
    "de": {
        "receipt": "Empfangsschein",
        "payment_part": "Zahlteil",
        "account": "Konto / Zahlbar an",
        "reference": "Referenz",
        "information": "Zusätzliche Informationen",
        "payable_by": "Zahlbar durch",
        "currency": "Währung",
        "amount": "Betrag",
        "acceptance": "Annahmestelle",
    },
    "fr": {
        "receipt": "Récépissé",
        "payment_part": "Section paiement",
        "account": "Compte / Payable à",
        "reference": "Référence",
        "information": "Informations supplémentaires",
        "payable_by": "Payable par",
        "currency": "Monnaie",
        "amount": "Montant",
        "acceptance": "Point de dépôt",
    },
    "it": {
        "receipt": "Ricevuta",
        "payment_part": "Sezione pagamento",
        "account": "Conto / Pagabile a",
        "reference": "Riferimento",
        "information": "Informazioni supplementari",
        "payable_by": "Pagabile da",
        "currency": "Valuta",
        "amount": "Importo",
        "acceptance": "Punto di accettazione",
    },
    "en": {
        "receipt": "Receipt",
        "payment_part": "Payment part",
        "account": "Account / Payable to",
        "reference": "Reference",
        "information": "Additional information",
        "payable_by": "Payable by",
        "currency": "Currency",
        "amount": "Amount",
        "acceptance": "Acceptance point",
    },
}


def payload(snapshot: Mapping[str, Any]) -> str:
    """The text in the code, made of an invoice that asks for money."""
    seller, buyer = snapshot["seller"], snapshot["buyer"]
    assert snapshot["gross_minor"] > 0, "a bill asks for money"
    assert snapshot["currency"] in CURRENCIES, "the QR-bill knows two currencies"
    reference = snapshot["reference"]
    lines = [
        *("SPC", "0200", "1", seller["iban"]),
        *_address(seller),
        *[""] * 7,  # the ultimate creditor is for later use
        str(Money(snapshot["gross_minor"], snapshot["currency"]).decimal.quantize(Decimal("0.01"))),
        snapshot["currency"],
        *_address(buyer),
        *("SCOR" if reference.startswith("RF") else "QRR", reference),
        clean(snapshot["number"], 140),
        "EPD",
    ]
    return "\n".join(lines)


def code(snapshot: Mapping[str, Any]) -> Markup:
    """The code as SVG of 46 mm with the Swiss cross of 7 mm in its middle."""
    drawn = qr.drawing(payload(snapshot))
    quiet, side = qr.QUIET_MODULES, drawn.side - 2 * qr.QUIET_MODULES
    scale, middle = CODE_MM / side, (CODE_MM - CROSS_MM) / 2
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 46 46" role="img" aria-label="Swiss QR Code">'
        '<g transform="scale({scale:.6f}) translate(-{quiet} -{quiet})">'
        '<path stroke="#000" stroke-width="{stroke}" d="{path}"/></g>'
        '<g transform="translate({middle} {middle})"><path fill="#fff" d="M0 0h7v7H0z"/>'
        '<path d="M.5 .5h6v6h-6z"/>'
        '<path fill="#fff" d="M2.92 1.55h1.16v1.37h1.37v1.16H4.08v1.37H2.92V4.08H1.55V2.92h1.37z"/>'
        "</g></svg>"
    ).format(scale=scale, quiet=quiet, stroke=qr.STROKE, path=drawn.path, middle=middle)


def grouped(text: str) -> str:
    """An IBAN or a creditor reference in groups of four, a QR reference as 2 and groups of five."""
    if text.isdigit():
        return " ".join([text[:2], *(text[at : at + 5] for at in range(2, len(text), 5))])
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def shown_amount(minor: int, currency: str) -> str:
    """`1 234.50`, as the standard writes it."""
    return f"{Money(minor, currency).decimal:,.2f}".replace(",", " ")


def clean(text: str, most: int) -> str:
    """Only signs that banks accept, cut to so many; others lose their ornament or become a point."""
    signs = []
    for sign in unicodedata.normalize("NFC", " ".join(text.split())):
        if sign.isprintable() and ord(sign) <= 0x17F:
            signs.append(sign)
        else:
            plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
            signs.append(plain or ".")
    return "".join(signs)[:most]


def _address(party: Mapping[str, Any]) -> list[str]:
    found = _HOUSE.match(party["street"].strip())
    street, number = (found["street"], found["number"]) if found else (party["street"], "")
    return [
        "S",
        clean(party["name"], 70),
        clean(street, 70),
        clean(number, 16),
        clean(party["postcode"], 16),
        clean(party["city"], 35),
        party["country"],
    ]
