"""The vocabulary of stations. Status names follow OCPP 1.6 ChargePointStatus."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import NewType
from uuid import UUID

StationId = NewType("StationId", UUID)
ConnectorId = NewType("ConnectorId", UUID)
CommandId = NewType("CommandId", UUID)
AuthorityId = NewType("AuthorityId", UUID)
CertificateId = NewType("CertificateId", UUID)
InstalledId = NewType("InstalledId", UUID)
SecurityEventId = NewType("SecurityEventId", UUID)
ConnectionId = NewType("ConnectionId", UUID)
FileJobId = NewType("FileJobId", UUID)
FileJobStepId = NewType("FileJobStepId", UUID)
FirmwareId = NewType("FirmwareId", UUID)
CampaignId = NewType("CampaignId", UUID)
CampaignStationId = NewType("CampaignStationId", UUID)
WaitingId = NewType("WaitingId", UUID)
SettingId = NewType("SettingId", UUID)
GatewayId = NewType("GatewayId", UUID)
WorkOrderId = NewType("WorkOrderId", UUID)

SILENCE_BEFORE_OUT_OF_SERVICE = timedelta(minutes=15)
FLAPS_FROM, FLAPS_WITHIN = 8, timedelta(minutes=10)  # so many connections of one station are too many
NEW_PROFILE = "station-profile"  # the bus topic of a password or profile that is sent to a charger; data as below
NEW_FACTS = "station-facts"  # the same of one whose behaviour, opening hours or time zone were set
NEW_SOCKETS = "station-sockets"  # of sockets that opened; a line for each: ids of station and connection, in hex
NEW_LOGIN = "station-login"  # the bus topic of a renewed password; its data is the id of the station in hex


class ConnectorStatus(Enum):
    """What the charger last said of a connector (OCPP 1.6 section 7.7); UNKNOWN before it said anything."""

    UNKNOWN = "Unknown"
    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EVSE = "SuspendedEVSE"
    SUSPENDED_EV = "SuspendedEV"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


# A plug in one of these has a car at it that charges, or is about to.
BUSY_STATUSES = (
    ConnectorStatus.PREPARING,
    ConnectorStatus.CHARGING,
    ConnectorStatus.SUSPENDED_EV,
    ConnectorStatus.SUSPENDED_EVSE,
)


class ShownState(Enum):
    """The one state people see: derived from status, connection and silence."""

    AVAILABLE = "available"
    CONNECTED = "connected"
    OCCUPIED = "occupied"
    FAULTED = "faulted"
    OUT_OF_SERVICE = "out_of_service"


class PlugType(Enum):
    """What a driver can plug in."""

    UNKNOWN = "unknown"
    TYPE_2 = "type_2"
    SCHUKO = "schuko"
    SWISS = "swiss"
    CCS = "ccs"
    CHADEMO = "chademo"


class CommandState(Enum):
    """How far a command to a charger got. Everything after SENT is final except that a late answer may still arrive."""

    PENDING = "pending"
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more is expected."""
        return self not in (CommandState.PENDING, CommandState.SENT)

    @property
    def unfulfilled(self) -> bool:
        """Whether nothing came of it, though nobody took it back."""
        return self.final and self not in (CommandState.ACCEPTED, CommandState.CANCELLED)


class Sender(Enum):
    """Who made a call."""

    STATION = "station"
    PLATFORM = "platform"


class SecurityProfile(Enum):
    """What a charger has to prove when it connects; the values are the numbers of OCPP's security white paper."""

    OPEN = "0"
    PASSWORD = "1"  # noqa: S105  # a number, not a secret
    PASSWORD_TLS = "2"  # noqa: S105  # a number, not a secret
    CERTIFICATE_TLS = "3"


class WaitingState(Enum):
    """What the operator made of a charger that came by itself; once it is accepted it is a station."""

    WAITING = "waiting"
    REFUSED = "refused"


class Proof(Enum):
    """How a charger proved who it is."""

    NONE = "none"
    PASSWORD = "password"  # noqa: S105  # a kind, not a secret
    PASSWORD_BYTES = "password_bytes"  # noqa: S105  # its hex text sent as bytes
    CERTIFICATE = "certificate"


