"""What stands in an account: what would end, what has to be kept, and what stands against closing it. Read in the
running transaction.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from accounts import shares
from accounts.models import Account, ApiClient, ApiToken, Grant, IdentityProvider, Invitation, User
from accounts.values import InvitationState
from billing import payees
from billing.models import Document, LedgerEntry
from billing.open_money import open_payments, open_refunds, soon_minor
from charging.models import ChargingSession, Tag
from charging.values import SessionState
from closures.values import Count, Ending, Kept, Obstacle, Preview
from handovers import links
from kit import clock, db
from kit.audit import AuditLine
from kit.i18n import money
from licensing.holdings import unpaid_invoices
from licensing.models import Invoice, Place
from partners.models import Partner
from smart_me.models import SmartMeLink
from stations.models import Station
from webhooks.models import WebhookEndpoint

MOST_NAMES = 20


def preview(account: Account) -> Preview:
    """All three lists, as of now."""
    return Preview(
        obstacles=obstacles(account),
        ends=[one for one in _ending(account.id) if one.count],
        stays=[one for one in _staying(account.id) if one.count],
    )


def obstacles(account: Account) -> list[Count]:
    """Everything that stands against closing it now."""
    return [one for one in _standing_against(account) if one.count]


def _standing_against(account: Account) -> Iterator[Count]:
    here = account.id
    running = ChargingSession.account_id == here, ChargingSession.state == SessionState.ACTIVE
    at = select(Station.name).join(ChargingSession, ChargingSession.station_id == Station.id)
    yield _listed(Obstacle.SESSIONS, at.where(*running))
    yield Count(Obstacle.PAYMENTS, open_payments(here))
    yield Count(Obstacle.REFUNDS, open_refunds(here))
    coming = [money(amount, currency) for currency, amount in soon_minor(here).items() if amount]
    yield Count(Obstacle.MONEY, len(coming), coming)
    owed = [invoice.reference for invoice in unpaid_invoices(here)]
    yield Count(Obstacle.INVOICES, len(owed), owed)
    below = select(Account.name).where(Account.parent_id == here, Account.closed_at.is_(None))
    yield _listed(Obstacle.ACCOUNTS_BELOW, below)
    under_way = links.under_way(here)
    yield Count(Obstacle.HAND_OVER, int(under_way is not None), [under_way.email] if under_way else [])
    yield Count(Obstacle.SUSPENDED, int(payees.suspended(here)))


def _ending(here: UUID) -> Iterator[Count]:
    yield _named(Ending.STATIONS, Station.name, Station.account_id == here)
    yield _counted(Ending.TAGS, Tag.account_id == here)
    mine = Grant.account_id == here, shares.live()
    yield _listed(Ending.PEOPLE, select(User.name).join(Grant, Grant.user_id == User.id).where(*mine).distinct())
    held = select(Account.name).join(Grant, Grant.holder_id == Account.id).where(*mine)
    yield _listed(Ending.COMPANIES, held.distinct())
    waiting = Invitation.state == InvitationState.OPEN, Invitation.expires_at > clock.now()
    yield _named(Ending.INVITATIONS, Invitation.email, Invitation.account_id == here, *waiting)
    own_keys = ApiToken.account_id == here, ApiToken.revoked_at.is_(None), ApiToken.client_id.is_(None)
    yield _named(Ending.TOKENS, ApiToken.name, *own_keys)
    yield _named(Ending.API_CLIENTS, ApiClient.name, ApiClient.account_id == here, ApiClient.revoked_at.is_(None))
    yield _named(Ending.COMPANY_LOGIN, IdentityProvider.issuer, IdentityProvider.account_id == here)
    told = WebhookEndpoint.account_id == here, WebhookEndpoint.removed_at.is_(None)
    yield _named(Ending.WEBHOOKS, WebhookEndpoint.url, *told)
    yield _counted(Ending.LICENCES, Place.account_id == here, Place.ended_at.is_(None))
    yield _counted(Ending.SMART_ME, SmartMeLink.account_id == here)
    yield _counted(Ending.PARTNER, Partner.account_id == here)
    yield Count(Ending.PAYOUT, int(payees.payee_of(here) is not None))


def _staying(here: UUID) -> Iterator[Count]:
    yield _counted(Kept.DOCUMENTS, Document.account_id == here)
    yield _counted(Kept.BOOKINGS, LedgerEntry.account_id == here)
    yield _counted(Kept.INVOICES, Invoice.account_id == here)
    yield _counted(Kept.ACTIVITY, AuditLine.account_id == here)


def _named(what: Ending, name: Any, *conditions: Any) -> Count:
    return _listed(what, select(name).where(*conditions))


def _listed(what: Obstacle | Ending, statement: Any) -> Count:
    names = sorted(db.session().scalars(statement))
    return Count(what, len(names), names[:MOST_NAMES])


def _counted(what: Kept | Ending, *conditions: Any) -> Count:
    return Count(what, db.session().scalar(select(func.count()).where(*conditions)) or 0)
