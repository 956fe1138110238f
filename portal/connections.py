"""How chargers connect: the log of one station's connections, and which stations come by which kind of TLS."""

from uuid import UUID

from flask import Blueprint, Response, request

from portal.actor import current_account_id, current_actor
from portal.render import page
from stations import queries
from stations.values import ConnectionId, StationId, Transport

blueprint = Blueprint("connections", __name__)
PAGE_SIZE = 25


@blueprint.get("/stations/connections")
def overview() -> Response:
    """The stations of the chosen account, and how their messages travel."""
    transport = _transport(request.args.get("transport", ""))
    number = request.args.get("page", 1, type=int)
    report = queries.transport_report(current_actor(), current_account_id(), transport=transport, number=number)
    return page(
        "connections/report.html",
        fragment="connections/_stations.html",
        report=report,
        transport=transport,
        transports=list(Transport),
    )


@blueprint.get("/stations/<uuid:station_id>/connections")
def of_station(station_id: UUID) -> Response:
    """How one station is connected, was, and was refused; the newest first."""
    actor, before = current_actor(), _id("before")
    rows = queries.connections(
        actor, StationId(station_id), before=ConnectionId(before) if before else None, limit=PAGE_SIZE + 1
    )
    return page(
        "connections/station.html",
        shown=queries.station_page(actor, StationId(station_id)),
        health=queries.connection_health(actor, StationId(station_id)),
        rows=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        newest=before is None,
    )


def _transport(value: str) -> Transport | None:
    return next((one for one in Transport if one.value == value), None)


def _id(name: str) -> UUID | None:
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None
