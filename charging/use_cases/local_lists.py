"""Local lists: brought up to date message by message; what a station knows follows its answers."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Table

from accounts.access import SYSTEM, Actor, allowed, system
from accounts.rights import Right
from charging.counters import LAST_NUMBER
from charging.local_lists import composed, differences, merged, written
from charging.models import LocalList
from kit import clock, db, upsert
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Station, StationCommand
from stations.queries import open_commands, wants_quiet
from stations.queries.settings import known_number
from stations.use_cases import request_command
from stations.values import Action, CommandId, CommandState, StationId

PATIENCE = timedelta(days=1)
NOT_SUPPORTED = -1
FULL, DIFFERENTIAL = "Full", "Differential"
_lists: Table = db.Base.metadata.tables[LocalList.__tablename__]
_PROBLEMS = {CommandState.TIMED_OUT: "no_answer", CommandState.EXPIRED: "offline", CommandState.CANCELLED: "cancelled"}


@use_case
def update_local_list(actor: Actor, station_id: StationId, *, full: bool = False) -> LocalList:
    """Tell a station what differs from its account's tags, or the whole list; as many messages as it takes.

    A station that said it keeps no list is asked all the same: somebody wants to know.
    """
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    known = _list_of(station)
    known.wanted, known.problem = True, ""
    if full:
        known.entries = None
    _send_next(known, actor.reference)
    return known


@use_case
def ask_local_list_version(actor: Actor, station_id: StationId) -> StationCommand:
    """Ask a station which version of the list it has."""
    allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    reference = actor.reference
    return request_command(SYSTEM, station_id, Action.GET_LOCAL_LIST_VERSION, {}, requested_by=reference)


@use_case
def keep_local_list(actor: Actor, station_id: StationId, *, automatic: bool) -> LocalList:
    """Whether a station hears of changed tags without anybody asking."""
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id)
    known = _list_of(station)
    known.automatic = automatic
    if automatic and known.version != NOT_SUPPORTED:
        known.wanted, known.problem = True, ""
        _send_next(known, actor.reference)
    return known


@use_case
def refresh_local_list(actor: Actor, station_id: StationId) -> None:
    """Tags changed: go on with what is under way, or begin where the list is kept up to date."""
    system(actor)
    known = _locked(station_id)
    if known is not None and known.automatic and known.version != NOT_SUPPORTED:
        known.wanted, known.problem = True, ""
        _send_next(known, actor.reference)


@use_case
def settle_local_list(actor: Actor, command_id: CommandId) -> None:
    """A SendLocalList came to its end. Only a yes changes what the station knows; a no is not tried again by itself,
    except that a station with another version gets the whole list.
    """
    system(actor)
    command = db.session().get_one(StationCommand, command_id)
    known = _list_of(db.session().get_one(Station, command.station_id))
    if known.command_id is not None and command.id < known.command_id:
        return  # told again, or so late that a newer one has settled it
    known.command_id = CommandId(command.id)
    if command.state is CommandState.ACCEPTED:
        _take_over(known, command)
    else:
        _note_refusal(known, command)
    if known.wanted:
        _send_next(known, command.requested_by)
    tell("station", command.station_id)


@use_case
def settle_local_list_version(actor: Actor, command_id: CommandId) -> None:
    """A station told its version; another one than we know means that we do not know what it holds."""
    system(actor)
    command = db.session().get_one(StationCommand, command_id)
    version = (command.answer or {}).get("listVersion")
    if command.state is not CommandState.ACCEPTED or not isinstance(version, int):
        return
    known = _list_of(db.session().get_one(Station, command.station_id))
    if version != known.version:
        known.version = min(max(version, NOT_SUPPORTED), LAST_NUMBER)
        known.entries = {} if version == 0 else None
    tell("station", command.station_id)


def _take_over(known: LocalList, command: StationCommand) -> None:
    told = command.payload.get("localAuthorizationList") or []
    if command.payload["updateType"] == FULL:
        known.entries = merged({}, told)
    elif known.entries is not None:
        known.entries = merged(known.entries, told)
    known.version = command.payload["listVersion"]
    known.problem, known.sent_at = "", clock.now()


def _note_refusal(known: LocalList, command: StationCommand) -> None:
    answer = str((command.answer or {}).get("status", ""))
    full = command.payload["updateType"] == FULL
    known.problem = answer or _PROBLEMS.get(command.state, "error")
    differs = command.answered_status == "versionmismatch"
    if command.answered_status == "notsupported":
        known.version, known.entries = NOT_SUPPORTED, None
    elif differs or command.state is CommandState.TIMED_OUT:
        known.entries = None  # whatever it holds, it is not what we thought
    known.wanted = known.wanted and differs and not full


def _send_next(known: LocalList, reference: str) -> None:
    """The next message; none where one is under way, nothing differs, or nobody asked a station that wants quiet."""
    station_id = StationId(known.station_id)
    if open_commands(SYSTEM, station_id, Action.SEND_LOCAL_LIST):
        return
    if reference == SYSTEM.reference and wants_quiet(SYSTEM, station_id):
        return
    wanted = composed(known.station_id, known.account_id)
    full = known.entries is None
    entries = written(wanted) if full else differences(known, wanted)
    if not entries and not full:
        known.wanted = False
        return
    most = known_number(known.station_id, "SendLocalListMaxLength") or len(entries)
    payload = {
        "listVersion": max(known.version or 0, 0) % LAST_NUMBER + 1,  # after the last one comes the first again
        "updateType": FULL if full else DIFFERENTIAL,
        "localAuthorizationList": entries[: max(1, most)],
    }
    request_command(
        SYSTEM,
        station_id,
        Action.SEND_LOCAL_LIST,
        payload,
        expires_in=PATIENCE,
        requested_by=reference,
    )


def _list_of(station: Station) -> LocalList:
    row = {"station_id": station.id, "account_id": station.account_id}
    no = {"automatic": False, "wanted": False, "problem": ""}
    db.session().execute(upsert.insert(_lists).values(row | no).on_conflict_do_nothing())
    known = _locked(StationId(station.id))
    assert known is not None, "made just now"
    return known


def _locked(station_id: UUID) -> LocalList | None:
    return db.session().get(LocalList, station_id, with_for_update=True, populate_existing=True)
