"""What came in on a bank account: camt.053 and camt.054 of the Swiss Payment Standards (generation .08), read by name.

A message is somebody's file: its grammar is not trusted, and one that declares a document type is not read at all.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any, NoReturn
from xml.etree import ElementTree  # see `_Plain`: without document types there are no entities

from kit.errors import Invalid
from kit.money import EXPONENTS

LARGEST_FILE = 10 * 1024 * 1024
MESSAGES = ("camt.053.001.", "camt.054.001.")


@dataclass(frozen=True)
class Booking:
    """Money that came in, or that was taken back (`returned`).

    `key` is the same whenever and in whatever message the bank tells of it, `entry_key` that of the booking which it is
    a part of; `in_detail` False: the bank told of no parts.
    """

    key: str
    entry_key: str
    account: str
    amount_minor: int
    currency: str
    returned: bool
    reference: str
    text: str
    debtor: str
    booked_on: date
    in_detail: bool


@dataclass(frozen=True)
class Message:
    """A message: which accounts it is about, under all their numbers, and what was booked there."""

    accounts: frozenset[str]
    bookings: tuple[Booking, ...]


class _Plain(ElementTree.TreeBuilder):
    """Builds elements by their names without namespaces; refuses document types, and so all entities."""

    def start(self, tag: Any, attrs: Any) -> Any:
        """An element begins."""
        if not hasattr(self, "message"):
            self.message = str(tag)
        return super().start(_bare(tag), attrs)

    def end(self, tag: Any) -> Any:
        """It ends."""
        return super().end(_bare(tag))

    def doctype(self, name: str, pubid: str | None, system: str | None) -> NoReturn:
        """No bank writes one."""
        raise Invalid(file="not_camt")


def read(content: bytes) -> Message:
    """Everything booked that a message tells of. Raises Invalid(file="required", "too_large", "not_camt")."""
    if not content:
        raise Invalid(file="required")
    if len(content) > LARGEST_FILE:
        raise Invalid(file="too_large")
    builder = _Plain()
    try:
        parser = ElementTree.XMLParser(target=builder)  # noqa: S314  # guarded by its target
        parser.feed(content)
        root = parser.close()
        if not any(name in builder.message for name in MESSAGES):
            raise Invalid(file="not_camt")
        groups = [one for one in root.iter() if one.tag in ("Stmt", "Ntfctn")]
        bookings = tuple(booking for group in groups for booking in _bookings(group))
    except (ElementTree.ParseError, InvalidOperation, ValueError, KeyError) as error:
        raise Invalid(file="not_camt") from error
    numbers = {_text(one, "Acct/Id/IBAN") for one in groups} | {_text(one, "NtryRef") for one in root.iter("Ntry")}
    return Message(frozenset(numbers - {""}), bookings)


def _bookings(group: ElementTree.Element) -> Iterator[Booking]:
    account = _text(group, "Acct/Id/IBAN")
    unnamed = Counter[str]()
    for entry in group.findall("Ntry"):
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status not in ("BOOK", ""):
            continue
        parts = entry.findall("NtryDtls/TxDtls")
        facts = _fingerprint(account, entry)
        unnamed[facts] += 1
        entry_key = _text(entry, "AcctSvcrRef") or f"{facts}:{unnamed[facts]}"
        yield from _parts(account, entry, entry_key, parts)


def _parts(
    account: str, entry: ElementTree.Element, entry_key: str, parts: list[ElementTree.Element]
) -> Iterator[Booking]:
    seen = Counter[str]()
    for part in parts or [entry]:
        whole = part is entry or len(parts) == 1
        amount = _amount(part) if not whole else _amount(entry)
        came = (_text(part, "CdtDbtInd") or _text(entry, "CdtDbtInd")) == "CRDT"
        back = _text(entry, "RvslInd") == "true" or part.find("RtrInf") is not None
        if not came and not back:
            continue  # paid from the account
        own = _text(part, "Refs/AcctSvcrRef") or entry_key
        seen[own] += 1
        yield Booking(
            key=own if not parts or (own != entry_key and seen[own] == 1) else f"{own}#{seen[own]}",
            entry_key=entry_key,
            account=account,
            amount_minor=amount[0],
            currency=amount[1],
            returned=not came,
            reference=_text(part, "RmtInf/Strd/CdtrRefInf/Ref").replace(" ", "").upper(),
            text=" ".join(_texts(part, "RmtInf/Ustrd"))[:300],
            debtor=(_text(part, "RltdPties/Dbtr/Pty/Nm") or _text(part, "RltdPties/Dbtr/Nm"))[:140],
            booked_on=_day(entry),
            in_detail=bool(parts),
        )


def _amount(part: ElementTree.Element) -> tuple[int, str]:
    """What came in by a part, in minor units. Raises ValueError."""
    told = next((found for path in ("Amt", "AmtDtls/TxAmt/Amt") if (found := part.find(path)) is not None), None)
    if told is None:
        raise ValueError("without an amount")
    currency = told.attrib["Ccy"]
    minor = Decimal(told.text or "") * 10 ** EXPONENTS[currency]
    if minor != int(minor) or minor < 0:
        raise ValueError("an amount that does not exist")
    return int(minor), currency


def _day(entry: ElementTree.Element) -> date:
    told = next((text for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt") if (text := _text(entry, path))), "")
    return date.fromisoformat(told[:10])


def _fingerprint(account: str, entry: ElementTree.Element) -> str:
    """A name for a booking that the bank gave none."""
    said = "|".join((account, *(" ".join((one.text or "").split()) for one in entry.iter())))
    return blake2b(said.encode(), digest_size=16).hexdigest()


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def _text(part: ElementTree.Element, path: str) -> str:
    return (part.findtext(path) or "").strip()


def _texts(part: ElementTree.Element, path: str) -> list[str]:
    return [(found.text or "").strip() for found in part.findall(path)]
