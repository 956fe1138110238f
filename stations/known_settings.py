"""The settings that OCPP 1.6 and its security extension name: what each means in plain words, and what it may be."""

from dataclasses import dataclass
from enum import Enum

from kit.errors import Invalid
from kit.i18n import lazy_ as word
from kit.masking import is_secret_setting
from stations.catalogue.configuration import LONGEST_KEY, LONGEST_VALUE
from stations.payloads import PROFILE_KEY
from stations.told_settings import folded

HIGHEST = 2_147_483_647


class SettingGroup(Enum):
    """What settings are about; the parts of the portal's page. OTHERS are those of the maker."""

    METER = "meter"
    PERMISSION = "permission"
    PLUG = "plug"
    CONNECTION = "connection"
    LISTS = "lists"
    LIMITS = "limits"
    SECURITY = "security"
    STATION = "station"
    OTHERS = "others"


class SettingKind(Enum):
    """How the value of a setting is written."""

    SWITCH = "switch"
    WHOLE = "whole"
    LIST = "list"
    TEXT = "text"


@dataclass(frozen=True)
class KnownSetting:
    """A setting of the standard. `unit`: of a whole number. `fixed`: no station lets it be changed."""

    key: str
    kind: SettingKind
    words: str
    unit: str = ""
    least: int = 0
    most: int = HIGHEST
    fixed: bool = False

    def judged(self, value: str) -> str:
        """A value as it will be sent. Raises Invalid(value=)."""
        if self.kind is SettingKind.SWITCH:
            if value.lower() not in ("true", "false"):
                raise Invalid(value="unknown")
            return value.lower()
        if self.kind is SettingKind.WHOLE:
            if not value.removeprefix("-").isdecimal():
                raise Invalid(value="not_a_number")
            if not self.least <= int(value) <= self.most:
                raise Invalid(value="out_of_range")
            return str(int(value))
        if self.kind is SettingKind.LIST:
            return ",".join(part.strip() for part in value.split(",") if part.strip())
        return value


def known_setting_kind(key: str) -> KnownSetting | None:
    """What the standard says of a setting; None for the maker's own."""
    return KNOWN_SETTINGS.get(folded(key))


def judged_value(key: str, value: str) -> str:
    """A value that somebody wishes, as it will be sent. Raises Invalid(key=, value=)."""
    if not key.strip() or len(key) > LONGEST_KEY:
        raise Invalid(key="required" if not key.strip() else "too_long")
    if is_secret_setting(key) or folded(key) == PROFILE_KEY:
        raise Invalid(key="not_as_wish")
    if len(value) > LONGEST_VALUE:
        raise Invalid(value="too_long")
    kind = known_setting_kind(key)
    if kind is not None and kind.fixed:
        raise Invalid(key="read_only")
    return kind.judged(value.strip()) if kind else value.strip()


