"""Stations, connectors and commands to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from accounts.values import AccountId
from billing.queries import prices_of
from charging.queries import last_sessions_of, power_of
from graphql_api.connections import Connection, connection, name_cursor, named, page_size, read_cursor
from graphql_api.context import Info, given, wants
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account
from graphql_api.opening_hours import Opening
from graphql_api.pictures import Picture
from graphql_api.sessions import FACTS, SessionFacts
from graphql_api.tariffs import TARIFF, Tariff
from graphql_api.words import SecurityProfile
from kit.errors import Invalid
from stations import queries, use_cases
from stations.kinds import StationKind
from stations.queries import ConnectorRow, StationRow
from stations.values import (
    ConnectorId,
    ConnectorStatus,
    Location,
    NewConnector,
    PlugType,
    ShownState,
    StationId,
)

if TYPE_CHECKING:
    from stations.models import Connector as ConnectorFacts

strawberry.enum(ConnectorStatus, name="ConnectorStatus", description="What the charger said (OCPP 1.6).")
strawberry.enum(PlugType, name="PlugType")
strawberry.enum(StationKind, name="StationKind", description="A Pico of smart-me, or a station of any other make.")
strawberry.enum(ShownState, name="ConnectorState", description="The one state that people see.")


@strawberry.type(description="One plug of a station. `code` is the number on its label, `url` what its QR code opens.")
class Connector:
    """A connector."""

    id: UUID
    number: int
    code: str | None
    url: str | None
    name: str
    plug: PlugType
    max_power_w: int
    status: ConnectorStatus
    status_text: str = strawberry.field(description="The charger's own word, where it is not one of OCPP 1.6.")
    status_at: datetime | None
    wanted_available: bool = strawberry.field(description="False: it was told to be out of service, whatever it says.")
    error_code: str
    state: ShownState | None = strawberry.field(description="Null in the answer of a mutation; ask the station for it.")
    opening: Opening | None = strawberry.field(description="Null: it is always open, or as for `state`.")
    power_w: int | None = strawberry.field(description="As last measured. Null: nothing charges, or none is told.")
    power_at: datetime | None
    tariff: Tariff | None
    last_session: SessionFacts | None


@strawberry.type(description="A charger. Coordinates are WGS 84, in degrees.")
class Station:
    """A station with its connectors."""

    id: UUID
    account_id: UUID
    account_name: str
    kind: StationKind
    name: str
    description: str
    identity: str = strawberry.field(description="The last part of its OCPP address.")
    ocpp_url: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: Decimal | None
    longitude: Decimal | None
    vendor: str
    model: str
    firmware: str
    serial: str
    time_zone: str
    quiet_after_boot: bool = strawberry.field(description="It is sent nothing that nobody asked for.")
    connected: bool
    last_seen_at: datetime | None
    connectors: list[Connector]


@strawberry.type(
    description="A station just added, or one with a new password. `password` is shown this once; empty: it has none."
)
class StationWithPassword:
    """A station's login."""

    station_id: UUID
    identity: str
    ocpp_url: str
    password: str


@strawberry.input
class ConnectorInput:
    """A connector of a new station."""

    plug: PlugType = PlugType.TYPE_2
    max_power_w: int = 11_000
    name: str = ""


@strawberry.input(description="What people read of a station; a field that is left out stays as it is.")
class StationInput:
    """Facts of a station. `latitude` and `longitude` go together."""

    name: str | None = None
    description: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    remove_location: bool = strawberry.field(default=False, description="Take the station off the map.")


@strawberry.input(description="How a new station connects; what is left out is made for it.")
class LoginInput:
    """`identity` and `password` (16 to 40 characters) that the charger has already."""

    identity: str = ""
    password: str = ""
    security_profile: SecurityProfile = SecurityProfile.PASSWORD


ConnectorResult = Annotated[Connector | Problem, strawberry.union("ConnectorResult")]
StationResult = Annotated[Station | Problem, strawberry.union("StationResult")]
PasswordResult = Annotated[StationWithPassword | Problem, strawberry.union("StationWithPasswordResult")]


