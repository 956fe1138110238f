"""What a station reports about its own safety: written down as it says it, removed when its time is over."""

from datetime import datetime, timedelta

from sqlalchemy import Table, delete, insert

from accounts.access import Actor, system
from kit import clock, db, settings
from kit.ids import new_id
from kit.masking import mask_text
from kit.notes import tell
from kit.use_case import hot_use_case, use_case
from stations.models import SecurityEvent
from stations.security_kinds import known_name
from stations.use_cases.sockets import facts_of

_events: Table = db.Base.metadata.tables[SecurityEvent.__tablename__]
_STORE = insert(_events)


@hot_use_case
def store_security_event(actor: Actor, *, kind: str, tech_info: str, station_at: datetime | None) -> None:
    """A security event of the station, texts kept whole but for secrets in them."""
    facts = facts_of(actor)
    db.current().later(
        _STORE,
        {
            "id": new_id(),
            "account_id": facts.account_id,
            "station_id": facts.id,
            "kind": known_name(kind),
            "tech_info": mask_text(tech_info),
            "station_at": station_at,
            "at": clock.now(),
        },
    )
    tell("station", facts.id)


@use_case
def prune_security_events(actor: Actor) -> int:
    """Remove what is older than SECURITY_EVENT_DAYS; how many there were."""
    system(actor)
    limit = clock.now() - timedelta(days=settings.current().security_event_days)
    removed = db.session().execute(delete(SecurityEvent).where(SecurityEvent.at < limit))
    return int(removed.rowcount)  # type: ignore[attr-defined]  # a DELETE has a row count
