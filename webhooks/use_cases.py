"""Setting endpoints up, writing messages for them down, and keeping what came of each try."""

import base64
import hashlib
import secrets
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select, update

from accounts import access
from accounts.access import Actor, allowed
from accounts.bounds import must_hold_rights
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db, settings
from kit.errors import Invalid, NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case
from webhooks.errors import EndpointOff, TooManyEndpoints
from webhooks.events import DeliveryDue, EndpointGivenUp
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.queries import RIGHT_TO, Outgoing, must_see, secrets_of
from webhooks.values import (
    CHOICES,
    DISABLED_AFTER,
    KEPT,
    LONGEST_NAME,
    LONGEST_URL,
    MOST_ENDPOINTS,
    OLD_SECRET_WORKS,
    PAUSES,
    DeliveryId,
    DeliveryState,
    DisabledBecause,
    EndpointId,
    EventType,
)

LEASE = PAUSES[1]  # a try that says nothing for so long is taken for lost


@use_case
def add_endpoint(
    actor: Actor, account_id: AccountId, *, url: str, event_types: Collection[EventType], name: str = ""
) -> WebhookEndpoint:
    """Tell a program's address of those events of an account that the actor may see, too.

    Raises Invalid, TooManyEndpoints, MoreThanOneHolds.
    """
    allowed(actor, Right.MANAGE_TOKENS, Account, account_id)
    mine = select(func.count()).where(WebhookEndpoint.account_id == account_id, WebhookEndpoint.removed_at.is_(None))
    if (db.session().scalar(mine) or 0) >= MOST_ENDPOINTS:
        raise TooManyEndpoints()
    row = WebhookEndpoint(
        id=new_id(),
        account_id=account_id,
        name=_name(name),
        url=_url(url),
        event_types=_event_types(event_types),
        secrets={"current": _new_secret()},
        created_at=clock.now(),
    )
    _must_hold(actor, row)
    db.session().add(row)
    return row


@use_case
def update_endpoint(
    actor: Actor,
    endpoint_id: EndpointId,
    *,
    url: str | None = None,
    event_types: Collection[EventType] | None = None,
    name: str | None = None,
) -> WebhookEndpoint:
    """Change an endpoint; what is left out stays as it is. Raises Invalid, MoreThanOneHolds."""
    row = _mine(actor, endpoint_id)
    row.url = row.url if url is None else _url(url)
    row.name = row.name if name is None else _name(name)
    row.event_types = row.event_types if event_types is None else _event_types(event_types)
    if url is not None or event_types is not None:
        _must_hold(actor, row)
    return row


@use_case
def switch_endpoint(actor: Actor, endpoint_id: EndpointId, *, on: bool) -> WebhookEndpoint:
    """Tell an endpoint nothing any more, or tell it again; what happened meanwhile is not told later."""
    row = _mine(actor, endpoint_id)
    row.disabled_at = None if on else row.disabled_at or clock.now()
    row.disabled_because = None if on else row.disabled_because or DisabledBecause.SWITCHED_OFF
    row.failing_since_at = None if on else row.failing_since_at
    return row


@use_case
def renew_endpoint_secret(actor: Actor, endpoint_id: EndpointId) -> WebhookEndpoint:
    """Sign with a new secret; for a day with the old one as well, so that the program can change over."""
    row = _mine(actor, endpoint_id)
    row.secrets = {"current": _new_secret(), "previous": row.secrets["current"]}
    row.previous_until_at = clock.now() + OLD_SECRET_WORKS
    return row


@use_case
def remove_endpoint(actor: Actor, endpoint_id: EndpointId) -> None:
    """Forget an endpoint; what was sent to it stays in the log until its time is over. Twice is harmless."""
    row = allowed(actor, Right.MANAGE_TOKENS, WebhookEndpoint, endpoint_id)
    row.removed_at = row.removed_at or clock.now()


@use_case
def remove_endpoints(actor: Actor, account_id: AccountId) -> None:
    """Tell nobody about an account any more: it belongs to somebody else."""
    access.system(actor)
    mine = WebhookEndpoint.account_id == account_id, WebhookEndpoint.removed_at.is_(None)
    db.session().execute(update(WebhookEndpoint).where(*mine).values(removed_at=clock.now()))


@use_case
def ping_endpoint(actor: Actor, endpoint_id: EndpointId) -> WebhookDelivery:
    """Send an endpoint a message that means nothing. Raises EndpointOff."""
    row = _mine(actor, endpoint_id)
    if row.disabled_at is not None:
        raise EndpointOff()
    return _write(row, EventType.PING, f"ping:{new_id()}", {"endpointId": row.id})


@use_case
def replay_delivery(actor: Actor, delivery_id: DeliveryId) -> WebhookDelivery:
    """Send a message once more, whatever came of it, under the same message id. Raises EndpointOff."""
    row = allowed(actor, Right.MANAGE_TOKENS, WebhookDelivery, delivery_id, lock=True)
    must_see(actor, row)
    if _mine(actor, EndpointId(row.endpoint_id)).disabled_at is not None:
        raise EndpointOff()
    row.state, row.next_at, row.ended_at = DeliveryState.PENDING, clock.now(), None
    record(DeliveryDue(delivery_id=row.id))
    return row


