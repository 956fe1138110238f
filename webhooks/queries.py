"""Reading endpoints and what was sent to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts import access
from accounts.access import Actor, ActorKind, allowed, allowed_in, can
from accounts.models import Account, AccountLineage
from accounts.rights import Right, Role
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Forbidden, NotFound
from kit.use_case import query
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.values import DeliveryId, DeliveryState, EndpointId, EventType

PAGE_SIZE = 25
MOST_DUE = 20
# what a key of the endpoint's account would have to hold to read the same
RIGHT_TO = {
    EventType.SESSION_STARTED: Right.VIEW_SESSIONS,
    EventType.SESSION_ENDED: Right.VIEW_SESSIONS,
    EventType.COMMAND_FINISHED: Right.COMMAND_STATIONS,
    EventType.STATION_ADDED: Right.VIEW_STATIONS,
    EventType.STATION_TROUBLED: Right.VIEW_STATIONS,
    EventType.STATION_WELL: Right.VIEW_STATIONS,
    EventType.RECEIPT_ISSUED: Right.VIEW_INCOME,
}


@dataclass(frozen=True)
class Outgoing:
    """A call that goes out now."""

    delivery_id: DeliveryId
    url: str
    message_id: str
    payload: str
    secrets: tuple[str, ...] = field(repr=False)


@query
def endpoints(actor: Actor, account_id: AccountId) -> list[WebhookEndpoint]:
    """The endpoints of an account, the newest first."""
    allowed_in(actor, Right.MANAGE_TOKENS, account_id)
    there = select(WebhookEndpoint).where(
        WebhookEndpoint.account_id == account_id, WebhookEndpoint.removed_at.is_(None)
    )
    return list(db.session().scalars(there.order_by(WebhookEndpoint.id.desc())))


@query
def endpoint(actor: Actor, endpoint_id: EndpointId) -> WebhookEndpoint:
    """One endpoint. Raises NotFound, Forbidden."""
    row = allowed(actor, Right.MANAGE_TOKENS, WebhookEndpoint, endpoint_id)
    if row.removed_at is not None:
        raise NotFound()
    return row


@query
def deliveries(
    actor: Actor,
    endpoint_id: EndpointId,
    *,
    state: DeliveryState | None = None,
    before: DeliveryId | None = None,
    limit: int = PAGE_SIZE,
) -> Sequence[WebhookDelivery]:
    """The newest messages for an endpoint that the actor may see; the next page starts `before` the last of this."""
    row = allowed(actor, Right.MANAGE_TOKENS, WebhookEndpoint, endpoint_id)
    seen = [kind for kind in EventType if _sees(actor, kind, row.account_id)]
    found = select(WebhookDelivery).where(
        WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.event_type.in_(seen)
    )
    if state is not None:
        found = found.where(WebhookDelivery.state == state)
    if before is not None:
        found = found.where(WebhookDelivery.id < before)
    return db.session().scalars(found.order_by(WebhookDelivery.id.desc()).limit(limit)).all()


@query
def delivery(actor: Actor, delivery_id: DeliveryId) -> WebhookDelivery:
    """One message with all its tries. Raises NotFound, Forbidden."""
    row = allowed(actor, Right.MANAGE_TOKENS, WebhookDelivery, delivery_id)
    must_see(actor, row)
    return row


@query
def endpoints_to_tell(actor: Actor, kind: EventType, account_id: UUID) -> list[UUID]:
    """Which endpoints of this account and those above want to know, and may: they see what a key there would see."""
    access.system(actor)
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == account_id)
    rows = db.session().scalars(select(WebhookEndpoint).where(WebhookEndpoint.account_id.in_(above)))
    return [row.id for row in rows if row.wants(kind) and can(_program_of(row), RIGHT_TO[kind], account_id)]


@query
def accounts_with_endpoints(actor: Actor, account_ids: Collection[UUID]) -> set[UUID]:
    """Those of the accounts that have an endpoint somewhere at or above them."""
    access.system(actor)
    told = select(AccountLineage.account_id).join(
        WebhookEndpoint, WebhookEndpoint.account_id == AccountLineage.ancestor_id
    )
    return set(db.session().scalars(told.where(AccountLineage.account_id.in_(account_ids)).distinct()))


@query
def due_deliveries(actor: Actor) -> list[UUID]:
    """Messages whose time has come, the longest waiting first."""
    access.system(actor)
    due = select(WebhookDelivery.id).where(
        WebhookDelivery.state == DeliveryState.PENDING, WebhookDelivery.next_at <= clock.now()
    )
    return list(db.session().scalars(due.order_by(WebhookDelivery.next_at).limit(MOST_DUE)))


@query
def account_of_endpoint(actor: Actor, endpoint_id: UUID) -> tuple[WebhookEndpoint, Account]:
    """An endpoint and whose it is, for letters."""
    access.system(actor)
    pair = select(WebhookEndpoint, Account).join(Account, Account.id == WebhookEndpoint.account_id)
    row = db.session().execute(pair.where(WebhookEndpoint.id == endpoint_id)).one()
    return row[0], row[1]


def secrets_of(row: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    """What a call is signed with now: after a change, for a day with the old secret as well."""
    both = row.previous_until_at is not None and row.previous_until_at > now
    return (row.secrets["current"], row.secrets["previous"]) if both else (row.secrets["current"],)


def must_see(actor: Actor, row: WebhookDelivery) -> None:
    """Refuse a message that tells what the actor may not see. Raises Forbidden. For the room, within its doors."""
    if not _sees(actor, row.event_type, row.account_id):
        raise Forbidden(RIGHT_TO[row.event_type].value)


def _sees(actor: Actor, kind: EventType, account_id: UUID) -> bool:
    return kind is EventType.PING or can(actor, RIGHT_TO[kind], account_id)


def _program_of(row: WebhookEndpoint) -> Actor:
    return Actor(ActorKind.TOKEN, row.id, {row.account_id: frozenset({Role.API_CLIENT})})
