"""What stations announces."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.events import Event

NEW_ACCOUNT = "station-account"  # the bus topic of a move; its data are the ids of station and new account, in hex


@dataclass(frozen=True)
class StationAdded(Event):
    """A station was added to an account."""

    station_id: UUID
    account_id: UUID


@dataclass(frozen=True)
class StationAccepted(Event):
    """A charger that waited is a station now; what it said about sessions until then is held for it.

    `readings_dropped`: its messages of readings that found no room meanwhile.
    """

    station_id: UUID
    account_id: UUID
    readings_dropped: int = 0


@dataclass(frozen=True)
class StationMoved(Event):
    """A station belongs to another account from now on."""

    station_id: UUID
    from_account_id: UUID
    account_id: UUID


@dataclass(frozen=True)
class StationTroubled(Event):
    """Something ails a station; `trouble` is a Trouble value. It is told once, until the station is well again."""

    trouble_id: UUID
    account_id: UUID
    station_id: UUID
    trouble: str


@dataclass(frozen=True)
class StationWell(Event):
    """What ailed a station is over."""

    trouble_id: UUID
    account_id: UUID
    station_id: UUID
    trouble: str


@dataclass(frozen=True)
class StationsInTrouble(Event):
    """Stations of an account came into trouble at this instant: their people get one letter of them all."""

    account_id: UUID
    began_at: datetime


@dataclass(frozen=True)
class PasswordDue(Event):
    """A charger that came by itself started for the first time as a station: it can be sent a password."""

    station_id: UUID


@dataclass(frozen=True)
class CommandFinished(Event):
    """A command reached a final state; `state` is a CommandState value, `action` an OCPP message name.

    `unchecked`: its payload is as somebody wrote it, so nobody may count on a field of it.
    """

    command_id: UUID
    station_id: UUID
    action: str
    state: str
    unchecked: bool = False


@dataclass(frozen=True)
class CertificateRequested(Event):
    """A station asked for a certificate, and its request was in order."""

    certificate_id: UUID
    station_id: UUID