class Transport(Enum):
    """How a charger's messages travel, as the proxy saw it."""

    NEVER = "never"  # it was never let in
    PLAIN = "plain"  # without TLS, or nobody told
    OUTDATED_TLS = "outdated_tls"
    TLS = "tls"


OLD_TLS_VERSIONS = ("SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1", "tls1.0", "tls1.1")
SAFE_CIPHERS = ("GCM", "CCM", "CHACHA20")  # those that also notice a change on the way


class Ending(Enum):
    """Why a connection of a charger is over, or came to nothing."""

    HUNG_UP = "hung_up"  # by the charger, with a goodbye
    LOST = "lost"
    SILENT = "silent"
    REPLACED = "replaced"  # by a newer one
    UNANSWERED = "unanswered"  # it did not answer several calls of ours
    SHUT_OUT = "shut_out"  # another password or profile, or refused by the operator
    BROKEN = "broken"
    SLOW = "slow"
    RESTART = "restart"  # of the platform, in order
    CRASH = "crash"  # of the platform
    NO_PASSWORD = "no_password"  # noqa: S105  # refused: a wrong one, or none
    OTHER_USER = "other_user"
    NO_TLS = "no_tls"
    NO_CERTIFICATE = "no_certificate"
    NOT_BY_ACCOUNT = "not_by_account"  # an open charger at the short address
    OTHER_PROTOCOL = "other_protocol"
    TOO_OFTEN = "too_often"

    @property
    def refused(self) -> bool:
        """Whether it was not let in at all."""
        return self in _REFUSALS


_REFUSALS = frozenset(
    {
        Ending.NO_PASSWORD,
        Ending.OTHER_USER,
        Ending.NO_TLS,
        Ending.NO_CERTIFICATE,
        Ending.NOT_BY_ACCOUNT,
        Ending.OTHER_PROTOCOL,
        Ending.TOO_OFTEN,
    }
)


class AuthorityKind(Enum):
    """What a certificate of our own authority signs: a root the issuing ones, an issuing one the stations'."""

    ROOT = "root"
    ISSUING = "issuing"


class CertificateState(Enum):
    """How far a station's own certificate got. The ones that are SIGNED or IN_FORCE open a connection."""

    REQUESTED = "requested"
    DECLINED = "declined"  # by us: the request was not in order
    SIGNED = "signed"
    IN_FORCE = "in_force"
    REFUSED = "refused"  # by the station
    REPLACED = "replaced"
    REVOKED = "revoked"

    @property
    def opens(self) -> bool:
        """Whether a station may connect with it, as long as it has not expired."""
        return self in (CertificateState.SIGNED, CertificateState.IN_FORCE)


class CertificateProblem(Enum):
    """Why a request of a station was declined."""

    UNREADABLE = "unreadable"
    WEAK_KEY = "weak_key"
    NOT_PROVEN = "not_proven"
    OTHER_NAME = "other_name"
    OTHER_ORGANISATION = "other_organisation"
    TOO_MANY = "too_many"


class InstalledKind(Enum):
    """What a root certificate on a station is for (OCPP 1.6 CertificateUseEnumType)."""

    CENTRAL_SYSTEM_ROOT = "CentralSystemRootCertificate"
    MANUFACTURER_ROOT = "ManufacturerRootCertificate"


class HashAlgorithm(Enum):
    """How a station makes the hashes that name an installed certificate."""

    SHA256 = "SHA256"
    SHA384 = "SHA384"
    SHA512 = "SHA512"


class FileJobKind(Enum):
    """What a station sends, or fetches and installs."""

    DIAGNOSTICS = "diagnostics"
    DIAGNOSTICS_LOG = "diagnostics_log"
    SECURITY_LOG = "security_log"
    FIRMWARE = "firmware"
    SIGNED_FIRMWARE = "signed_firmware"

    @property
    def of_firmware(self) -> bool:
        """Whether the station fetches something instead of sending it."""
        return self in (FileJobKind.FIRMWARE, FileJobKind.SIGNED_FIRMWARE)


