"""Which connectors a scope means."""

from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, or_, select

from accounts.access import within
from accounts.models import Account, AccountLineage
from kit.errors import Invalid
from mass_changes.values import Scope
from stations.models import Connector, Station

MOST_NAMED = 5_000
Columns = TypeVarTuple("Columns")


def judged_scope(scope: Scope) -> Scope:
    """The scope, where it means anything. Raises Invalid(scope=): required, too_many."""
    named = (scope.account_ids, scope.station_ids, scope.connector_ids)
    if any(named) is scope.everything:
        raise Invalid(scope="required")
    if any(len(ids) > MOST_NAMED for ids in named):
        raise Invalid(scope="too_many")
    return scope


def meant(of_connectors: Select[*Columns], account_id: UUID, scope: Scope) -> Select[*Columns]:
    """Narrow a SELECT of connectors."""
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
        by_account = _saying(Account.id, words, Account.name, Account.city)
        by_station = _saying(Station.id, words, Station.name, Station.street, Station.city)
        conditions.append(or_(Connector.account_id.in_(by_account), Connector.station_id.in_(by_station)))
    return of_connectors.where(*conditions)


def _saying(row_id: Any, words: str, *texts: Any) -> Select[UUID]:
    return select(row_id).where(or_(*(one.icontains(words, autoescape=True) for one in texts)))