CONNECTOR = Picture(Connector, given=("url", "state", "opening", "power_w", "power_at", "tariff", "last_session"))
STATION = Picture(
    Station,
    given=("account_name", "ocpp_url", "time_zone", "connected", "last_seen_at", "connectors"),
    computed={
        "latitude": (("latitude_e6",), lambda row: _degrees(row.latitude_e6)),
        "longitude": (("longitude_e6",), lambda row: _degrees(row.longitude_e6)),
    },
)


@dataclass
class Chosen:
    """What was selected of stations, and of everything below them, at this path."""

    info: Info
    path: str

    def __post_init__(self) -> None:
        of = f"{self.path}connectors."
        self.station = STATION.chosen(self.info, self.path)
        self.connector = CONNECTOR.chosen(self.info, of)
        self.tariff = TARIFF.chosen(self.info, f"{of}tariff.")
        self.session = FACTS.chosen(self.info, f"{of}lastSession.")
        self.wants_tariff, self.wants_session = (wants(self.info, f"{of}{name}") for name in ("tariff", "lastSession"))
        self.wants_power = wants(self.info, f"{of}powerW") or wants(self.info, f"{of}powerAt")
        self.wants_opening = wants(self.info, f"{of}opening")
        hours = ("opening_hours",) if self.wants_opening else ()
        self.station_columns = (*self.station.columns, *hours)
        self.connector_columns = ("code", *self.connector.columns, *hours)
        self._url = self.info.context.settings.public_url

    def shown(self, rows: Sequence[StationRow]) -> list[Station]:
        """The stations; one statement each for prices, last sessions and power."""
        actor, ids = self.info.context.actor, [one.connector.id for row in rows for one in row.connectors]
        prices = prices_of(actor, ids, only=self.tariff.columns) if self.wants_tariff else {}
        latest = last_sessions_of(actor, ids, only=self.session.columns) if self.wants_session else {}
        powers = power_of(actor, ids) if self.wants_power else {}

        def connector(of: StationRow, one: ConnectorRow) -> Connector:
            row = one.connector
            opening = of.opening(row) if self.wants_opening else None
            price, session = prices.get(row.id), latest.get(row.id)
            power_w, power_at = powers.get(row.id, (None, None))
            return self.connector.of(
                row,
                url=self.label(row.code),
                state=one.state,
                opening=Opening.of(opening) if opening else None,
                power_w=power_w,
                power_at=power_at,
                tariff=self.tariff.of(price) if price else None,
                last_session=self.session.of(session) if session else None,
            )

        return [self._station(row, [connector(row, one) for one in row.connectors]) for row in rows]

    def label(self, code: str | None) -> str | None:
        """What the QR code of a connector opens."""
        return f"{self._url}/q/{code}" if code else None

    def _station(self, row: StationRow, connectors: list[Connector]) -> Station:
        return self.station.of(
            row.station,
            account_name=row.account_name,
            ocpp_url=_ocpp_url(self.info, row.ocpp_path),
            time_zone=row.time_zone,
            connected=row.connected,
            last_seen_at=row.heard_at,
            connectors=connectors,
        )


def _connector(info: Info, row: "ConnectorFacts") -> Connector:
    """One that was just changed."""
    url = Chosen(info, "").label(row.code)
    unknown = dict.fromkeys(("state", "opening", "power_w", "power_at", "tariff", "last_session"))
    return CONNECTOR.whole().of(row, url=url, **unknown)


def one_station(info: Info, station_id: StationId) -> Station:
    """A station with what was selected of it."""
    return Chosen(info, "").shown([queries.station_page(info.context.actor, station_id)])[0]


def _ocpp_url(info: Info, path: str) -> str:
    return f"{info.context.settings.public_url.replace('http', 'ws', 1)}{path}"


def _degrees(micro: int | None) -> Decimal | None:
    return None if micro is None else Decimal(micro).scaleb(-6)


def _location(facts: StationInput) -> Location | None:
    if facts.latitude is None and facts.longitude is None:
        return None
    if facts.latitude is None or facts.longitude is None:
        raise Invalid(location="required")
    return Location(int(facts.latitude * 1_000_000), int(facts.longitude * 1_000_000))


def facts_of(facts: StationInput) -> dict[str, Any]:
    """What a program says of a station, as the doors take it. Raises Invalid(location=)."""
    placed = ("latitude", "longitude", "remove_location")
    values = {name: value for name, value in vars(facts).items() if name not in placed}
    return given(**values, location=_location(facts))


