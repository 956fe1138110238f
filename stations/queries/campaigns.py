"""Campaigns: how many of their stations stand where, and each station with the last thing it told."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from accounts.access import Actor, allowed, allowed_in, system, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.use_case import query
from stations.models import Campaign, CampaignStation, Connector, FileJob, FileJobStep, Firmware, Station
from stations.values import (
    BUSY_STATUSES,
    CampaignId,
    CampaignState,
    CampaignStationId,
    CampaignStationState,
    FileJobId,
    FirmwareId,
    StationId,
)

MOST_OFFERED = 1_000
_WATCHED = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.CANCELLED)


@dataclass(frozen=True)
class CampaignRow:
    """A campaign in a list: its firmware, and how many of its stations stand where."""

    campaign: Campaign
    version: str
    counts: Mapping[CampaignStationState, int]

    @property
    def stations(self) -> int:
        """How many there are."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class CampaignStationRow:
    """One station of a campaign. `last_step` is its last word about the update; `busy`: somebody charges."""

    row: CampaignStation
    name: str
    firmware: str
    connected: bool
    busy: bool
    reason: str
    last_step: str


@dataclass(frozen=True)
class CampaignPage(CampaignRow):
    """A campaign with what it is about."""

    account_name: str
    time_zone: str

    @property
    def over(self) -> int:
        """How many stations are not waited for any more."""
        going = (CampaignStationState.WAITING, CampaignStationState.RUNNING)
        return sum(count for state, count in self.counts.items() if state not in going)


@dataclass(frozen=True)
class CampaignChoice:
    """A station that may be part of a campaign, and whose it is."""

    station: Station
    account_name: str


@query
def campaigns(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    before: CampaignId | None = None,
    limit: int = 50,
) -> list[CampaignRow]:
    """The newest campaigns that the actor sees."""
    wanted = visible(actor, Right.VIEW_STATIONS, select(Campaign, Firmware.version), Campaign)
    wanted = wanted.join(Firmware, Firmware.id == Campaign.firmware_id)
    if account_id is not None:
        wanted = wanted.where(within(Campaign, account_id))
    if before is not None:
        wanted = wanted.where(Campaign.id < before)
    session = db.session()
    rows = session.execute(wanted.order_by(Campaign.id.desc()).limit(limit)).all()
    counts = _counts([row[0].id for row in rows])
    return [CampaignRow(campaign, version, counts.get(campaign.id, {})) for campaign, version in rows]


@query
def campaign(actor: Actor, campaign_id: CampaignId) -> CampaignPage:
    """One campaign; its stations are asked for by `campaign_stations`. Raises NotFound, Forbidden."""
    found = allowed(actor, Right.VIEW_STATIONS, Campaign, campaign_id)
    version = db.session().get_one(Firmware, found.firmware_id).version
    account = db.session().get_one(Account, found.account_id)
    counts = _counts([campaign_id]).get(campaign_id, {})
    return CampaignPage(found, version, counts, account.name, account.time_zone)


