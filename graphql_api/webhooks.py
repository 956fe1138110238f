"""Endpoints of webhooks and the log of what was sent to them."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from accounts.values import AccountId
from graphql_api.accounts import Done, DoneResult
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info, given
from graphql_api.errors import Problem, refusable
from webhooks import queries, use_cases
from webhooks.values import DeliveryId, DeliveryState, DisabledBecause, EndpointId, EventType

if TYPE_CHECKING:
    from webhooks.models import WebhookDelivery as DeliveryFacts
    from webhooks.models import WebhookEndpoint as EndpointFacts

strawberry.enum(EventType, name="WebhookEventType", description="What an endpoint can be told.")
strawberry.enum(DeliveryState, name="WebhookDeliveryState")
strawberry.enum(DisabledBecause, name="WebhookDisabledBecause")


@strawberry.type(description="An address that is told of events, signed as Standard Webhooks has it.")
class WebhookEndpoint:
    """An endpoint without its secret."""

    id: UUID
    account_id: UUID
    name: str
    url: str
    event_types: list[EventType]
    created_at: datetime
    previous_secret_until: datetime | None = strawberry.field(description="Until then the old secret signs as well.")
    failing_since: datetime | None = strawberry.field(description="Nothing arrived since; after five days it ends.")
    disabled_at: datetime | None
    disabled_because: DisabledBecause | None

    @classmethod
    def of(cls, row: "EndpointFacts") -> Self:
        """The endpoint as the schema shows it."""
        return cls(
            id=row.id,
            account_id=row.account_id,
            name=row.name,
            url=row.url,
            event_types=[EventType(one) for one in row.event_types],
            created_at=row.created_at,
            previous_secret_until=row.previous_until_at,
            failing_since=row.failing_since_at,
            disabled_at=row.disabled_at,
            disabled_because=row.disabled_because,
        )


@strawberry.type(description="An endpoint with the secret that signs from now on. `secret` is shown this once.")
class WebhookEndpointWithSecret:
    """An endpoint just made, or changed over."""

    endpoint: WebhookEndpoint
    secret: str


@strawberry.type(description="One try to deliver a message.")
class WebhookTry:
    """What came of it."""

    at: datetime
    status: int | None = strawberry.field(description="HTTP status of the answer; null: there was none.")
    error: str
    took_ms: int
    answer: str = strawberry.field(description="The begin of the answer's body.")


@strawberry.type(description="One message for one endpoint. `messageId` is the header `webhook-id`, also of a replay.")
class WebhookDelivery:
    """A line of the log."""

    id: UUID
    endpoint_id: UUID
    message_id: str
    event_type: EventType
    payload: str
    state: DeliveryState
    created_at: datetime
    next_at: datetime | None = strawberry.field(description="When it is tried again.")
    ended_at: datetime | None
    tries: list[WebhookTry]

    @classmethod
    def of(cls, row: "DeliveryFacts") -> Self:
        """The message as the schema shows it."""
        tries = [
            WebhookTry(
                at=datetime.fromisoformat(one["at"]),
                status=one["status"],
                error=one["error"],
                took_ms=one["ms"],
                answer=one["answer"],
            )
            for one in row.tries
        ]
        same = [name for name in cls.__annotations__ if name != "tries"]
        return cls(tries=tries, **{name: getattr(row, name) for name in same})


EndpointResult = Annotated[WebhookEndpoint | Problem, strawberry.union("WebhookEndpointResult")]
SecretResult = Annotated[WebhookEndpointWithSecret | Problem, strawberry.union("WebhookEndpointWithSecretResult")]
DeliveryResult = Annotated[WebhookDelivery | Problem, strawberry.union("WebhookDeliveryResult")]


def _with_secret(row: "EndpointFacts") -> WebhookEndpointWithSecret:
    return WebhookEndpointWithSecret(endpoint=WebhookEndpoint.of(row), secret=row.secrets["current"])


@strawberry.type
class WebhookQueries:
    """Reading endpoints and their log."""

    @strawberry.field(description="The webhook endpoints of an account, at most 20.")
    def webhook_endpoints(self, info: Info, account_id: UUID) -> list[WebhookEndpoint]:
        """All of them."""
        return [WebhookEndpoint.of(row) for row in queries.endpoints(info.context.actor, AccountId(account_id))]

    @strawberry.field(description="The newest messages for an endpoint; kept for 30 days.")
    def webhook_deliveries(
        self,
        info: Info,
        endpoint_id: UUID,
        first: int = 25,
        after: str | None = None,
        state: DeliveryState | None = None,
    ) -> Connection[WebhookDelivery]:
        """One page of the log."""
        load = partial(queries.deliveries, info.context.actor, EndpointId(endpoint_id), state=state)
        return newest_first(info, (first, after), load, WebhookDelivery.of)

    @strawberry.field(description="One message and its tries.")
    def webhook_delivery(self, info: Info, id: UUID) -> WebhookDelivery:
        """One message."""
        return WebhookDelivery.of(queries.delivery(info.context.actor, DeliveryId(id)))


@strawberry.type
class WebhookMutations:
    """Setting endpoints up."""

    @strawberry.mutation(description="Have an https address told of what happens in an account and below it.")
    @refusable
    def add_webhook_endpoint(
        self, info: Info, account_id: UUID, url: str, event_types: list[EventType], name: str = ""
    ) -> SecretResult:
        """A new endpoint."""
        row = use_cases.add_endpoint(
            info.context.actor, AccountId(account_id), url=url, event_types=event_types, name=name
        )
        return _with_secret(row)

    @strawberry.mutation(description="Change an endpoint; what is left out stays as it is.")
    @refusable
    def update_webhook_endpoint(
        self,
        info: Info,
        id: UUID,
        url: str | None = None,
        event_types: list[EventType] | None = None,
        name: str | None = None,
    ) -> EndpointResult:
        """Other facts."""
        changes = given(url=url, event_types=event_types, name=name)
        return WebhookEndpoint.of(use_cases.update_endpoint(info.context.actor, EndpointId(id), **changes))

    @strawberry.mutation(description="Switch an endpoint off or on; what happened while it was off is not told later.")
    @refusable
    def switch_webhook_endpoint(self, info: Info, id: UUID, on: bool) -> EndpointResult:
        """Off, or on."""
        return WebhookEndpoint.of(use_cases.switch_endpoint(info.context.actor, EndpointId(id), on=on))

    @strawberry.mutation(description="Sign with a new secret; for a day the old one signs as well.")
    @refusable
    def renew_webhook_secret(self, info: Info, id: UUID) -> SecretResult:
        """A new secret."""
        return _with_secret(use_cases.renew_endpoint_secret(info.context.actor, EndpointId(id)))

    @strawberry.mutation(description="Forget an endpoint.")
    @refusable
    def remove_webhook_endpoint(self, info: Info, id: UUID) -> DoneResult:
        """No endpoint."""
        use_cases.remove_endpoint(info.context.actor, EndpointId(id))
        return Done()

    @strawberry.mutation(description="Send an endpoint a message that means nothing (`ping`).")
    @refusable
    def ping_webhook_endpoint(self, info: Info, id: UUID) -> DeliveryResult:
        """A test; ask for it again by `webhookDelivery`."""
        return WebhookDelivery.of(use_cases.ping_endpoint(info.context.actor, EndpointId(id)))

    @strawberry.mutation(description="Send a message once more, under the same `messageId`.")
    @refusable
    def replay_webhook_delivery(self, info: Info, id: UUID) -> DeliveryResult:
        """The same again."""
        return WebhookDelivery.of(use_cases.replay_delivery(info.context.actor, DeliveryId(id)))
