"""Reading hand-overs: before they happen, and afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from accounts import access
from accounts.access import Actor, allowed, allowed_in
from accounts.models import Account, User
from accounts.rights import Right
from accounts.values import AccountId
from billing.models import Charge, Document, Payment
from billing.values import DocumentKind
from charging.models import ChargingSession
from handovers import inventory, links
from handovers.errors import AccountsBelow
from handovers.models import HandOver
from handovers.values import HandOverId, HandOverState, Preview, Side
from kit import clock, db
from kit.errors import NotFound
from kit.use_case import query
from stations.models import Connector, Station


@dataclass(frozen=True)
class Offered:
    """What a mailed link is about. `known`: there is a login with a password under the new owner's address."""

    id: HandOverId
    side: Side
    account_id: UUID
    account: str
    time_zone: str
    email: str
    name: str
    asking: str
    due_at: datetime | None
    known: bool
    preview: Preview


@dataclass(frozen=True)
class Letter:
    """For letters: a hand-over, its account, and both people; the new one may have no login yet."""

    row: HandOver
    account: Account
    old: User
    new: User | None


@query
def preview(actor: Actor, account_id: AccountId) -> Preview:
    """What would go along now, and what would end. Raises AccountsBelow."""
    account = allowed(actor, Right.HAND_OVER, Account, account_id)
    if inventory.accounts_below(account):
        raise AccountsBelow()
    return inventory.preview(account)


@query
def hand_overs(actor: Actor, account_id: AccountId) -> list[HandOver]:
    """Of an account, or of the one in which its old owner looks back; the newest first."""
    allowed_in(actor, Right.VIEW_INCOME, account_id)
    about = or_(HandOver.account_id == account_id, HandOver.archive_id == account_id)
    return list(db.session().scalars(select(HandOver).where(about).order_by(HandOver.id.desc())))


@query
def open_hand_over(actor: Actor, account_id: AccountId) -> HandOver | None:
    """The one that is under way, if any."""
    allowed_in(actor, Right.HAND_OVER, account_id)
    return links.under_way(account_id)


@query
def hand_over_of_link(actor: Actor, link_token: str) -> Offered:
    """What a mailed link is about, with both lists as of now. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    _, side = links.read(link_token)
    row = links.waiting(link_token, side)
    account, asking = db.session().get_one(Account, row.account_id), db.session().get_one(User, row.requested_by)
    user = _user_of(row.email)
    return Offered(
        id=HandOverId(row.id),
        side=side,
        account_id=account.id,
        account=account.name,
        time_zone=account.time_zone,
        email=row.email,
        name=row.name,
        asking=asking.name or asking.email,
        due_at=row.due_at,
        known=user is not None and user.password_hash is not None,
        preview=inventory.preview(account),
    )


@query
def hand_over_letter(actor: Actor, hand_over_id: UUID) -> Letter:
    """For letters. Raises NotFound."""
    access.system(actor)
    row = db.session().get(HandOver, hand_over_id)
    if row is None:
        raise NotFound()
    account, old = db.session().get_one(Account, row.account_id), db.session().get_one(User, row.requested_by)
    new = _user_of(row.email) if row.user_id is None else db.session().get_one(User, row.user_id)
    return Letter(row, account, old, new)


@query
def due_hand_overs(actor: Actor) -> Sequence[UUID]:
    """Those whose day has come."""
    access.system(actor)
    due = HandOver.state == HandOverState.AGREED, HandOver.due_at <= clock.now()
    return db.session().scalars(select(HandOver.id).where(*due).order_by(HandOver.due_at)).all()


@query
def hand_over_done(actor: Actor, hand_over_id: HandOverId) -> HandOver:
    """One that happened, for either side. Raises NotFound, Forbidden."""
    row = db.session().get(HandOver, hand_over_id)
    if row is None or row.archive_id is None:
        raise NotFound()
    looks_back = access.can(actor, Right.VIEW_INCOME, row.archive_id)
    allowed_in(actor, Right.VIEW_INCOME, row.archive_id if looks_back else row.account_id)
    return row


@query
def history(actor: Actor, hand_over_id: HandOverId) -> list[dict[str, Any]]:
    """The sessions of the old owner's own period, with what was taken and the receipts, for him. Oldest first.

    Raises NotFound, Forbidden.
    """
    row = db.session().get(HandOver, hand_over_id)
    if row is None or row.archive_id is None or row.ended_at is None:
        raise NotFound()
    allowed_in(actor, Right.VIEW_INCOME, row.archive_id)
    own = [ChargingSession.account_id == row.account_id, ChargingSession.started_at < row.ended_at]
    began_at = _began_at(row)
    if began_at is not None:
        own.append(ChargingSession.started_at >= began_at)
    sold = Payment.account_id == row.archive_id  # a start that was paid before, and came after
    receipt = (Document.payment_id == Payment.id) & (Document.kind == DocumentKind.RECEIPT)
    joined = (
        select(
            Station.name.label("station"),
            Connector.number.label("connector"),
            ChargingSession.started_at,
            ChargingSession.ended_at,
            ChargingSession.meter_start_wh,
            ChargingSession.meter_stop_wh,
            ChargingSession.energy_wh,
            ChargingSession.id_tag,
            Charge.currency,
            Charge.gross_minor,
            Charge.vat_minor,
            Document.snapshot["number"].as_string().label("receipt"),
        )
        .join(Station, Station.id == ChargingSession.station_id)
        .join(Connector, Connector.id == ChargingSession.connector_id)
        .outerjoin(Payment, Payment.session_id == ChargingSession.id)
        .outerjoin(Charge, (Charge.session_id == ChargingSession.id) & (Charge.account_id == row.archive_id))
        .outerjoin(Document, receipt & (Document.account_id == row.archive_id))
        .where(or_(sold, and_(*own)))
        .order_by(ChargingSession.started_at)
    )
    return [dict(found) for found in db.session().execute(joined).mappings()]


def _began_at(row: HandOver) -> datetime | None:
    """When the old owner got it himself."""
    earlier = HandOver.account_id == row.account_id, HandOver.state == HandOverState.DONE, HandOver.id < row.id
    return db.session().scalar(select(HandOver.ended_at).where(*earlier).order_by(HandOver.id.desc()).limit(1))


def _user_of(email: str) -> User | None:
    return db.session().scalar(select(User).where(User.email == email))