_SWITCH, _WHOLE, _LIST, _TEXT = SettingKind.SWITCH, SettingKind.WHOLE, SettingKind.LIST, SettingKind.TEXT
_DAY_S = 86_400
_METER = (
    KnownSetting(
        "MeterValueSampleInterval", _WHOLE, word("How often it tells the meter while charging; 0: never."), "s"
    ),
    KnownSetting("MeterValuesSampledData", _LIST, word("What it measures while charging.")),
    KnownSetting("MeterValuesSampledDataMaxLength", _WHOLE, word("How many of them it takes."), fixed=True),
    KnownSetting("ClockAlignedDataInterval", _WHOLE, word("How often it tells the meter by the clock; 0: never."), "s"),
    KnownSetting("MeterValuesAlignedData", _LIST, word("What it measures by the clock.")),
    KnownSetting("MeterValuesAlignedDataMaxLength", _WHOLE, word("How many of them it takes."), fixed=True),
    KnownSetting("StopTxnSampledData", _LIST, word("What it measures during a session and tells at its end.")),
    KnownSetting("StopTxnSampledDataMaxLength", _WHOLE, word("How many of them it takes."), fixed=True),
    KnownSetting("StopTxnAlignedData", _LIST, word("What it measures by the clock and tells at the session's end.")),
    KnownSetting("StopTxnAlignedDataMaxLength", _WHOLE, word("How many of them it takes."), fixed=True),
)
_PERMISSION = (
    KnownSetting("AuthorizeRemoteTxRequests", _SWITCH, word("Whether it asks again for the tag of a remote start.")),
    KnownSetting("LocalAuthorizeOffline", _SWITCH, word("Whether it starts for known tags while it is offline.")),
    KnownSetting(
        "LocalPreAuthorize", _SWITCH, word("Whether it starts for known tags without waiting for the platform.")
    ),
    KnownSetting(
        "AllowOfflineTxForUnknownId", _SWITCH, word("Whether it starts for unknown tags while it is offline.")
    ),
    KnownSetting("AuthorizationCacheEnabled", _SWITCH, word("Whether it remembers tags that were accepted.")),
    KnownSetting(
        "StopTransactionOnInvalidId", _SWITCH, word("Whether it stops a session whose tag turns out invalid.")
    ),
    KnownSetting("MaxEnergyOnInvalidId", _WHOLE, word("Energy that it gives after a tag turned out invalid."), "Wh"),
)
_PLUG = (
    KnownSetting(
        "ConnectionTimeOut", _WHOLE, word("How long it waits for the cable after a tag or a remote start."), "s"
    ),
    KnownSetting("StopTransactionOnEVSideDisconnect", _SWITCH, word("Whether unplugging at the car ends the session.")),
    KnownSetting("UnlockConnectorOnEVSideDisconnect", _SWITCH, word("Whether unplugging at the car frees the cable.")),
    KnownSetting("MinimumStatusDuration", _WHOLE, word("How long a state has to last before it is told."), "s"),
    KnownSetting("ConnectorPhaseRotation", _LIST, word("How the phases are wired at each connector.")),
    KnownSetting("ConnectorPhaseRotationMaxLength", _WHOLE, word("How many entries it takes for that."), fixed=True),
    KnownSetting("BlinkRepeat", _WHOLE, word("How often its light blinks as a signal."), most=1_000),
    KnownSetting("LightIntensity", _WHOLE, word("How bright its light is."), "%", most=100),
)
_CONNECTION = (
    KnownSetting("HeartbeatInterval", _WHOLE, word("How often it gives a sign of life."), "s", most=_DAY_S),
    KnownSetting(
        "WebSocketPingInterval", _WHOLE, word("How often it tests its connection; 0: never."), "s", most=_DAY_S
    ),
    KnownSetting("TransactionMessageAttempts", _WHOLE, word("How often it tries to tell of a session."), most=1_000),
    KnownSetting("TransactionMessageRetryInterval", _WHOLE, word("How long it waits before it tries that again."), "s"),
    KnownSetting("ResetRetries", _WHOLE, word("How often it tries to restart when told to."), most=1_000),
    KnownSetting("GetConfigurationMaxKeys", _WHOLE, word("How many settings it tells at once."), fixed=True),
)
_LISTS = (
    KnownSetting("LocalAuthListEnabled", _SWITCH, word("Whether it uses its local list of tags.")),
    KnownSetting("LocalAuthListMaxLength", _WHOLE, word("How many tags its local list takes."), fixed=True),
    KnownSetting("SendLocalListMaxLength", _WHOLE, word("How many tags it takes in one message."), fixed=True),
    KnownSetting(
        "ReserveConnectorZeroSupported", _SWITCH, word("Whether any of its connectors can be reserved."), fixed=True
    ),
)
_LIMITS = (
    KnownSetting("ChargeProfileMaxStackLevel", _WHOLE, word("Highest level of limits that it takes."), fixed=True),
    KnownSetting(
        "ChargingScheduleAllowedChargingRateUnit",
        _LIST,
        word("Whether it takes limits in A, in W, or both."),
        fixed=True,
    ),
    KnownSetting("ChargingScheduleMaxPeriods", _WHOLE, word("How many steps a limit may have."), fixed=True),
    KnownSetting("MaxChargingProfilesInstalled", _WHOLE, word("How many limits it keeps."), fixed=True),
    KnownSetting(
        "ConnectorSwitch3to1PhaseSupported",
        _SWITCH,
        word("Whether it can change to one phase while charging."),
        fixed=True,
    ),
)
_SECURITY = (
    KnownSetting("AuthorizationKey", _TEXT, word("Its password; it never tells it.")),
    KnownSetting("SecurityProfile", _WHOLE, word("How it proves who it is, from 0 to 3."), most=3),
    KnownSetting("CpoName", _TEXT, word("The operator's name, for its certificate.")),
    KnownSetting(
        "AdditionalRootCertificateCheck",
        _SWITCH,
        word("Whether it takes only one root certificate of ours."),
        fixed=True,
    ),
    KnownSetting(
        "CertificateSignedMaxChainSize",
        _WHOLE,
        word("How many bytes a certificate that it takes may have."),
        fixed=True,
    ),
    KnownSetting("CertificateStoreMaxLength", _WHOLE, word("How many root certificates it keeps."), fixed=True),
)
_STATION = (
    KnownSetting("NumberOfConnectors", _WHOLE, word("How many connectors it has."), fixed=True),
    KnownSetting("SupportedFeatureProfiles", _LIST, word("What it says that it can do."), fixed=True),
    KnownSetting("SupportedFeatureProfilesMaxLength", _WHOLE, word("How many entries that list may have."), fixed=True),
    KnownSetting("SupportedFileTransferProtocols", _LIST, word("How it can send and fetch files."), fixed=True),
)
_GROUPS = {
    SettingGroup.METER: _METER,
    SettingGroup.PERMISSION: _PERMISSION,
    SettingGroup.PLUG: _PLUG,
    SettingGroup.CONNECTION: _CONNECTION,
    SettingGroup.LISTS: _LISTS,
    SettingGroup.LIMITS: _LIMITS,
    SettingGroup.SECURITY: _SECURITY,
    SettingGroup.STATION: _STATION,
}
_GROUP_OF = {folded(one.key): group for group, several in _GROUPS.items() for one in several}
KNOWN_SETTINGS = {folded(one.key): one for several in _GROUPS.values() for one in several}


def group_of(key: str) -> SettingGroup:
    """What a setting is about."""
    return _GROUP_OF.get(folded(key), SettingGroup.OTHERS)