@strawberry.type
class StationQueries:
    """Reading stations."""

    @strawberry.field(description="Stations by name. `text` is looked for in names, places, identities and numbers.")
    def stations(
        self,
        info: Info,
        first: int = 25,
        after: str | None = None,
        account_id: UUID | None = None,
        text: str = "",
        state: ShownState | None = None,
    ) -> Connection[Station]:
        """One page of the stations that the caller sees."""
        size, last = page_size(info, first), read_cursor(after, named)
        account = in_account(info, account_id)
        chosen = Chosen(info, "nodes." if wants(info, "nodes") else "edges.node.")
        rows = queries.stations_after(
            info.context.actor,
            account,
            text=text,
            state=state,
            after=last,
            limit=size + 1,
            only=chosen.station_columns,
            connectors_only=chosen.connector_columns,
        )
        nodes, facts = chosen.shown(rows[:size]), [row.station for row in rows[:size]]
        return connection(nodes, [name_cursor(one.name, one.id) for one in facts], more=len(rows) > size)

    @strawberry.field(description="One station.")
    def station(self, info: Info, id: UUID) -> Station:
        """One station with its connectors."""
        return one_station(info, StationId(id))


@strawberry.type
class StationMutations:
    """Changing stations."""

    @strawberry.mutation(description="Put a station into an account; answers with its OCPP address and password.")
    @refusable
    def add_station(
        self,
        info: Info,
        account_id: UUID,
        facts: StationInput,
        connectors: list[ConnectorInput],
        login: LoginInput | None = None,
        kind: StationKind = StationKind.OCPP,
    ) -> PasswordResult:
        """A new station."""
        wanted = [NewConnector(plug=one.plug, max_power_w=one.max_power_w, name=one.name) for one in connectors]
        values = {"name": "", **facts_of(facts), **vars(login or LoginInput())}
        added = use_cases.add_station(info.context.actor, AccountId(account_id), connectors=wanted, kind=kind, **values)
        return _with_password(info, StationId(added.station.id), added.password)

    @strawberry.mutation(description="Change what people read of a station.")
    @refusable
    def update_station(
        self, info: Info, id: UUID, changes: StationInput, kind: StationKind | None = None
    ) -> StationResult:
        """Other facts."""
        removed = changes.remove_location
        facts = facts_of(changes)
        use_cases.update_station(info.context.actor, StationId(id), remove_location=removed, kind=kind, **facts)
        return one_station(info, StationId(id))

    @strawberry.mutation(description="Send a station nothing that nobody asked for, neither after its start nor later.")
    @refusable
    def set_quiet_after_boot(self, info: Info, id: UUID, quiet: bool) -> StationResult:
        """Quiet, or not."""
        use_cases.keep_quiet(info.context.actor, StationId(id), quiet=quiet)
        return one_station(info, StationId(id))

    @strawberry.mutation(description="Give a station a new password; the old one opens no connection any more.")
    @refusable
    def renew_station_password(self, info: Info, id: UUID) -> PasswordResult:
        """A new password."""
        password = use_cases.renew_password(info.context.actor, StationId(id))
        return _with_password(info, StationId(id), password)

    @strawberry.mutation(description="Add the next connector of a station.")
    @refusable
    def add_connector(self, info: Info, station_id: UUID, connector: ConnectorInput) -> ConnectorResult:
        """A new connector."""
        return _connector(info, use_cases.add_connector(info.context.actor, StationId(station_id), **vars(connector)))

    @strawberry.mutation(description="Change a connector; a field that is left out stays as it is.")
    @refusable
    def update_connector(
        self,
        info: Info,
        id: UUID,
        name: str | None = None,
        plug: PlugType | None = None,
        max_power_w: int | None = None,
    ) -> ConnectorResult:
        """Other facts of a connector."""
        changes = given(name=name, plug=plug, max_power_w=max_power_w)
        return _connector(info, use_cases.update_connector(info.context.actor, ConnectorId(id), **changes))


def _with_password(info: Info, station_id: StationId, password: str) -> StationWithPassword:
    shown = queries.station_page(info.context.actor, station_id)
    return StationWithPassword(
        station_id=station_id,
        identity=shown.station.identity,
        ocpp_url=_ocpp_url(info, shown.ocpp_path),
        password=password,
    )
