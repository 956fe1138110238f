"""The kinds of security events that OCPP names, in plain words, and which of them its white paper calls critical."""

from dataclasses import dataclass

from kit.i18n import lazy_ as word
from kit.spelling import plain, spellings


@dataclass(frozen=True)
class SecurityKind:
    """A kind of event. `words`: what happened, for people."""

    words: str
    critical: bool = False


# Names of OCPP 1.6 first; the ones of 2.0.1 are used by chargers that speak both.
SECURITY_KINDS: dict[str, SecurityKind] = {
    "FirmwareUpdated": SecurityKind(word("The firmware was updated."), critical=True),
    "FailedToAuthenticateAtCentralSystem": SecurityKind(word("The station could not log in to this platform.")),
    "CentralSystemFailedToAuthenticate": SecurityKind(word("This platform could not prove to the station who it is.")),
    "SettingSystemTime": SecurityKind(word("The station's clock was set."), critical=True),
    "StartupOfTheDevice": SecurityKind(word("The station started."), critical=True),
    "ResetOrReboot": SecurityKind(word("The station was restarted."), critical=True),
    "SecurityLogWasCleared": SecurityKind(word("Somebody emptied the station's security log."), critical=True),
    "ReconfigurationOfSecurityParameters": SecurityKind(word("A security setting of the station was changed.")),
    "MemoryExhaustion": SecurityKind(word("The station ran out of memory."), critical=True),
    "InvalidMessages": SecurityKind(word("The station received messages it could not accept.")),
    "AttemptedReplayAttacks": SecurityKind(word("Somebody sent old messages to the station again.")),
    "TamperDetectionActivated": SecurityKind(word("The housing was opened or tampered with."), critical=True),
    "InvalidFirmwareSignature": SecurityKind(word("A firmware had a wrong signature and was not installed.")),
    "InvalidFirmwareSigningCertificate": SecurityKind(word("A firmware was signed with a certificate not trusted.")),
    "InvalidCentralSystemCertificate": SecurityKind(word("The station does not trust this platform's certificate.")),
    "InvalidChargePointCertificate": SecurityKind(word("The station refused the certificate made for it.")),
    "InvalidTLSVersion": SecurityKind(word("A connection used a TLS version that is too old.")),
    "InvalidTLSCipherSuite": SecurityKind(word("A connection used an encryption that is not allowed.")),
    "FailedToAuthenticateAtCsms": SecurityKind(word("The station could not log in to this platform.")),
    "CsmsFailedToAuthenticate": SecurityKind(word("This platform could not prove to the station who it is.")),
    "InvalidCsmsCertificate": SecurityKind(word("The station does not trust this platform's certificate.")),
    "InvalidChargingStationCertificate": SecurityKind(word("The station refused the certificate made for it.")),
    "MaintenanceLoginAccepted": SecurityKind(word("Somebody logged in to the station for maintenance."), critical=True),
    "MaintenanceLoginFailed": SecurityKind(word("A maintenance login at the station failed."), critical=True),
}
CRITICAL = frozenset(name for name, kind in SECURITY_KINDS.items() if kind.critical)
_NAMES = spellings(SECURITY_KINDS)


def known_name(text: str) -> str:
    """The standard's spelling of a kind; any other text as it is."""
    return _NAMES.get(plain(text), text)
