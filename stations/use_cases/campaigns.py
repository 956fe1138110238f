"""Firmware for many stations in waves. What happens next follows from the rows alone, so a restart changes nothing."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, func, not_, select

from accounts.access import SYSTEM, Actor, allowed, allowed_in, covered, licensed, system, within
from accounts.functions import Function
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db, settings
from kit.errors import AppError, Conflict, Invalid
from kit.notes import tell
from kit.use_case import use_case
from stations.models import (
    Campaign,
    CampaignStation,
    Connector,
    FileJob,
    FileJobStep,
    Firmware,
    Station,
    StationCommand,
)
from stations.use_cases.commands import finish_command
from stations.use_cases.firmware import judge_fit, update_firmware, usable_firmware
from stations.values import (
    BUSY_STATUSES,
    CampaignId,
    CampaignState,
    CampaignStationId,
    CampaignStationState,
    CommandId,
    CommandState,
    FileJobId,
    FileJobState,
    FirmwareId,
    StationId,
)

MOST_STATIONS, LONGEST_PAUSE_MINUTES, DAY_MINUTES = 5_000, 30 * 24 * 60, 24 * 60
MOST_AT_ONCE = 50  # started in one transaction; the others a few seconds later
FETCHING = timedelta(minutes=10)  # so long a station is thought to fetch its file, unless it says that it has it
_FETCHED = ("downloaded", "signatureverified", "installscheduled", "installing", "installrebooting")
LONGEST_NAME = 80
_OVER = (CampaignStationState.DONE, CampaignStationState.FAILED, CampaignStationState.SKIPPED)


@dataclass(frozen=True)
class Waves:
    """How a campaign goes on: sizes of its waves, the pause between two, the minutes of the day in which stations
    start (None: always), and how many may fail before it stops.
    """

    first_wave: int = 1
    wave_size: int = 10
    pause_minutes: int = 60
    window_from: int | None = None
    window_until: int | None = None
    failures_allowed: int = 0


@use_case
def create_campaign(
    actor: Actor,
    account_id: AccountId,
    *,
    name: str,
    firmware_id: FirmwareId,
    station_ids: Collection[StationId],
    waves: Waves,
) -> Campaign:
    """Plan a campaign; nothing is sent before it is started. Stations come in the given order.

    Raises Invalid for `name`, `firmware_id`, `station_ids` and the parts of `waves`.
    """
    allowed_in(actor, Right.COMMAND_STATIONS, account_id)
    firmware = usable_firmware(actor, firmware_id)
    _judge(name.strip(), waves)
    stations = _chosen(actor, account_id, list(dict.fromkeys(station_ids)))
    try:
        judge_fit(firmware, *stations)
    except Invalid as unfit:
        raise Invalid(station_ids=unfit.fields["firmware_id"]) from unfit
    campaign = Campaign(
        account_id=account_id,
        firmware_id=firmware.id,
        name=name.strip(),
        created_by=actor.reference,
        created_at=clock.now(),
        **vars(waves),
    )
    session = db.session()
    session.add(campaign)
    session.flush()
    session.add_all(
        CampaignStation(
            campaign_id=campaign.id,
            account_id=station.account_id,
            station_id=station.id,
            wave=1 if place < waves.first_wave else 2 + (place - waves.first_wave) // waves.wave_size,
        )
        for place, station in enumerate(stations)
    )
    session.flush()
    return campaign


@use_case
def start_campaign(actor: Actor, campaign_id: CampaignId) -> Campaign:
    """Let it run: from the beginning, or on from where it was paused or stopped. Failures until now are forgiven.

    Raises Conflict(`campaign_over`).
    """
    campaign = _asked(actor, campaign_id)
    licensed(actor, Function.MAINTENANCE, campaign.account_id)
    if campaign.state is not CampaignState.RUNNING:
        failed = _failed(_stations_of(campaign))
        campaign.failures_allowed += failed if campaign.state is CampaignState.STOPPED else 0
        campaign.state, campaign.started_at = CampaignState.RUNNING, campaign.started_at or clock.now()
    _tell(campaign)
    return campaign


@use_case
def pause_campaign(actor: Actor, campaign_id: CampaignId) -> Campaign:
    """Start no further station; those that are at it go on. Raises Conflict(`campaign_over`)."""
    campaign = _asked(actor, campaign_id)
    if campaign.state is CampaignState.RUNNING:
        campaign.state = CampaignState.PAUSED
    _tell(campaign)
    return campaign


@use_case
def cancel_campaign(actor: Actor, campaign_id: CampaignId) -> Campaign:
    """End it for good: what was not sent yet is taken back, a station that is at it finishes. Raises
    Conflict(`campaign_over`).
    """
    campaign = _asked(actor, campaign_id)
    campaign.state, campaign.ended_at = CampaignState.CANCELLED, clock.now()
    for row in _stations_of(campaign):
        if row.state is CampaignStationState.WAITING or (row.job_id and _taken_back(row.job_id)):
            row.state, row.ended_at = CampaignStationState.SKIPPED, clock.now()
    _tell(campaign)
    return campaign


@use_case
def skip_station(actor: Actor, row_id: CampaignStationId) -> CampaignStation:
    """Wait for a station no longer, so that its wave can come to an end; what it has begun it may finish.

    Raises Conflict(`campaign_over`, `station_over`).
    """
    row = _asked_station(actor, row_id)
    if row.state in _OVER:
        raise Conflict("station_over")
    if row.job_id is not None:
        _taken_back(row.job_id)
    row.state, row.ended_at = CampaignStationState.SKIPPED, clock.now()
    tell("campaign", row.campaign_id)
    return row


@use_case
def retry_station(actor: Actor, row_id: CampaignStationId) -> CampaignStation:
    """Let a station that failed or was left out have its turn again. Raises Conflict(`campaign_over`,
    `station_not_over`).
    """
    row = _asked_station(actor, row_id)
    if row.state not in (CampaignStationState.FAILED, CampaignStationState.SKIPPED):
        raise Conflict("station_not_over")
    row.state, row.job_id, row.ended_at = CampaignStationState.WAITING, None, None
    tell("campaign", row.campaign_id)
    return row


@use_case
def advance_campaign(actor: Actor, campaign_id: CampaignId) -> None:
    """Look what became of its stations, and start those whose turn it is. Harmless when done twice."""
    system(actor)
    campaign = db.session().get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if campaign is None:
        return
    rows = _stations_of(campaign)
    jobs = {job.id: job for job in db.session().scalars(_jobs_of(campaign))}
    news = [row for row in rows if row.job_id is not None and _look_at(row, jobs[row.job_id])]
    if campaign.state is CampaignState.RUNNING:
        if _failed(rows) > campaign.failures_allowed:
            campaign.state = CampaignState.STOPPED
            news = list(rows)
        elif all(row.state in _OVER for row in rows):
            campaign.state, campaign.ended_at = CampaignState.DONE, clock.now()
            news = list(rows)
        else:
            news += _start_wave(campaign, rows)
    if news:
        _tell(campaign)


def _start_wave(campaign: Campaign, rows: Sequence[CampaignStation]) -> list[CampaignStation]:
    """Start what may start of the first wave that is not over; the stations that were started."""
    wave = min(row.wave for row in rows if row.state not in _OVER)
    ends = [row.ended_at for row in rows if row.wave < wave and row.ended_at is not None]
    if ends and clock.now() < max(ends) + timedelta(minutes=campaign.pause_minutes):
        return []
    waiting = [row for row in rows if row.wave == wave and row.state is CampaignStationState.WAITING]
    ready = _ready(campaign, [row.station_id for row in waiting])
    begun = [row for row in waiting if row.station_id in ready][: _room(campaign)]
    for row in begun:
        _start(campaign, row)
    return begun


def _room(campaign: Campaign) -> int:
    """How many may start now: no more than can fetch their file from us at once, or the others would find us busy."""
    session = db.session()
    if session.get_one(Firmware, campaign.firmware_id).file_key is None:
        return MOST_AT_ONCE
    has_it = exists().where(FileJobStep.job_id == FileJob.id, func.lower(FileJobStep.status).in_(_FETCHED))
    fetching = (
        select(func.count())
        .select_from(FileJob)
        .join(Firmware, Firmware.id == FileJob.firmware_id)
        .where(
            Firmware.file_key.is_not(None),
            FileJob.state.in_([state for state in FileJobState if state.open]),
            FileJob.requested_at > clock.now() - FETCHING,
            ~has_it,
        )
    )
    return min(MOST_AT_ONCE, max(0, settings.current().transfers_at_once - (session.scalar(fetching) or 0)))


def _ready(campaign: Campaign, station_ids: Sequence[StationId]) -> set[StationId]:
    """Those that are connected, have nobody charging, and whose clock stands within the window."""
    busy = select(Connector.station_id).where(
        Connector.station_id.in_(station_ids), Connector.status.in_(BUSY_STATUSES)
    )
    free = (
        select(Station.id, Account.time_zone)
        .join(Account, Account.id == Station.account_id)
        .where(Station.id.in_(station_ids), Station.connected_at.is_not(None), Station.id.not_in(busy))
    )
    return {row.id for row in db.session().execute(free) if within_window(campaign, row.time_zone)}


def within_window(campaign: Campaign, time_zone: str) -> bool:
    """Whether stations in this time zone may start now."""
    start, end = campaign.window_from, campaign.window_until
    if start is None or end is None:
        return True
    local = clock.now().astimezone(ZoneInfo(time_zone))
    minute = local.hour * 60 + local.minute
    return start <= minute < end if start < end else minute >= start or minute < end


def _start(campaign: Campaign, row: CampaignStation) -> None:
    firmware = usable_firmware(SYSTEM, FirmwareId(campaign.firmware_id))
    if db.session().get_one(Station, row.station_id).firmware == firmware.version:
        row.state, row.ended_at = CampaignStationState.DONE, clock.now()
        return
    asked = f"campaign:{campaign.id}"
    try:
        job = update_firmware(
            SYSTEM, StationId(row.station_id), FirmwareId(firmware.id), signed=firmware.signed, requested_by=asked
        )
    except AppError:  # it says of itself by now that it is another model
        row.state, row.ended_at = CampaignStationState.FAILED, clock.now()
    else:
        row.state, row.job_id = CampaignStationState.RUNNING, FileJobId(job.id)


def _look_at(row: CampaignStation, job: FileJob) -> bool:
    """Take over what became of the station's job; whether that is news. A failed one may still come to a good end."""
    if row.state in (CampaignStationState.DONE, CampaignStationState.SKIPPED):
        return False
    if job.state.open:
        state = CampaignStationState.RUNNING
    else:
        state = CampaignStationState.DONE if job.state is FileJobState.DONE else CampaignStationState.FAILED
    if state is row.state:
        return False
    row.state, row.ended_at = state, None if state is CampaignStationState.RUNNING else job.ended_at or clock.now()
    return True


