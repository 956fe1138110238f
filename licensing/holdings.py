"""What an account holds: its subscription, its places, its unpaid invoices. Read in the running transaction."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from kit import clock, db
from kit.errors import Invalid
from licensing.errors import Locked, NotSubscribed
from licensing.models import Invoice, Place, Subscription
from licensing.values import InvoiceKind, SubscriptionState
from stations.models import Station


def open_subscription(account_id: UUID, *, lock: bool = False) -> Subscription | None:
    """The subscription of an account that has not ended."""
    wanted = select(Subscription).where(Subscription.account_id == account_id, Subscription.ended_at.is_(None))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return db.session().scalar(wanted)


def running_subscription(account_id: UUID) -> Subscription:
    """The subscription that is about to change. Raises NotSubscribed, Locked."""
    found = open_subscription(account_id, lock=True)
    if found is None:
        raise NotSubscribed()
    if found.state in (SubscriptionState.OVERDUE, SubscriptionState.LOCKED):
        raise Locked()
    return found


def places_of(subscription: Subscription) -> list[Place]:
    """The places that have not ended, oldest first."""
    wanted = select(Place).where(Place.subscription_id == subscription.id, Place.ended_at.is_(None))
    return list(db.session().scalars(wanted.order_by(Place.added_at, Place.id)))


def staying(places: Sequence[Place]) -> list[Place]:
    """Those that are renewed at the end of the period."""
    return [place for place in places if place.leaves_at is None]


def overdue_invoices(account_id: UUID) -> list[Invoice]:
    """Invoices for licences that were to be paid by now."""
    wanted = select(Invoice).where(
        Invoice.account_id == account_id,
        Invoice.kind == InvoiceKind.LICENCES,
        Invoice.paid_at.is_(None),
        Invoice.due_at < clock.now(),
    )
    return list(db.session().scalars(wanted.order_by(Invoice.due_at)))


def unpaid_invoices(account_id: UUID) -> list[Invoice]:
    """Invoices of the platform that are not settled, due or not."""
    wanted = select(Invoice).where(
        Invoice.account_id == account_id, Invoice.kind == InvoiceKind.LICENCES, Invoice.paid_at.is_(None)
    )
    return list(db.session().scalars(wanted.order_by(Invoice.due_at)))


def judged_stations(account_id: UUID, station_ids: Sequence[UUID]) -> list[UUID]:
    """These stations, each once, all of this account and without a licence. Raises Invalid(station_ids=)."""
    wanted = list(dict.fromkeys(station_ids))
    if not wanted:
        raise Invalid(station_ids="required")
    inside = select(Station.id).where(Station.id.in_(wanted), Station.account_id == account_id)
    if len(db.session().scalars(inside).all()) != len(wanted):
        raise Invalid(station_ids="unknown")
    licensed = select(Place.id).where(Place.station_id.in_(wanted), Place.ended_at.is_(None))
    if db.session().scalars(licensed).first() is not None:
        raise Invalid(station_ids="licensed_already")
    return wanted
