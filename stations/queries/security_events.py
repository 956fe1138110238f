"""Security events as people read them: newest first, by station or by account."""

from dataclasses import dataclass

from sqlalchemy import select

from accounts.access import Actor, allowed, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.use_case import query
from stations.models import SecurityEvent, Station
from stations.security_kinds import CRITICAL, SECURITY_KINDS, SecurityKind
from stations.values import SecurityEventId, StationId


@dataclass(frozen=True)
class SecurityEventRow:
    """An event with the names around it. `known` is what the standard says about its kind, None for a vendor's own."""

    event: SecurityEvent
    station_name: str
    time_zone: str
    known: SecurityKind | None

    @property
    def critical(self) -> bool:
        """Whether the standard calls such an event critical."""
        return self.known is not None and self.known.critical


@query
def security_events(
    actor: Actor,
    *,
    account_id: AccountId | None = None,
    station_id: StationId | None = None,
    critical: bool = False,
    before: SecurityEventId | None = None,
    limit: int = 25,
) -> list[SecurityEventRow]:
    """The newest events by their arrival; the next page starts `before` the last one of this page.

    Raises NotFound, Forbidden for a station the actor may not see.
    """
    conditions = []
    if station_id is not None:
        allowed(actor, Right.VIEW_STATIONS, Station, station_id)
        conditions.append(SecurityEvent.station_id == station_id)
    if account_id is not None:
        conditions.append(within(SecurityEvent, account_id))
    if critical:
        conditions.append(SecurityEvent.kind.in_(CRITICAL))
    if before is not None:
        conditions.append(SecurityEvent.id < before)
    found = (
        select(SecurityEvent, Station.name, Account.time_zone)
        .join(Station, Station.id == SecurityEvent.station_id)
        .join(Account, Account.id == SecurityEvent.account_id)
        .where(*conditions)
        .order_by(SecurityEvent.id.desc())
        .limit(limit)
    )
    rows = db.session().execute(visible(actor, Right.VIEW_STATIONS, found, SecurityEvent))
    return [SecurityEventRow(event, name, zone, SECURITY_KINDS.get(event.kind)) for event, name, zone in rows]