class FileJobState(Enum):
    """How far a file's way from or to a station got. A failed one may still come to a good end: stations try again."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"  # by the station
    REPLACED = "replaced"  # by a newer one

    @property
    def open(self) -> bool:
        """Whether more is expected."""
        return self in (FileJobState.REQUESTED, FileJobState.ACCEPTED, FileJobState.RUNNING)


class CampaignState(Enum):
    """How far a firmware campaign got."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"  # too many stations failed
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing starts any more."""
        return self in (CampaignState.DONE, CampaignState.CANCELLED)


class CampaignStationState(Enum):
    """How far one station of a campaign got."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class ReadingState(Enum):
    """How far the reading of a station's settings got."""

    RUNNING = "running"
    INTERRUPTED = "interrupted"  # the connection went; it goes on when the station is back
    DONE = "done"
    FAILED = "failed"


class ReadingProblem(Enum):
    """What was wrong with a station's answers when it was asked for its settings."""

    NO_ANSWER = "no_answer"
    EMPTY = "empty"
    MALFORMED = "malformed"
    CANCELLED = "cancelled"  # by somebody of ours


class WishState(Enum):
    """What became of a value that somebody wished for a setting of a station."""

    OPEN = "open"
    TAKEN = "taken"  # the station said yes; what it has now was not read yet
    AS_WISHED = "as_wished"
    NEEDS_RESTART = "needs_restart"
    NOT_KEPT = "not_kept"  # the station said yes, and has another value all the same
    REFUSED = "refused"
    UNANSWERED = "unanswered"


class Action(Enum):
    """The OCPP 1.6 messages that go from us to a charger, those of the security extension included."""

    REMOTE_START = "RemoteStartTransaction"
    REMOTE_STOP = "RemoteStopTransaction"
    RESET = "Reset"
    UNLOCK = "UnlockConnector"
    CHANGE_AVAILABILITY = "ChangeAvailability"
    GET_CONFIGURATION = "GetConfiguration"
    CHANGE_CONFIGURATION = "ChangeConfiguration"
    TRIGGER_MESSAGE = "TriggerMessage"
    CLEAR_CACHE = "ClearCache"
    DATA_TRANSFER = "DataTransfer"
    GET_LOCAL_LIST_VERSION = "GetLocalListVersion"
    SEND_LOCAL_LIST = "SendLocalList"
    GET_DIAGNOSTICS = "GetDiagnostics"
    UPDATE_FIRMWARE = "UpdateFirmware"
    RESERVE_NOW = "ReserveNow"
    CANCEL_RESERVATION = "CancelReservation"
    SET_CHARGING_PROFILE = "SetChargingProfile"
    CLEAR_CHARGING_PROFILE = "ClearChargingProfile"
    GET_COMPOSITE_SCHEDULE = "GetCompositeSchedule"
    EXTENDED_TRIGGER_MESSAGE = "ExtendedTriggerMessage"
    CERTIFICATE_SIGNED = "CertificateSigned"
    INSTALL_CERTIFICATE = "InstallCertificate"
    DELETE_CERTIFICATE = "DeleteCertificate"
    GET_INSTALLED_CERTIFICATE_IDS = "GetInstalledCertificateIds"
    GET_LOG = "GetLog"
    SIGNED_UPDATE_FIRMWARE = "SignedUpdateFirmware"


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a charger came: from where, asking for what, proving what. `tls_*` as the proxy saw it; empty without TLS.

    `protocol` is the subprotocol that was agreed on, empty where it offered none. `other_user`: as whom it logged in,
    where that is not its identity.
    """

    peer: str = ""
    address: str = ""
    protocol: str = ""
    proof: Proof = Proof.NONE
    tls_version: str = ""
    tls_cipher: str = ""
    tls_name: str = ""
    other_user: str = ""


@dataclass(frozen=True)
class Selection:
    """Which stations of an account and below: the named ones, or (None) all that fit; `text` as in the list of them."""

    station_ids: tuple[StationId, ...] | None = None
    text: str = ""
    vendor: str = ""
    model: str = ""
    firmware: str = ""


@dataclass(frozen=True)
class NewConnector:
    """A plug of a station that is about to be added. `max_power_w` in W."""

    plug: PlugType = PlugType.TYPE_2
    max_power_w: int = 11_000
    name: str = ""


@dataclass(frozen=True)
class Location:
    """A point on the map in millionths of a degree, so that no float is ever compared."""

    latitude_e6: int
    longitude_e6: int