@use_case
def write_delivery(actor: Actor, endpoint_id: UUID, kind: EventType, source: str, facts: dict[str, Any]) -> None:
    """Write a message down for an endpoint; the same `source` again is the same message."""
    access.system(actor)
    row = db.session().get(WebhookEndpoint, endpoint_id)
    if row is None or not row.wants(kind):
        return
    known = WebhookDelivery.endpoint_id == row.id, WebhookDelivery.message_id == _message_id(source)
    if db.session().scalar(select(WebhookDelivery.id).where(*known)) is None:
        _write(row, kind, source, facts)


@use_case
def claim_delivery(actor: Actor, delivery_id: UUID) -> Outgoing | None:
    """Take a message to send it; None when somebody else has it, it is over, or nobody wants it any more."""
    access.system(actor)
    row = db.session().get(WebhookDelivery, delivery_id, with_for_update=True)
    now = clock.now()
    if row is None or row.state is not DeliveryState.PENDING or row.next_at is None or row.next_at > now:
        return None
    endpoint = db.session().get(WebhookEndpoint, row.endpoint_id)
    assert endpoint is not None, "a message without an endpoint"
    if endpoint.disabled_at is not None or endpoint.removed_at is not None:
        row.state, row.next_at, row.ended_at = DeliveryState.FAILED, None, now
        return None
    row.next_at = now + LEASE
    return Outgoing(DeliveryId(row.id), endpoint.url, row.message_id, row.payload, secrets_of(endpoint, now))


@use_case
def note_try(
    actor: Actor, delivery_id: UUID, *, status: int | None, error: str, took_ms: int, answer: str
) -> DeliveryState:
    """Keep what came of a try: it arrived, is tried again later, or was the last one."""
    access.system(actor)
    row = db.session().get(WebhookDelivery, delivery_id, with_for_update=True)
    assert row is not None, "a try of an unknown message"
    now = clock.now()
    arrived = status is not None and 200 <= status < 300
    told = {"at": now.isoformat(), "status": status, "error": error, "ms": took_ms, "answer": answer}
    row.tries = [*row.tries, told]
    if arrived:
        row.state, row.next_at, row.ended_at = DeliveryState.DELIVERED, None, now
    elif len(row.tries) > len(PAUSES):
        row.state, row.next_at, row.ended_at = DeliveryState.FAILED, None, now
    else:
        row.next_at = now + PAUSES[len(row.tries) - 1]
    _judge(row.endpoint_id, arrived=arrived)
    return row.state


@use_case
def prune_deliveries(actor: Actor) -> None:
    """Forget messages after 30 days."""
    access.system(actor)
    over = WebhookDelivery.created_at < clock.now() - KEPT
    db.session().execute(delete(WebhookDelivery).where(over, WebhookDelivery.state != DeliveryState.PENDING))


def _judge(endpoint_id: UUID, *, arrived: bool) -> None:
    """An endpoint that failed for days and never answered well is told nothing any more."""
    endpoint = db.session().get(WebhookEndpoint, endpoint_id, with_for_update=True)
    assert endpoint is not None, "a message without an endpoint"
    now = clock.now()
    endpoint.failing_since_at = None if arrived else endpoint.failing_since_at or now
    since = endpoint.failing_since_at
    if since is not None and now - since >= DISABLED_AFTER and endpoint.disabled_at is None:
        endpoint.disabled_at, endpoint.disabled_because = now, DisabledBecause.FAILING
        record(EndpointGivenUp(endpoint_id=endpoint.id))


def _write(row: WebhookEndpoint, kind: EventType, source: str, facts: dict[str, Any]) -> WebhookDelivery:
    now = clock.now()
    body = {"type": kind.value, "timestamp": now, "data": facts}
    made = WebhookDelivery(
        id=new_id(),
        account_id=row.account_id,
        endpoint_id=row.id,
        message_id=_message_id(source),
        event_type=kind,
        payload=orjson.dumps(body).decode(),
        created_at=now,
        next_at=now,
        tries=[],
    )
    db.session().add(made)
    record(DeliveryDue(delivery_id=made.id))
    return made


def _message_id(source: str) -> str:
    return f"msg_{hashlib.sha256(source.encode()).hexdigest()[:24]}"


def _mine(actor: Actor, endpoint_id: EndpointId) -> WebhookEndpoint:
    row = allowed(actor, Right.MANAGE_TOKENS, WebhookEndpoint, endpoint_id, lock=True)
    if row.removed_at is not None:
        raise NotFound()
    return row


def _must_hold(actor: Actor, row: WebhookEndpoint) -> None:
    """Nobody has told elsewhere what they may not see themselves. Raises MoreThanOneHolds."""
    must_hold_rights(actor, {RIGHT_TO[EventType(kind)] for kind in row.event_types}, row.account_id)


def _new_secret() -> str:
    """As the standard has it: base64 behind a prefix that scanners of leaked secrets know."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def _url(text: str) -> str:
    url = text.strip()
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # judges itself when it is read
    except ValueError:
        raise Invalid(url="invalid") from None
    schemes = ("https", "http") if settings.current().webhook_private_addresses else ("https",)
    if parts.scheme not in schemes:
        raise Invalid(url="https_needed")
    if not parts.hostname or parts.username is not None or parts.fragment or len(url) > LONGEST_URL:
        raise Invalid(url="invalid")
    return url


def _name(text: str) -> str:
    name = " ".join(text.split())
    if len(name) > LONGEST_NAME:
        raise Invalid(name="too_long")
    return name


def _event_types(kinds: Collection[EventType]) -> list[Any]:
    if not kinds:
        raise Invalid(event_types="required")
    if not set(kinds) <= set(CHOICES):
        raise Invalid(event_types="unknown")
    return [kind.value for kind in CHOICES if kind in kinds]
