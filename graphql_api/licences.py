"""Plans, licences of stations, and the platform's invoices."""

import functools
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from accounts.functions import Function
from accounts.values import AccountId
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from licensing import checkout, queries, stored_cards, use_cases
from licensing.queries import Holding
from licensing.values import Interval, InvoiceId, InvoiceKind, PaidBy, PlaceId, SubscriptionState

if TYPE_CHECKING:
    from licensing.models import Invoice as InvoiceFacts

strawberry.enum(Function, name="Function", description="What not every plan contains.")
strawberry.enum(Interval, name="LicenceInterval")
strawberry.enum(SubscriptionState, name="SubscriptionState")
strawberry.enum(InvoiceKind, name="PlatformInvoiceKind")
strawberry.enum(PaidBy, name="PlatformInvoicePaidBy")


@strawberry.type(description="A function and the plans that contain it.")
class PlanFunction:
    """A row of the table of plans."""

    function: Function
    plans: list[str]


@strawberry.type(description="What a licence for one station costs for one period, in minor units, VAT included.")
class PlanPrice:
    """A price."""

    plan: str
    currency: str
    interval: Interval
    gross_minor: int


@strawberry.type(description="A licence. `stationId` null: no station has it now. `leavesAt`: it is not renewed then.")
class LicencePlace:
    """A place in a subscription."""

    id: UUID
    station_id: UUID | None
    station_name: str | None
    leaves_at: datetime | None


@strawberry.type(description="What an account subscribed to. `priceMinor`: per station and period, VAT included.")
class LicenceSubscription:
    """A subscription."""

    plan: str
    state: SubscriptionState
    interval: Interval
    next_interval: Interval | None
    currency: str
    price_minor: int
    period_begins_at: datetime
    period_ends_at: datetime
    cancelled_at: datetime | None


@strawberry.type(description="The card that invoices of the platform are paid with by themselves.")
class LicenceCard:
    """A stored card."""

    card: str = strawberry.field(description="Its brand and the last digits.")
    stored_at: datetime | None
    failed_at: datetime | None = strawberry.field(description="When it was refused last.")
    failure: str = strawberry.field(description="Why, in the provider's words; empty: it was not refused.")


@strawberry.type(description="The plan of an account. `trialDays`: how long it could try, 0 where it did.")
class Licences:
    """Everything about an account's plan."""

    account_id: UUID
    subscription: LicenceSubscription | None
    places: list[LicencePlace]
    trial_days: int
    trial_days_left: int | None
    next_invoice_at: datetime | None
    next_invoice_minor: int
    free_until: datetime | None = strawberry.field(description="Given by the platform: all functions until then.")
    card: LicenceCard | None


@strawberry.type(description="What the platform sent to an account. `pdfUrl` takes the same token.")
class PlatformInvoice:
    """An invoice, a statement of fees or a credit note."""

    id: UUID
    kind: InvoiceKind
    number: str
    reference: str = strawberry.field(description="What a bank transfer has to carry.")
    currency: str
    gross_minor: int
    issued_at: datetime
    due_at: datetime
    paid_at: datetime | None
    paid_by: PaidBy | None
    pdf_url: str


@strawberry.type(description="A page at the payment provider, to be opened soon by whoever pays.")
class PaymentPage:
    """Where to pay."""

    url: str


LicencesResult = Annotated[Licences | Problem, strawberry.union("LicencesResult")]
PaymentPageResult = Annotated[PaymentPage | Problem, strawberry.union("PaymentPageResult")]


def _licences(info: Info, account_id: UUID) -> Licences:
    return _shown(queries.holding(info.context.actor, AccountId(account_id)))


def _shown(held: Holding) -> Licences:
    row = held.subscription
    fields = LicenceSubscription.__annotations__
    return Licences(
        account_id=held.account.id,
        subscription=None if row is None else LicenceSubscription(**{name: getattr(row, name) for name in fields}),
        places=[
            LicencePlace(
                id=each.place.id,
                station_id=each.place.station_id,
                station_name=each.station_name,
                leaves_at=each.place.leaves_at,
            )
            for each in held.places
        ],
        trial_days=held.trial_days,
        trial_days_left=held.trial_days_left,
        next_invoice_at=held.next_at,
        next_invoice_minor=held.next_minor,
        free_until=max((gift.ends_at for gift in held.gifts), default=None),
        card=None if held.card is None else LicenceCard(**vars(held.card)),
    )


def _invoice(info: Info, row: "InvoiceFacts") -> PlatformInvoice:
    own = ("id", "kind", "reference", "currency", "gross_minor", "issued_at", "due_at", "paid_at", "paid_by")
    return PlatformInvoice(
        number=row.snapshot["number"],
        pdf_url=f"{info.context.settings.public_url}/licences/invoices/{row.id}.pdf",
        **{name: getattr(row, name) for name in own},
    )


