"""The card that an account's invoices are paid with by themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, allowed_in, system
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.use_case import query
from licensing.models import LicenceCard
from licensing.values import StoredCardState


@dataclass(frozen=True)
class CardFacts:
    """What its owner sees of it. `failure`: why it was refused last, at `failed_at`; empty: it was not."""

    card: str
    stored_at: datetime | None
    failed_at: datetime | None
    failure: str


@query
def licence_card(actor: Actor, account_id: AccountId) -> CardFacts | None:
    """The card with which invoices are paid; None: by hand. Raises NotFound, Forbidden."""
    allowed_in(actor, Right.VIEW_LICENCES, account_id)
    return _facts(account_id)


@query
def paying_card(actor: Actor, account_id: UUID) -> CardFacts | None:
    """The same for a letter."""
    system(actor)
    return _facts(account_id)


@query
def card_of(actor: Actor, card_id: UUID) -> LicenceCard:
    """A card as it stands."""
    system(actor)
    return db.session().get_one(LicenceCard, card_id)


@query
def open_card_pages(actor: Actor, account_id: AccountId | None = None) -> list[UUID]:
    """Cards of an account, or all, whose page was opened and that are neither stored nor given up."""
    system(actor)
    wanted = select(LicenceCard.id).where(LicenceCard.state == StoredCardState.OPEN)
    if account_id is not None:
        wanted = wanted.where(LicenceCard.account_id == account_id)
    return list(db.session().scalars(wanted.order_by(LicenceCard.opened_at)))


@query
def cards_to_forget(actor: Actor) -> list[UUID]:
    """Cards that ended and that the provider still has."""
    system(actor)
    wanted = select(LicenceCard.id).where(
        LicenceCard.state == StoredCardState.ENDED, LicenceCard.card_ref != "", LicenceCard.forgotten_at.is_(None)
    )
    return list(db.session().scalars(wanted))


def _facts(account_id: UUID) -> CardFacts | None:
    wanted = select(LicenceCard).where(
        LicenceCard.account_id == account_id, LicenceCard.state == StoredCardState.STORED
    )
    row = db.session().scalars(wanted).one_or_none()
    return None if row is None else CardFacts(row.card, row.stored_at, row.failed_at, row.failure)
