"""Who sells at a station: the legal person behind an account, as price pages, labels and receipts name him."""

from dataclasses import dataclass
from uuid import UUID

from accounts.models import Account
from kit import db


@dataclass(frozen=True)
class Seller:
    """The legal person that sells. `series_account_id` is the account that counts his document numbers.

    `uid` is the bare Swiss number (CHE-123.456.789) or empty; it belongs on documents only if `vat_registered`.
    """

    series_account_id: UUID
    name: str
    street: str
    postcode: str
    city: str
    country: str
    uid: str
    vat_registered: bool
    contact_email: str
    contact_phone: str


def seller_of(account_id: UUID) -> Seller:
    """The seller of an account: its own legal name, else that of the nearest account above which has one.

    Properties of one legal person share his document numbers. Reads in the running transaction; the caller's door
    has asked for the right.
    """
    line = _upwards(account_id)
    legal = next((index for index, account in enumerate(line) if account.legal_name), 0)
    account = series = line[legal]
    for above in line[legal + 1 :]:
        if not account.legal_name or (above.legal_name, above.uid) != (account.legal_name, account.uid):
            break
        series = above
    reachable = next((each for each in line if each.contact_email or each.contact_phone), account)
    return Seller(
        series_account_id=series.id,
        name=account.legal_name or account.name,
        street=account.street,
        postcode=account.postcode,
        city=account.city,
        country=account.country,
        uid=account.uid,
        vat_registered=account.vat_registered,
        contact_email=reachable.contact_email,
        contact_phone=reachable.contact_phone,
    )


def one_person(one: Account, other: Account) -> bool:
    """Whether both sell as the same legal person: under one name, or under one number after one of them was renamed."""
    return one.legal_name == other.legal_name or bool(one.uid and one.uid == other.uid)


def _upwards(account_id: UUID) -> list[Account]:
    """The account and those above it, nearest first."""
    line = []
    next_id: UUID | None = account_id
    while next_id is not None:
        account = db.session().get_one(Account, next_id)
        line.append(account)
        next_id = account.parent_id
    return line
