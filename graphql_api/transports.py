"""How chargers connect: one station's connections, and how the messages of all stations travel."""

from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from graphql_api.connections import (
    Connection,
    connection,
    name_cursor,
    named,
    newest_first,
    page_size,
    read_cursor,
)
from graphql_api.context import Info
from graphql_api.narrowing import in_account
from graphql_api.words import SecurityProfile
from stations import queries
from stations.troubles import Trouble
from stations.values import Ending, Proof, StationId, Transport

strawberry.enum(Transport, name="Transport", description="How a station's messages travel, as the proxy saw it.")
strawberry.enum(Trouble, name="Trouble", description="What ails the connection of a station.")
strawberry.enum(Ending, name="ConnectionEnding", description="Why a connection is over, or was refused.")
strawberry.enum(Proof, name="ConnectionProof", description="What a station proved when it connected.")


@strawberry.type(description="A connection of a station, or a try that was refused.")
class ConnectionEntry:
    """A line of the log."""

    id: UUID
    station_id: UUID
    opened_at: datetime
    closed_at: datetime | None = strawberry.field(description="Null while it is open.")
    ending: Ending | None
    peer: str = strawberry.field(description="Where it came from.")
    address: str = strawberry.field(description="What it dialled.")
    protocol: str
    proof: Proof
    transport: Transport
    tls_version: str
    tls_cipher: str
    tls_name: str = strawberry.field(description="The name that it asked for (SNI).")
    other_user: str = strawberry.field(description="As whom it logged in, where that is not its identity.")

    @classmethod
    def of(cls, row: object) -> Self:
        """The connection as the schema shows it."""
        return cls(**{name: getattr(row, name) for name in cls.__annotations__})


@strawberry.type(description="How the connection of a station does.")
class ConnectionHealth:
    """A summary of its log."""

    open: bool
    transport: Transport
    flapping: bool = strawberry.field(description="Whether it connects again and again.")
    recent: int = strawberry.field(description="Connections in the last ten minutes.")
    refused: int = strawberry.field(description="Tries in the last day that were not let in.")
    latest: ConnectionEntry | None


@strawberry.type(description="What ails a station; its people were told once.")
class StationTrouble:
    """A trouble that lasts."""

    id: UUID
    station_id: UUID
    station_name: str
    trouble: Trouble
    began_at: datetime


@strawberry.type(description="How the messages of a station travel: its newest connection that was let in.")
class StationTransport:
    """A station of the report."""

    station_id: UUID
    station_name: str
    account_name: str
    security_profile: SecurityProfile
    transport: Transport
    last_seen_at: datetime | None
    connection: ConnectionEntry | None


@strawberry.type(description="How many stations come this way.")
class TransportCount:
    """A sum."""

    transport: Transport
    stations: int


@strawberry.type(description="How many tries were refused for this reason in the last seven days.")
class RefusalCount:
    """A sum."""

    reason: Ending
    tries: int


@strawberry.type(description="How stations connect.")
class TransportReport:
    """The report."""

    stations: Connection[StationTransport]
    counts: list[TransportCount]
    refusals: list[RefusalCount]


@strawberry.type
class TransportQueries:
    """Reading how stations connect."""

    @strawberry.field(description="How a station's connection does.")
    def connection_health(self, info: Info, station_id: UUID) -> ConnectionHealth:
        """One station."""
        found = queries.connection_health(info.context.actor, StationId(station_id))
        latest = None if found.latest is None else ConnectionEntry.of(found.latest)
        same = ("open", "transport", "flapping", "recent", "refused")
        return ConnectionHealth(latest=latest, **{name: getattr(found, name) for name in same})

    @strawberry.field(description="What ails stations now: the newest first, at most 500.")
    def station_troubles(
        self, info: Info, account_id: UUID | None = None, station_id: UUID | None = None
    ) -> list[StationTrouble]:
        """Troubles of stations that the caller sees."""
        station = None if station_id is None else StationId(station_id)
        account = in_account(info, account_id)
        found = queries.station_troubles(info.context.actor, account_id=account, station_id=station)
        return [
            StationTrouble(
                id=row.trouble.id,
                station_id=row.trouble.station_id,
                station_name=row.station_name,
                trouble=row.trouble.trouble,
                began_at=row.trouble.began_at,
            )
            for row in found
        ]

    @strawberry.field(description="Connections and refused tries of a station, the newest first.")
    def station_connections(
        self, info: Info, station_id: UUID, first: int = 25, after: str | None = None
    ) -> Connection[ConnectionEntry]:
        """One page of its log."""
        load = partial(queries.connections, info.context.actor, StationId(station_id))
        return newest_first(info, (first, after), load, ConnectionEntry.of)

    @strawberry.field(description="How stations connect, by name; `transport`: only those that come this way.")
    def transport_report(
        self,
        info: Info,
        first: int = 25,
        after: str | None = None,
        account_id: UUID | None = None,
        transport: Transport | None = None,
    ) -> TransportReport:
        """Stations that the caller sees."""
        size, last = page_size(info, first), read_cursor(after, named)
        account = in_account(info, account_id)
        found = queries.transport_report(info.context.actor, account, transport=transport, after=last, size=size + 1)
        rows = found.page.items[:size]
        cursors = [name_cursor(row.station.name, row.station.id) for row in rows]
        return TransportReport(
            stations=connection([_station(row) for row in rows], cursors, more=len(found.page.items) > size),
            counts=[TransportCount(transport=kind, stations=count) for kind, count in found.counts.items()],
            refusals=[RefusalCount(reason=reason, tries=count) for reason, count in found.refusals.items()],
        )


def _station(row: queries.StationTransport) -> StationTransport:
    return StationTransport(
        station_id=row.station.id,
        station_name=row.station.name,
        account_name=row.account_name,
        security_profile=row.station.security_profile,
        transport=row.transport,
        last_seen_at=row.station.last_seen_at,
        connection=None if row.latest is None else ConnectionEntry.of(row.latest),
    )