@strawberry.type
class LicenceQueries:
    """Reading plans and licences."""

    @strawberry.field(description="Which function is in which plan.")
    def plan_functions(self, info: Info) -> list[PlanFunction]:
        """The table of plans."""
        return [
            PlanFunction(function=row.function, plans=list(row.plans))
            for row in queries.function_table(info.context.actor)
        ]

    @strawberry.field(description="What licences cost today.")
    def plan_prices(self, info: Info, currency: str | None = None) -> list[PlanPrice]:
        """The prices."""
        return [PlanPrice(**vars(price)) for price in queries.prices(info.context.actor, currency)]

    @strawberry.field(description="The plan of an account, and the stations that have a licence.")
    def licences(self, info: Info, account_id: UUID) -> Licences:
        """One account's plan."""
        return _licences(info, account_id)

    @strawberry.field(description="The platform's invoices to an account, the newest first.")
    def platform_invoices_connection(
        self, info: Info, account_id: UUID, first: int = 20, after: str | None = None
    ) -> Connection[PlatformInvoice]:
        """A page of them."""
        actor, account = info.context.actor, AccountId(account_id)
        load = partial(queries.invoices, actor, account)
        return newest_first(info, (first, after), load, functools.partial(_invoice, info))

    @strawberry.field(
        description="The platform's invoices to an account, newest first, at most 100.",
        deprecation_reason="Use `platformInvoicesConnection`.",
    )
    def platform_invoices(
        self, info: Info, account_id: UUID, before: UUID | None = None, limit: int = 20
    ) -> list[PlatformInvoice]:
        """Invoices."""
        rows = queries.invoices(info.context.actor, AccountId(account_id), before=before, limit=max(1, limit))
        return [_invoice(info, row) for row in rows]


@strawberry.type
class LicenceMutations:
    """Trying, buying, changing and cancelling."""

    @strawberry.mutation(description="Try a plan with these stations, once per account. It ends by itself.")
    @refusable
    def start_trial(
        self, info: Info, account_id: UUID, station_ids: list[UUID], plan: str = "premium"
    ) -> LicencesResult:
        """A trial."""
        use_cases.start_trial(info.context.actor, AccountId(account_id), station_ids=station_ids, plan=plan)
        return _licences(info, account_id)

    @strawberry.mutation(
        description="Buy licences for these stations; during a trial none means those of the trial. An invoice follows."
    )
    @refusable
    def subscribe(
        self, info: Info, account_id: UUID, interval: Interval, station_ids: list[UUID], plan: str = "premium"
    ) -> LicencesResult:
        """A subscription."""
        use_cases.subscribe(
            info.context.actor, AccountId(account_id), interval=interval, station_ids=station_ids, plan=plan
        )
        return _licences(info, account_id)

    @strawberry.mutation(description="More stations; licences that no station has are used first.")
    @refusable
    def add_licences(self, info: Info, account_id: UUID, station_ids: list[UUID]) -> LicencesResult:
        """More."""
        use_cases.add_stations(info.context.actor, AccountId(account_id), station_ids=station_ids)
        return _licences(info, account_id)

    @strawberry.mutation(description="Another station takes a licence over; null frees it.")
    @refusable
    def move_licence(self, info: Info, place_id: UUID, station_id: UUID | None = None) -> LicencesResult:
        """A licence moves."""
        place = use_cases.move_licence(info.context.actor, PlaceId(place_id), station_id=station_id)
        return _licences(info, place.account_id)

    @strawberry.mutation(description="Whether a licence is renewed when its period is over.")
    @refusable
    def renew_licence(self, info: Info, place_id: UUID, renewed: bool) -> LicencesResult:
        """Give it up, or keep it."""
        deed = use_cases.keep_licence if renewed else use_cases.give_up_licence
        return _licences(info, deed(info.context.actor, PlaceId(place_id)).account_id)

    @strawberry.mutation(description="Monthly to yearly at once; yearly to monthly when the year is over.")
    @refusable
    def change_licence_interval(self, info: Info, account_id: UUID, interval: Interval) -> LicencesResult:
        """Another interval."""
        use_cases.change_interval(info.context.actor, AccountId(account_id), interval)
        return _licences(info, account_id)

    @strawberry.mutation(description="Cancel to the end of the period.")
    @refusable
    def cancel_subscription(self, info: Info, account_id: UUID) -> LicencesResult:
        """The end, later."""
        use_cases.cancel_subscription(info.context.actor, AccountId(account_id))
        return _licences(info, account_id)

    @strawberry.mutation(description="Take a cancellation back.")
    @refusable
    def resume_subscription(self, info: Info, account_id: UUID) -> LicencesResult:
        """On after all."""
        use_cases.resume_subscription(info.context.actor, AccountId(account_id))
        return _licences(info, account_id)

    @strawberry.mutation(
        description="Store a card that invoices are paid with by themselves, or another one: answers with the page."
    )
    @refusable
    def store_licence_card(self, info: Info, account_id: UUID) -> PaymentPageResult:
        """The provider's page; it brings the person back to the portal."""
        return PaymentPage(url=stored_cards.start(info.context.actor, AccountId(account_id)))

    @strawberry.mutation(description="Pay invoices by hand again.")
    @refusable
    def remove_licence_card(self, info: Info, account_id: UUID) -> LicencesResult:
        """The card is forgotten."""
        use_cases.remove_card(info.context.actor, AccountId(account_id))
        return _licences(info, account_id)

    @strawberry.mutation(description="Pay an invoice of the platform by card: answers with the page.")
    @refusable
    def pay_platform_invoice(self, info: Info, invoice_id: UUID) -> PaymentPageResult:
        """The provider's page."""
        return PaymentPage(url=checkout.start(info.context.actor, InvoiceId(invoice_id)))
