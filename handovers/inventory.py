"""What stands in an account: what goes along with it, and what ends. Read in the running transaction."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from accounts import shares, tree
from accounts.models import (
    Account,
    ApiClient,
    ApiToken,
    Grant,
    IdentityProvider,
    Invitation,
    OwnRole,
    StationGroup,
    User,
)
from accounts.sellers import seller_of
from accounts.values import AccountKind, InvitationState
from billing import payees
from billing.models import Document, PersonPrice, TariffAssignment
from charging.models import ChargingSession, Tag
from charging.values import SessionState
from handovers.values import Item, Part, Preview
from kit import clock, db
from licensing.models import Place
from smart_me.models import SmartMeLink
from stations.models import Connector, Station
from webhooks.models import WebhookEndpoint

MOST_NAMES = 200


def preview(account: Account) -> Preview:
    """Both lists, as of now."""
    here, session = account.id, db.session()
    running = select(func.count()).where(
        ChargingSession.account_id == here, ChargingSession.state == SessionState.ACTIVE
    )
    return Preview(
        goes=[item for item in _going(here) if item.count],
        ends=[item for item in _ending(account) if item.count],
        running=session.scalar(running) or 0,
    )


def accounts_below(account: Account) -> bool:
    """Whether other accounts stand below it; below a property none can."""
    return account.kind is AccountKind.MASTER and len(tree.below(account.id)) > 1


def station_ids(account_id: UUID) -> Sequence[UUID]:
    """Every station of the account."""
    return db.session().scalars(select(Station.id).where(Station.account_id == account_id)).all()


def _going(here: UUID) -> Iterator[Item]:
    yield _named(Part.STATIONS, Station.name, Station.account_id == here)
    yield _counted(Part.CONNECTORS, Connector.account_id == here, Connector.number > 0)
    newest_first = TariffAssignment.valid_from.desc(), TariffAssignment.id.desc()
    rank = func.row_number().over(partition_by=TariffAssignment.connector_id, order_by=newest_first).label("rank")
    assigned = select(TariffAssignment.tariff_id, rank).where(TariffAssignment.account_id == here).subquery()
    yield _counted(Part.PRICES, assigned.c.rank == 1, assigned.c.tariff_id.is_not(None))
    yield _counted(Part.PERSON_PRICES, PersonPrice.account_id == here, PersonPrice.removed_at.is_(None))
    yield _counted(Part.TAGS, Tag.account_id == here)
    yield _counted(Part.SESSIONS, ChargingSession.account_id == here)
    yield _named(Part.GROUPS, StationGroup.name, StationGroup.account_id == here, StationGroup.removed_at.is_(None))
    yield _named(Part.OWN_ROLES, OwnRole.name, OwnRole.account_id == here, OwnRole.removed_at.is_(None))
    yield _counted(Part.LICENCES, Place.account_id == here, Place.ended_at.is_(None))


def _ending(account: Account) -> Iterator[Item]:
    here, seller = account.id, seller_of(account.id)
    yield _named(Part.MASTER, Account.name, Account.id == account.parent_id)
    people = select(User.name).join(Grant, Grant.user_id == User.id).where(Grant.account_id == here, shares.live())
    yield _listed(Part.PEOPLE, people.distinct())
    held = select(Account.name).join(Grant, Grant.holder_id == Account.id)
    yield _listed(Part.COMPANIES, held.where(Grant.account_id == here, shares.live()).distinct())
    waiting = Invitation.state == InvitationState.OPEN, Invitation.expires_at > clock.now()
    yield _named(Part.INVITATIONS, Invitation.email, Invitation.account_id == here, *waiting)
    own_keys = ApiToken.account_id == here, ApiToken.revoked_at.is_(None), ApiToken.client_id.is_(None)
    yield _named(Part.TOKENS, ApiToken.name, *own_keys)
    yield _named(Part.API_CLIENTS, ApiClient.name, ApiClient.account_id == here, ApiClient.revoked_at.is_(None))
    yield _named(Part.COMPANY_LOGIN, IdentityProvider.issuer, IdentityProvider.account_id == here)
    told = WebhookEndpoint.account_id == here, WebhookEndpoint.removed_at.is_(None)
    yield _named(Part.WEBHOOKS, WebhookEndpoint.url, *told)
    yield _counted(Part.SMART_ME, SmartMeLink.account_id == here)
    yield Item(Part.PAYOUT, int(payees.payee_of(here) is not None))
    yield Item(Part.LEGAL_DATA, 1, [" · ".join(filter(None, (seller.name, seller.uid)))])
    yield _counted(Part.DOCUMENTS, Document.account_id == here)


def _named(part: Part, name: Any, *conditions: Any) -> Item:
    return _listed(part, select(name).where(*conditions))


def _listed(part: Part, statement: Any) -> Item:
    names = sorted(db.session().scalars(statement))
    return Item(part, len(names), names[:MOST_NAMES])


def _counted(part: Part, *conditions: Any) -> Item:
    return Item(part, db.session().scalar(select(func.count()).where(*conditions)) or 0)
