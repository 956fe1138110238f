"""Who has which function. The rows are written by whoever sells licences; here they are only compared.

A scope is an opaque id: of a station, of an account (with all below it), or `EVERYBODY`.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select

from accounts.functions import Function
from accounts.models import AccountLineage, Entitlement
from kit import clock, db

EVERYBODY = UUID(int=0)


def entitled(function: Function, account_id: UUID, station_id: UUID | None = None) -> bool:
    """Whether the account has the function: for this station, or (without one) for anything in it or below it."""
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == account_id)
    scopes: list[ColumnElement[bool]] = [Entitlement.scope_id == EVERYBODY, Entitlement.scope_id.in_(above)]
    if station_id is None:
        below = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == account_id)
        scopes.append(Entitlement.account_id.in_(below))
    else:
        scopes.append(Entitlement.scope_id == station_id)
    return db.session().scalar(select(exists().where(_valid(function), or_(*scopes)))) is True


def covers(function: Function, station_id: Any, account_id: Any) -> ColumnElement[bool]:
    """For a WHERE, of columns: the station has the function, itself or with its account."""
    scopes = select(Entitlement.scope_id).where(_valid(function))
    whole = (
        select(AccountLineage.account_id)
        .join(Entitlement, Entitlement.scope_id == AccountLineage.ancestor_id)
        .where(_valid(function))
    )
    return or_(
        station_id.in_(scopes),
        account_id.in_(whole),
        exists().where(_valid(function), Entitlement.scope_id == EVERYBODY),
    )


def _valid(function: Function) -> ColumnElement[bool]:
    in_time = Entitlement.ends_at.is_(None) | (Entitlement.ends_at > clock.now())
    return (Entitlement.function == function) & in_time
