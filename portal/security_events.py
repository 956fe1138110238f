"""What stations reported about their own safety: of the chosen account, or of one station."""

from uuid import UUID

from flask import Blueprint, Response, request

from portal.actor import current_account_id, current_actor
from portal.render import page
from stations import queries
from stations.values import SecurityEventId, StationId

blueprint = Blueprint("security_events", __name__)
PAGE_SIZE = 25


@blueprint.get("/security-events")
def overview() -> Response:
    """The newest events first, narrowed to one station or to the critical ones."""
    actor, station_id = current_actor(), _id("station")
    critical, before = "critical" in request.args, _id("before")
    rows = queries.security_events(
        actor,
        account_id=None if station_id else current_account_id(),
        station_id=StationId(station_id) if station_id else None,
        critical=critical,
        before=SecurityEventId(before) if before else None,
        limit=PAGE_SIZE + 1,
    )
    return page(
        "security/events.html",
        fragment="security/_events.html",
        rows=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        critical=critical,
        station=queries.station_page(actor, StationId(station_id)).station if station_id else None,
    )


def _id(name: str) -> UUID | None:
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None