def _taken_back(job_id: FileJobId) -> bool:
    """Whether the message to the station was not sent yet, and is not going to be."""
    session = db.session()
    job = session.get_one(FileJob, job_id)
    command = job.command_id and session.get(StationCommand, job.command_id, with_for_update=True)
    if not command or command.state is not CommandState.PENDING:
        return False
    finish_command(SYSTEM, CommandId(command.id), CommandState.CANCELLED)
    return True


def _asked(actor: Actor, campaign_id: CampaignId) -> Campaign:
    campaign = allowed(actor, Right.COMMAND_STATIONS, Campaign, campaign_id, lock=True)
    if campaign.state.over:
        raise Conflict("campaign_over")
    return campaign


def _asked_station(actor: Actor, row_id: CampaignStationId) -> CampaignStation:
    row = allowed(actor, Right.COMMAND_STATIONS, CampaignStation, row_id)
    _asked(actor, CampaignId(row.campaign_id))
    db.session().refresh(row)  # the campaign's lock is ours now
    return row


def _chosen(actor: Actor, account_id: AccountId, station_ids: Sequence[StationId]) -> list[Station]:
    """The stations in this order; all of the account or below it, so that whoever sees the campaign may see them.

    Whoever may command stations of the account may do so below it, so they are not asked for one by one.
    """
    if not 0 < len(station_ids) <= MOST_STATIONS:
        raise Invalid(station_ids="too_many" if station_ids else "required")
    inside = select(Station).where(Station.id.in_(station_ids), within(Station, account_id))
    found = {row.id: row for row in db.session().scalars(inside)}
    for missing in (one for one in station_ids if one not in found):
        allowed(actor, Right.COMMAND_STATIONS, Station, missing)
        raise Invalid(station_ids="other_account")
    unlicensed = inside.where(not_(covered(actor, Function.MAINTENANCE, Station.id, Station.account_id)))
    for station in db.session().scalars(unlicensed.limit(1)):
        licensed(actor, Function.MAINTENANCE, station.account_id, station.id)
    return [found[one] for one in station_ids]


