"""What the gateway needs to know of a charger: who may connect under an identity, and which connectors it has."""

from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import bindparam, select

from accounts.access import Actor, system
from accounts.models import Account
from kit import db
from kit.use_case import query
from stations.models import Connector, Station
from stations.values import SecurityProfile


@dataclass(frozen=True, slots=True)
class SocketStation:
    """What the handshake compares with. `by_account`: it was asked for by the code of its account."""

    id: UUID
    account_id: UUID
    identity: str
    password_hash: str
    next_password_hash: str | None = None
    security_profile: SecurityProfile = SecurityProfile.PASSWORD
    next_security_profile: SecurityProfile | None = None
    by_account: bool = False


@dataclass(slots=True)
class StationFacts:
    """What never changes of a station: its account, and the row behind each connector number."""

    id: UUID
    account_id: UUID
    connectors: dict[int, UUID]


MOST_KNOWN = 50_000
_known: dict[UUID, StationFacts] = {}

_FACTS = [field.name for field in fields(SocketStation) if field.name != "by_account"]
_SOCKET_STATION = select(*(getattr(Station, name) for name in _FACTS))
_BY_IDENTITY = _SOCKET_STATION.where(Station.identity == bindparam("identity"), Station.generated.is_(True))
_IN_ACCOUNT = _SOCKET_STATION.join(Account, Account.id == Station.account_id).where(
    Account.code == bindparam("code"), Station.identity == bindparam("identity")
)
_ACCOUNT = select(Station.account_id).where(Station.id == bindparam("station_id"))
_CONNECTORS = select(Connector.number, Connector.id).where(Connector.station_id == bindparam("station_id"))


@query
def station_for_socket(actor: Actor, identity: str, code: str | None = None) -> SocketStation | None:
    """The station that is called so in the account with this code; without a code, by an identity that we made."""
    system(actor)
    if code is None:
        row = db.session().execute(_BY_IDENTITY, {"identity": identity}).first()
    else:
        row = db.session().execute(_IN_ACCOUNT, {"identity": identity, "code": code}).first()
    return None if row is None else SocketStation(**row._mapping, by_account=code is not None)


def station_facts(station_id: UUID) -> StationFacts:
    """The unchanging facts of a station, remembered by this process. For rooms, within their door."""
    facts = _known.get(station_id)
    if facts is None:
        session = db.session()
        account_id = session.execute(_ACCOUNT, {"station_id": station_id}).scalar_one()
        facts = StationFacts(station_id, account_id, {})
        facts.connectors.update(
            (row.number, row.id) for row in session.execute(_CONNECTORS, {"station_id": station_id})
        )
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[station_id] = facts
    return facts


def connector_row(facts: StationFacts, number: int) -> UUID | None:
    """The row of a connector number; looked up again when it is not known yet, since it may have been added."""
    found = facts.connectors.get(number)
    if found is None:
        rows = db.session().execute(_CONNECTORS, {"station_id": facts.id})
        return next((row.id for row in rows if row.number == number), None)
    return found