@query
def campaign_stations(
    actor: Actor,
    campaign_id: CampaignId,
    state: CampaignStationState | None = None,
    *,
    after: CampaignStationId | None = None,
    limit: int = 100,
) -> list[CampaignStationRow]:
    """Stations of a campaign in the order of their waves. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Campaign, campaign_id)
    return _stations([campaign_id], state, after, limit).get(campaign_id, [])


@query
def stations_of_campaigns(
    actor: Actor,
    campaign_ids: Collection[CampaignId],
    state: CampaignStationState | None = None,
    *,
    after: CampaignStationId | None = None,
    limit: int = 100,
) -> dict[CampaignId, list[CampaignStationRow]]:
    """The same for each of these campaigns that the actor sees."""
    seen = visible(actor, Right.VIEW_STATIONS, select(Campaign.id).where(Campaign.id.in_(campaign_ids)), Campaign)
    return _stations(list(db.session().scalars(seen)), state, after, limit)


@query
def campaign_choices(
    actor: Actor, account_id: AccountId, firmware_id: FirmwareId | None = None, *, limit: int = MOST_OFFERED
) -> list[CampaignChoice]:
    """The stations of an account and below that may be part of a campaign; with a firmware, those that it fits."""
    allowed_in(actor, Right.COMMAND_STATIONS, account_id)
    wanted = select(Station, Account.name).join(Account, Account.id == Station.account_id)
    wanted = wanted.where(within(Station, account_id))
    if firmware_id is not None:
        firmware = allowed(actor, Right.VIEW_STATIONS, Firmware, firmware_id)
        wanted = wanted.where(within(Station, AccountId(firmware.account_id)))
        for column, made_for in ((Station.vendor, firmware.vendor), (Station.model, firmware.model)):
            if made_for:
                wanted = wanted.where((column == "") | (func.lower(column) == made_for.lower()))
    rows = db.session().execute(wanted.order_by(Account.name, Station.name, Station.id).limit(limit))
    return [CampaignChoice(station, account_name) for station, account_name in rows]


@query
def campaigns_at_work(actor: Actor) -> list[CampaignId]:
    """The campaigns that something is still expected of."""
    system(actor)
    going = select(CampaignStation.campaign_id).where(CampaignStation.state == CampaignStationState.RUNNING)
    watched = select(Campaign.id).where(
        Campaign.state.in_(_WATCHED), (Campaign.state == CampaignState.RUNNING) | Campaign.id.in_(going)
    )
    return list(db.session().scalars(watched.order_by(Campaign.id)))


def _stations(
    campaign_ids: Collection[CampaignId],
    state: CampaignStationState | None,
    after: CampaignStationId | None,
    limit: int,
) -> dict[CampaignId, list[CampaignStationRow]]:
    """So many stations of each."""
    place = func.row_number().over(partition_by=CampaignStation.campaign_id, order_by=CampaignStation.id).label("place")
    of_them = select(CampaignStation.id, place).where(CampaignStation.campaign_id.in_(campaign_ids))
    if state is not None:
        of_them = of_them.where(CampaignStation.state == state)
    if after is not None:
        of_them = of_them.where(CampaignStation.id > after)
    first = of_them.subquery()
    wanted = (
        select(CampaignStation, Station, FileJob.reason)
        .join(first, first.c.id == CampaignStation.id)
        .join(Station, Station.id == CampaignStation.station_id)
        .outerjoin(FileJob, FileJob.id == CampaignStation.job_id)
        .where(first.c.place <= limit)
    )
    rows = db.session().execute(wanted.order_by(CampaignStation.id)).all()
    steps, busy = _last_steps(row[0].job_id for row in rows), _busy([row[1].id for row in rows])
    found: dict[CampaignId, list[CampaignStationRow]] = {}
    for row, station, reason in rows:
        shown = CampaignStationRow(
            row=row,
            name=station.name,
            firmware=station.firmware,
            connected=station.connected_at is not None,
            busy=station.id in busy,
            reason=reason or "",
            last_step=steps.get(row.job_id, ""),
        )
        found.setdefault(CampaignId(row.campaign_id), []).append(shown)
    return found


def _counts(campaign_ids: Sequence[CampaignId]) -> dict[CampaignId, dict[CampaignStationState, int]]:
    counted = (
        select(CampaignStation.campaign_id, CampaignStation.state, func.count())
        .where(CampaignStation.campaign_id.in_(campaign_ids))
        .group_by(CampaignStation.campaign_id, CampaignStation.state)
    )
    counts: dict[CampaignId, dict[CampaignStationState, int]] = {}
    for campaign_id, state, count in db.session().execute(counted):
        counts.setdefault(campaign_id, {})[state] = count
    return counts


def _busy(station_ids: Sequence[StationId]) -> set[StationId]:
    taken = Connector.station_id.in_(station_ids), Connector.status.in_(BUSY_STATUSES)
    return set(db.session().scalars(select(Connector.station_id).where(*taken).distinct()))


def _last_steps(job_ids: Iterable[FileJobId | None]) -> dict[FileJobId | None, str]:
    known = [job_id for job_id in job_ids if job_id is not None]
    place = func.row_number().over(partition_by=FileJobStep.job_id, order_by=FileJobStep.id.desc()).label("place")
    told = select(FileJobStep.job_id, FileJobStep.status, place).where(FileJobStep.job_id.in_(known)).subquery()
    latest = select(told.c.job_id, told.c.status).where(told.c.place == 1)
    return {row.job_id: row.status for row in db.session().execute(latest)}
