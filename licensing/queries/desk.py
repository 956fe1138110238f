"""What the staff of the platform sees."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from accounts.access import Actor, staff
from accounts.models import Account
from kit import db
from kit.paging import Page
from kit.use_case import query
from licensing.models import Gift, Invoice, Place, Subscription


@dataclass(frozen=True)
class Tenant:
    """An account that has a subscription, and how many licences are in it."""

    account_id: UUID
    account_name: str
    subscription: Subscription
    places: int


@query
def subscriptions(actor: Actor, *, number: int = 1, size: int = 25) -> Page[Tenant]:
    """Every subscription that has not ended, with those first whose period ends first."""
    staff(actor)
    number = max(1, number)
    places = (
        select(Place.subscription_id, func.count().label("count"))
        .where(Place.ended_at.is_(None))
        .group_by(Place.subscription_id)
        .subquery()
    )
    found = (
        select(Subscription, Account.name, func.coalesce(places.c.count, 0))
        .join(Account, Account.id == Subscription.account_id)
        .outerjoin(places, places.c.subscription_id == Subscription.id)
        .where(Subscription.ended_at.is_(None))
    )
    total = db.session().scalar(select(func.count()).select_from(Subscription).where(Subscription.ended_at.is_(None)))
    ordered = found.order_by(Subscription.period_ends_at, Subscription.id).limit(size).offset((number - 1) * size)
    rows = db.session().execute(ordered)
    tenants = tuple(Tenant(row.account_id, name, row, count) for row, name, count in rows)
    return Page(tenants, number, size, total or 0)


@query
def unpaid_invoices(actor: Actor, *, number: int = 1, size: int = 25) -> Page[tuple[Invoice, str]]:
    """Open invoices with the names of their accounts, those first that are due first."""
    staff(actor)
    number = max(1, number)
    is_open = Invoice.paid_at.is_(None)
    total = db.session().scalar(select(func.count()).select_from(Invoice).where(is_open))
    found = select(Invoice, Account.name).join(Account, Account.id == Invoice.account_id).where(is_open)
    rows = db.session().execute(found.order_by(Invoice.due_at, Invoice.id).limit(size).offset((number - 1) * size))
    return Page(tuple((row, name) for row, name in rows), number, size, total or 0)


@query
def free_periods(actor: Actor, account_id: UUID) -> list[Gift]:
    """What was given to an account for nothing, newest first."""
    staff(actor)
    wanted = select(Gift).where(Gift.account_id == account_id).order_by(Gift.given_at.desc())
    return list(db.session().scalars(wanted))