def _stations_of(campaign: Campaign) -> Sequence[CampaignStation]:
    wanted = select(CampaignStation).where(CampaignStation.campaign_id == campaign.id)
    return db.session().scalars(wanted.order_by(CampaignStation.wave, CampaignStation.id)).all()


def _jobs_of(campaign: Campaign) -> Select[FileJob]:
    of_it = CampaignStation.campaign_id == campaign.id
    return select(FileJob).join(CampaignStation, CampaignStation.job_id == FileJob.id).where(of_it)


def _failed(rows: Sequence[CampaignStation]) -> int:
    return Counter(row.state for row in rows)[CampaignStationState.FAILED]


def _tell(campaign: Campaign) -> None:
    tell("campaign", campaign.id)


def _judge(name: str, waves: Waves) -> None:
    limits = {
        "first_wave": (1, MOST_STATIONS),
        "wave_size": (1, MOST_STATIONS),
        "pause_minutes": (0, LONGEST_PAUSE_MINUTES),
        "failures_allowed": (0, MOST_STATIONS),
    }
    problems = {
        part: "out_of_range" for part, (least, most) in limits.items() if not least <= getattr(waves, part) <= most
    }
    if not name:
        problems["name"] = "required"
    elif len(name) > LONGEST_NAME:
        problems["name"] = "too_long"
    if (waves.window_from is None) is not (waves.window_until is None):
        problems["window_until" if waves.window_until is None else "window_from"] = "required"
    for part in ("window_from", "window_until"):
        minute = getattr(waves, part)
        if minute is not None and not 0 <= minute < DAY_MINUTES:
            problems[part] = "out_of_range"
    if waves.window_from is not None and waves.window_from == waves.window_until:
        problems["window_until"] = "same_time"
    if problems:
        raise Invalid(**problems)
