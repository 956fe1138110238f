"""Each connector that is meant gets its row, some hundreds in a transaction."""

from dataclasses import replace
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, func, insert, select

from accounts.access import Actor, visible
from accounts.queries.actors import actor_named
from accounts.rights import Right
from kit import db
from mass_changes.models import MassChange, MassChangeRow
from mass_changes.rights import NEEDED
from mass_changes.scopes import meant
from mass_changes.values import RowState, Scope
from stations.models import Connector

AT_ONCE = 500
Columns = TypeVarTuple("Columns")
_insert = insert(db.Base.metadata.tables[MassChangeRow.__tablename__])


def place_first(actor: Actor, made: MassChange) -> None:
    """Rows for the first connectors that the actor sees, and how many are left for later."""
    if _place(actor, made, after=None):
        all_of_them = _seen(actor, made, select(func.count()).select_from(Connector))
        made.unplaced = (db.session().scalar(all_of_them) or 0) - AT_ONCE


def place_more(made: MassChange) -> None:
    """Rows for the next ones, with the rights that whoever asked holds by now."""
    asked = replace(actor_named(made.requested_by), closed=frozenset(map(UUID, made.closed)))
    of_change = select(MassChangeRow.connector_id).where(MassChangeRow.mass_change_id == made.id)
    last = db.session().scalar(of_change.order_by(MassChangeRow.connector_id.desc()).limit(1))
    full = _place(asked, made, after=last)
    made.unplaced = max(made.unplaced - AT_ONCE, 1) if full else 0


def _place(actor: Actor, made: MassChange, *, after: UUID | None) -> bool:
    """A row for each; where the right is missing, it is refused at once. Whether there may be more."""
    wanted = _seen(actor, made, select(Connector.id, Connector.account_id, Connector.station_id))
    if after is not None:
        wanted = wanted.where(Connector.id > after)
    found = db.session().execute(wanted.order_by(Connector.id).limit(AT_ONCE)).all()
    right = NEEDED[made.subject]
    of_them = select(Connector.id).where(Connector.id.in_([one for one, *_ in found]))
    may = set(db.session().scalars(visible(actor, right, of_them, Connector)))
    ready = {"state": RowState.WAITING, "problem": None, "field": None}
    refused = {"state": RowState.REFUSED, "problem": "forbidden", "field": right.value}
    for connector_id, account_id, station_id in found:
        where = {"connector_id": connector_id, "account_id": account_id, "station_id": station_id}
        outcome = ready if connector_id in may else refused
        db.current().later(_insert, {"mass_change_id": made.id} | where | outcome)
    db.current().flush()
    return len(found) == AT_ONCE


def _seen(actor: Actor, made: MassChange, of_connectors: Select[*Columns]) -> Select[*Columns]:
    chosen = meant(of_connectors, made.account_id, Scope.from_plain(made.scope))
    return visible(actor, Right.VIEW_STATIONS, chosen, Connector)
