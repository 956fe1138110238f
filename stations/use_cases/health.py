"""Chargers that came back without a word: asked once what they are and how their connectors stand."""

from accounts.access import Actor, system
from kit import db
from kit.use_case import use_case
from stations.models import Station
from stations.use_cases.commands import request_command
from stations.values import Action, StationId


@use_case
def ask_how_it_is(actor: Actor, station_id: StationId) -> None:
    """Ask for its status, and before that for a boot message when it never sent one; not where quiet is wished."""
    system(actor)
    station = db.session().get(Station, station_id)
    if station is None or station.quiet_after_boot:
        return
    wanted = ["StatusNotification"] if station.boot_at is not None else ["BootNotification", "StatusNotification"]
    for message in wanted:
        request_command(actor, station_id, Action.TRIGGER_MESSAGE, {"requestedMessage": message})
