"""Campaigns: firmware for many stations in waves."""

import functools
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from accounts.values import AccountId
from graphql_api.connections import Connection, connection, cursor, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account
from graphql_api.siblings import Siblings
from stations import queries, use_cases
from stations.queries import CampaignRow, CampaignStationRow
from stations.use_cases import Waves
from stations.values import (
    CampaignId,
    CampaignState,
    CampaignStationId,
    CampaignStationState,
    FirmwareId,
    StationId,
)

strawberry.enum(CampaignState, name="CampaignState")
strawberry.enum(CampaignStationState, name="CampaignStationState")


@strawberry.type
class CampaignStation:
    """One station of a campaign."""

    id: UUID
    station_id: UUID
    name: str
    wave: int
    state: CampaignStationState
    job_id: UUID | None
    firmware: str = strawberry.field(description="The version that runs there now.")
    connected: bool
    busy: bool = strawberry.field(description="Somebody charges there; it is waited for.")
    last_step: str
    reason: str
    ended_at: datetime | None

    @classmethod
    def of(cls, one: CampaignStationRow) -> Self:
        """The station as the schema shows it."""
        return cls(
            id=one.row.id,
            station_id=one.row.station_id,
            name=one.name,
            wave=one.row.wave,
            state=one.row.state,
            job_id=one.row.job_id,
            firmware=one.firmware,
            connected=one.connected,
            busy=one.busy,
            last_step=one.last_step,
            reason=one.reason,
            ended_at=one.row.ended_at,
        )


@strawberry.type
class CampaignCount:
    """How many stations stand where."""

    state: CampaignStationState
    count: int


FACTS = (
    "id",
    "account_id",
    "firmware_id",
    "name",
    "state",
    "first_wave",
    "wave_size",
    "pause_minutes",
    "window_from",
    "window_until",
    "failures_allowed",
    "created_at",
    "started_at",
    "ended_at",
)


@strawberry.type(description="One firmware for many stations, wave by wave. The window is in minutes of the day.")
class Campaign:
    """A campaign."""

    id: UUID
    account_id: UUID
    firmware_id: UUID
    name: str
    state: CampaignState
    first_wave: int
    wave_size: int
    pause_minutes: int
    window_from: int | None
    window_until: int | None
    failures_allowed: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    version: str
    counts: list[CampaignCount]
    page: strawberry.Private[Siblings[CampaignId, list[CampaignStationRow]]]

    @classmethod
    def of(cls, row: CampaignRow, page: Siblings[CampaignId, list[CampaignStationRow]]) -> Self:
        """The campaign as the schema shows it."""
        facts = {name: getattr(row.campaign, name) for name in FACTS}
        counts = [CampaignCount(state=state, count=count) for state, count in row.counts.items()]
        return cls(version=row.version, counts=counts, page=page, **facts)

    @strawberry.field(description="Its stations, in the order of their waves.")
    def stations(
        self, info: Info, first: int = 20, after: str | None = None, state: CampaignStationState | None = None
    ) -> Connection[CampaignStation]:
        """One page of the stations."""
        size, seen = page_size(info, first), read_cursor(after, UUID)
        load = functools.partial(
            queries.stations_of_campaigns,
            info.context.actor,
            state=state,
            after=None if seen is None else CampaignStationId(seen),
            limit=size + 1,
        )
        rows = self.page.of(CampaignId(self.id), (size, seen, state), load) or []
        nodes = [CampaignStation.of(row) for row in rows[:size]]
        return connection(nodes, [cursor(node.id) for node in nodes], more=len(rows) > size)


@strawberry.input(description="How a campaign goes on; `windowFrom` and `windowUntil` are minutes of the day.")
class WavesInput:
    """The waves of a campaign."""

    first_wave: int = 1
    wave_size: int = 10
    pause_minutes: int = 60
    window_from: int | None = None
    window_until: int | None = None
    failures_allowed: int = 0


CampaignResult = Annotated[Campaign | Problem, strawberry.union("CampaignResult")]


def _campaign(info: Info, campaign_id: UUID) -> Campaign:
    found = queries.campaign(info.context.actor, CampaignId(campaign_id))
    return Campaign.of(found, Siblings([CampaignId(campaign_id)]))


@strawberry.type
class CampaignQueries:
    """Reading campaigns."""

    @strawberry.field(description="The newest campaigns.")
    def campaigns(
        self, info: Info, first: int = 20, after: str | None = None, account_id: UUID | None = None
    ) -> Connection[Campaign]:
        """One page of the campaigns that the caller sees."""
        size, before = page_size(info, first), read_cursor(after, UUID)
        rows = queries.campaigns(
            info.context.actor,
            in_account(info, account_id),
            before=None if before is None else CampaignId(before),
            limit=size + 1,
        )
        page: Siblings[CampaignId, list[CampaignStationRow]] = Siblings([row.campaign.id for row in rows[:size]])
        nodes = [Campaign.of(row, page) for row in rows[:size]]
        return connection(nodes, [cursor(node.id) for node in nodes], more=len(rows) > size)

    @strawberry.field(description="One campaign.")
    def campaign(self, info: Info, id: UUID) -> Campaign:
        """How far it is."""
        return _campaign(info, id)


@strawberry.type
class CampaignMutations:
    """Planning and running campaigns."""

    @strawberry.mutation(description="Plan a campaign; nothing is sent before it is started.")
    @refusable
    def create_campaign(
        self, info: Info, account_id: UUID, name: str, firmware_id: UUID, station_ids: list[UUID], waves: WavesInput
    ) -> CampaignResult:
        """A campaign."""
        made = use_cases.create_campaign(
            info.context.actor,
            AccountId(account_id),
            name=name,
            firmware_id=FirmwareId(firmware_id),
            station_ids=[StationId(one) for one in station_ids],
            waves=Waves(**vars(waves)),
        )
        return _campaign(info, made.id)

    @strawberry.mutation(description="Let a campaign run, or go on.")
    @refusable
    def start_campaign(self, info: Info, id: UUID) -> CampaignResult:
        """It runs."""
        use_cases.start_campaign(info.context.actor, CampaignId(id))
        return _campaign(info, id)

    @strawberry.mutation(description="Start no further station; those that are at it go on.")
    @refusable
    def pause_campaign(self, info: Info, id: UUID) -> CampaignResult:
        """It waits."""
        use_cases.pause_campaign(info.context.actor, CampaignId(id))
        return _campaign(info, id)

    @strawberry.mutation(description="End a campaign for good.")
    @refusable
    def cancel_campaign(self, info: Info, id: UUID) -> CampaignResult:
        """It is over."""
        use_cases.cancel_campaign(info.context.actor, CampaignId(id))
        return _campaign(info, id)

    @strawberry.mutation(description="Wait for a station no longer; `id` is the campaign station's.")
    @refusable
    def skip_campaign_station(self, info: Info, id: UUID) -> CampaignResult:
        """One station less."""
        row = use_cases.skip_station(info.context.actor, CampaignStationId(id))
        return _campaign(info, row.campaign_id)

    @strawberry.mutation(description="Give a station that failed or was left out its turn again.")
    @refusable
    def retry_campaign_station(self, info: Info, id: UUID) -> CampaignResult:
        """Once more."""
        row = use_cases.retry_station(info.context.actor, CampaignStationId(id))
        return _campaign(info, row.campaign_id)
