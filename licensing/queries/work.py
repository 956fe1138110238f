"""What the jobs have to look at."""

from uuid import UUID

from sqlalchemy import CompoundSelect, or_, select, union

from accounts.access import Actor, system
from accounts.models import Entitlement
from kit import clock, db
from kit.use_case import query
from licensing.holdings import unpaid_invoices
from licensing.models import Gift, Invoice, Subscription
from licensing.values import WARN_BEFORE, InvoiceKind, SubscriptionState


@query
def periods_over(actor: Actor) -> list[UUID]:
    """Subscriptions whose period is over, and that are not waiting for money."""
    system(actor)
    due = select(Subscription.id).where(
        Subscription.ended_at.is_(None),
        Subscription.period_ends_at <= clock.now(),
        or_(Subscription.state != SubscriptionState.LOCKED, Subscription.cancelled_at.is_not(None)),
    )
    return list(db.session().scalars(due.order_by(Subscription.period_ends_at)))


@query
def trials_ending(actor: Actor) -> list[UUID]:
    """Trials that end in a few days and whose account was not told."""
    system(actor)
    soon = select(Subscription.id).where(
        Subscription.state == SubscriptionState.TRIAL,
        Subscription.warned_at.is_(None),
        Subscription.period_ends_at <= clock.now() + WARN_BEFORE,
    )
    return list(db.session().scalars(soon))


@query
def late_invoices(actor: Actor) -> list[UUID]:
    """Invoices for licences that were to be paid by now."""
    system(actor)
    late = select(Invoice.id).where(
        Invoice.paid_at.is_(None), Invoice.due_at < clock.now(), Invoice.kind == InvoiceKind.LICENCES
    )
    return list(db.session().scalars(late.order_by(Invoice.due_at)))


@query
def payable_invoices(actor: Actor, account_id: UUID) -> list[UUID]:
    """Open invoices for licences of an account."""
    system(actor)
    return [invoice.id for invoice in unpaid_invoices(account_id)]


@query
def holders(actor: Actor) -> list[UUID]:
    """Accounts that have a subscription, a gift, or entitlements of either."""
    system(actor)
    everyone: CompoundSelect[UUID] = union(
        select(Subscription.account_id).where(Subscription.ended_at.is_(None)),
        select(Gift.account_id).where(Gift.revoked_at.is_(None), Gift.ends_at > clock.now()),
        select(Entitlement.account_id).where(Entitlement.account_id.is_not(None)),
    )
    return list(db.session().scalars(everyone))


@query
def subscription_facts(actor: Actor, subscription_id: UUID) -> Subscription:
    """A subscription as it stands."""
    system(actor)
    return db.session().get_one(Subscription, subscription_id)
