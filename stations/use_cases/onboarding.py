"""What the operator does with chargers that came by themselves: makes them stations, or sends them away."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_, select

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict
from kit.events import record
from kit.notes import tell
from kit.use_case import use_case
from stations.events import StationAccepted
from stations.models import HeldMessage, Station, WaitingStation
from stations.use_cases.commands import request_command
from stations.use_cases.logins import push_password
from stations.use_cases.moves import move_station
from stations.use_cases.stations import insert_station
from stations.values import (
    NEW_LOGIN,
    Action,
    Location,
    NewConnector,
    SecurityProfile,
    StationId,
    WaitingId,
    WaitingState,
)

WAITS_FOR = timedelta(days=30)  # after it was last seen
REFUSED_FOR = timedelta(days=365)


@use_case
def accept_station(
    actor: Actor,
    waiting_id: WaitingId,
    *,
    name: str,
    connectors: Sequence[NewConnector],
    description: str = "",
    street: str = "",
    postcode: str = "",
    city: str = "",
    country: str = "CH",
    location: Location | None = None,
    account_id: AccountId | None = None,
) -> Station:
    """Make a waiting (or refused) charger a station of its account, under the identity it has and the id it waited by;
    or of another account (`account_id`), as if it were moved there: it goes on dialling the address that it knows.

    It proves what it proved so far: the password it brought, or nothing. It is asked to start anew, then sent a
    password. What it said about sessions while it waited is stored now. Raises Invalid as `add_station` does.
    """
    waiting = allowed(actor, Right.MANAGE_STATIONS, WaitingStation, waiting_id, lock=True)
    address = {"street": street, "postcode": postcode, "city": city, "country": country}
    station = insert_station(
        Station(
            id=StationId(waiting.id),
            account_id=waiting.account_id,
            identity=waiting.identity,
            generated=False,
            password_hash=waiting.password_hash,
            security_profile=SecurityProfile.PASSWORD if waiting.password_hash else SecurityProfile.OPEN,
            password_due=True,
            kind=waiting.kind,
            vendor=waiting.vendor,
            model=waiting.model,
            firmware=waiting.firmware,
            serial=waiting.serial,
            connected_at=waiting.connected_at,
            connection_id=waiting.connection_id,
            last_seen_at=waiting.last_seen_at,
            created_at=clock.now(),
        ),
        connectors,
        {"name": name, "description": description, **address},
        location,
        bound_for=account_id,
    )
    db.session().execute(delete(WaitingStation).where(WaitingStation.id == waiting.id))
    record(
        StationAccepted(station_id=station.id, account_id=station.account_id, readings_dropped=waiting.readings_dropped)
    )
    for message in ("BootNotification", "StatusNotification"):  # what it told while it waited, it tells as a station
        request_command(actor, station.id, Action.TRIGGER_MESSAGE, {"requestedMessage": message})
    return station if account_id in (None, station.account_id) else move_station(actor, station.id, account_id)


@use_case
def refuse_station(actor: Actor, waiting_id: WaitingId) -> WaitingStation:
    """Send a waiting charger away: it is not let in any more, until it is accepted after all."""
    waiting = allowed(actor, Right.MANAGE_STATIONS, WaitingStation, waiting_id)
    waiting.state, waiting.connected_at, waiting.connection_id = WaitingState.REFUSED, None, None
    tell(NEW_LOGIN, data=waiting.id.hex.encode())
    tell("account", waiting.account_id)
    return waiting


@use_case
def send_due_password(actor: Actor, station_id: StationId) -> None:
    """A charger that came by itself has started as a station: send it a password of its own, unless it wants quiet."""
    system(actor)
    station = db.session().get(Station, station_id, with_for_update=True, populate_existing=True)
    if station is None or not station.password_due:
        return
    station.password_due = False
    if station.quiet_after_boot:
        return  # somebody can send one by hand
    try:
        push_password(actor, station_id)
    except Conflict:  # somebody did so by hand
        return


@use_case
def prune_waiting(actor: Actor) -> int:
    """Forget chargers that nobody accepted and that did not come back for a long time, with what they said."""
    system(actor)
    now = clock.now()
    gone = select(WaitingStation.id).where(
        WaitingStation.connected_at.is_(None),
        or_(
            (WaitingStation.state == WaitingState.WAITING) & (WaitingStation.last_seen_at < now - WAITS_FOR),
            WaitingStation.last_seen_at < now - REFUSED_FOR,
        ),
    )
    db.session().execute(delete(HeldMessage).where(HeldMessage.station_id.in_(gone)))
    removed = db.session().execute(delete(WaitingStation).where(WaitingStation.id.in_(gone)))
    return int(removed.rowcount)  # type: ignore[attr-defined]  # a DELETE has a row count
