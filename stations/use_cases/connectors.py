"""Connectors: add, describe."""

import secrets
from collections.abc import Sequence

from sqlalchemy import exists, func, select

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.errors import Invalid, NotFound
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Connector, Station, StationCommand
from stations.values import CommandId, CommandState, ConnectorId, NewConnector, PlugType, StationId

LONGEST_NAME = 40
MOST_CONNECTORS = 20
LEAST_POWER_W, MOST_POWER_W = 1_000, 1_000_000
_FIRST_CODE, _CODES = 1_000_000, 9_000_000


@use_case
def add_connector(
    actor: Actor, station_id: StationId, *, plug: PlugType, max_power_w: int, name: str = ""
) -> Connector:
    """Add the next connector of a station, with a label number of its own. Raises Invalid."""
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id, lock=True)
    session = db.session()
    last = session.scalar(select(func.max(Connector.number)).where(Connector.station_id == station.id)) or 0
    if last >= MOST_CONNECTORS:
        raise Invalid(connectors="too_many")
    connector = Connector(
        account_id=station.account_id,
        station_id=station.id,
        number=last + 1,
        code=_new_code(),
        plug=plug,
        max_power_w=_judged_power(max_power_w),
        name=_judged_name(name),
    )
    session.add(connector)
    session.flush()
    tell("station", station.id)
    tell("account", station.account_id)
    return connector


@use_case
def update_connector(
    actor: Actor,
    connector_id: ConnectorId,
    *,
    name: str | None = None,
    plug: PlugType | None = None,
    max_power_w: int | None = None,
) -> Connector:
    """Change name, plug or power (W) of a connector; None leaves it as it is. Raises Invalid(name=, max_power_w=)."""
    connector = allowed(actor, Right.MANAGE_STATIONS, Connector, connector_id)
    if connector.number == 0:
        raise NotFound()
    clean_name = connector.name if name is None else _judged_name(name)
    power_w = connector.max_power_w if max_power_w is None else _judged_power(max_power_w)
    connector.name, connector.max_power_w = clean_name, power_w
    connector.plug = plug or connector.plug
    tell("station", connector.station_id)
    tell("account", connector.account_id)
    return connector


@use_case
def note_availability(actor: Actor, command_id: CommandId) -> None:
    """A charger agreed to put connectors in or out of service, at once or after the session: so they are wanted from
    now on. What it reports of them is another matter, and may come late or never.
    """
    system(actor)
    command = db.session().get_one(StationCommand, command_id)
    number, wanted = command.payload.get("connectorId"), command.payload.get("type")
    if command.state is not CommandState.ACCEPTED or wanted not in ("Operative", "Inoperative"):
        return
    meant = Connector.station_id == command.station_id
    if number != 0:
        meant &= Connector.number == number
    for connector in db.session().scalars(select(Connector).where(meant)):
        connector.wanted_available = wanted == "Operative"
    tell("station", command.station_id)
    tell("account", command.account_id)


def connector_rows(account_id: AccountId, wanted: Sequence[NewConnector]) -> list[Connector]:
    """Rows for the connectors of a new station, number 0 (the station itself) included.

    Raises Invalid: `connectors`, or `connector_2_max_power_w` for a field of one of them.
    """
    if not 1 <= len(wanted) <= MOST_CONNECTORS:
        raise Invalid(connectors="too_many" if wanted else "required")
    rows = [Connector(account_id=account_id, number=0, plug=PlugType.UNKNOWN, max_power_w=0)]
    problems: dict[str, str] = {}
    for number, new in enumerate(wanted, start=1):
        try:
            power_w, name = _judged_power(new.max_power_w), _judged_name(new.name)
        except Invalid as refusal:
            problems |= {f"connector_{number}_{field}": code for field, code in refusal.fields.items()}
            continue
        rows.append(
            Connector(
                account_id=account_id, number=number, code=_new_code(), plug=new.plug, max_power_w=power_w, name=name
            )
        )
    if problems:
        raise Invalid(**problems)
    return rows


def _judged_name(name: str) -> str:
    clean = " ".join(name.split())
    if len(clean) > LONGEST_NAME:
        raise Invalid(name="too_long")
    return clean


def _judged_power(max_power_w: int) -> int:
    if not LEAST_POWER_W <= max_power_w <= MOST_POWER_W:
        raise Invalid(max_power_w="out_of_range")
    return max_power_w


def _new_code() -> str:
    """Seven digits that no label shows yet; the first is never 0, so that nobody leaves it out."""
    while True:
        code = str(_FIRST_CODE + secrets.randbelow(_CODES))
        if not db.session().scalar(select(exists().where(Connector.code == code))):
            return code
