"""Which connectors a scope means."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from accounts.access import within
from accounts.models import Account, AccountLineage
from kit.errors import Invalid
from mass_changes.values import Scope
from stations.models import Connector, Station

MOST_NAMED = 5_000


def judged_scope(scope: Scope) -> Scope:
    """The scope, where it means anything. Raises Invalid(scope=): required, too_many."""
    named = (scope.account_ids, scope.station_ids, scope.connector_ids)
    if any(named) is scope.everything:
        raise Invalid(scope="required")
    if any(len(ids) > MOST_NAMED for ids in named):
        raise Invalid(scope="too_many")
    return scope


def meant(account_id: UUID, scope: Scope) -> list[ColumnElement[bool]]:
    """For a WHERE on connectors joined with their station and account."""
    below = select(AccountLineage.account_id).where(AccountLineage.ancestor_id.in_(scope.account_ids))
    ways = [
        way
        for ids, way in (
            (scope.account_ids, Connector.account_id.in_(below)),
            (scope.station_ids, Connector.station_id.in_(scope.station_ids)),
            (scope.connector_ids, Connector.id.in_(scope.connector_ids)),
        )
        if ids
    ]
    conditions = [Connector.number > 0, within(Connector, account_id)]
    if ways:
        conditions.append(or_(*ways))
    if words := scope.text.strip():
        texts = (Account.name, Account.city, Station.name, Station.street, Station.city)
        conditions.append(or_(*(one.icontains(words, autoescape=True) for one in texts)))
    return conditions
