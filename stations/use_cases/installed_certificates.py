"""The root certificates on a station: what the station said when it was asked, or told to take or drop one."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from kit import clock, db
from kit.notes import tell
from kit.use_case import use_case
from stations.authority import HashData, hash_data
from stations.models import InstalledCertificate, StationCommand
from stations.pem import certificate_in
from stations.use_cases.commands import request_command
from stations.values import Action, CommandId, CommandState, HashAlgorithm, InstalledId, InstalledKind, StationId

MOST_LISTED = 200
_GONE = ("accepted", "notfound")


@use_case
def delete_installed(actor: Actor, installed_id: InstalledId) -> StationCommand:
    """Tell a station to drop a root certificate, named exactly as the station named it."""
    row = allowed(actor, Right.COMMAND_STATIONS, InstalledCertificate, installed_id)
    data = {
        "hashAlgorithm": row.hash_algorithm,
        "issuerNameHash": row.issuer_name_hash,
        "issuerKeyHash": row.issuer_key_hash,
        "serialNumber": row.serial_number,
    }
    return request_command(actor, StationId(row.station_id), Action.DELETE_CERTIFICATE, {"certificateHashData": data})


@use_case
def note_installed(actor: Actor, command_id: CommandId) -> None:
    """Learn from the answer to a command about root certificates. Harmless when done twice."""
    system(actor)
    command = db.session().get_one(StationCommand, command_id)
    status = command.answered_status
    if command.action is Action.GET_INSTALLED_CERTIFICATE_IDS and status in _GONE:
        _replace_list(command)
    elif command.action is Action.INSTALL_CERTIFICATE and command.state is CommandState.ACCEPTED:
        _add(command)
    elif command.action is Action.DELETE_CERTIFICATE and status in _GONE:
        data = _read(command.payload["certificateHashData"])
        if data is not None:
            _forget(command, data)
    tell("station", command.station_id)


def _replace_list(command: StationCommand) -> None:
    """The station's own list is the truth; which certificate is behind an entry is known where we installed it."""
    kind, session = InstalledKind(command.payload["certificateType"]), db.session()
    of_kind = (InstalledCertificate.station_id == command.station_id, InstalledCertificate.kind == kind)
    known = [text for text in session.scalars(select(InstalledCertificate.certificate).where(*of_kind)) if text]
    session.execute(delete(InstalledCertificate).where(*of_kind))
    listed = (command.answer or {}).get("certificateHashData") or []
    entries = [_read(entry) for entry in (listed if isinstance(listed, list) else [listed])[:MOST_LISTED]]
    for data in dict.fromkeys(data for data in entries if data is not None):
        _keep(command, kind, data, _behind(data, known))


def _add(command: StationCommand) -> None:
    certificate = certificate_in(command.payload["certificate"])
    assert certificate is not None, "it was judged before it was sent"
    if certificate.issuer != certificate.subject:
        return  # its issuer's key is not known here; the station's list will tell
    data = hash_data(certificate, HashAlgorithm.SHA256)
    kind = InstalledKind(command.payload["certificateType"])
    _forget(command, data, InstalledCertificate.kind == kind)
    _keep(command, kind, data, command.payload["certificate"])


def _keep(command: StationCommand, kind: InstalledKind, data: HashData, certificate: str | None) -> None:
    row = InstalledCertificate(
        account_id=command.account_id,
        station_id=command.station_id,
        kind=kind,
        hash_algorithm=data.algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
        certificate=certificate,
        seen_at=clock.now(),
    )
    db.session().add(row)


def _forget(command: StationCommand, data: HashData, *conditions: ColumnElement[bool]) -> None:
    named = delete(InstalledCertificate).where(
        InstalledCertificate.station_id == command.station_id,
        InstalledCertificate.issuer_name_hash == data.issuer_name_hash,
        InstalledCertificate.issuer_key_hash == data.issuer_key_hash,
        InstalledCertificate.serial_number == data.serial_number,
        *conditions,
    )
    db.session().execute(named)


def _read(entry: Any) -> HashData | None:
    """An entry of the station's list; None for one that nobody could name when it is to be deleted."""
    if not isinstance(entry, Mapping):
        return None
    parts = [str(entry.get(name) or "").strip() for name in ("issuerNameHash", "issuerKeyHash", "serialNumber")]
    algorithm = str(entry.get("hashAlgorithm") or "").upper().replace("-", "").strip()
    return HashData(algorithm, *parts) if all(parts) else None


def _behind(data: HashData, known: Sequence[str]) -> str | None:
    """The certificate that has this name, of those that were installed from here."""
    algorithm = next((one for one in HashAlgorithm if one.value == data.algorithm), None)
    if algorithm is None:
        return None
    wanted = (data.issuer_name_hash.lower(), data.issuer_key_hash.lower())
    for text in known:
        certificate = certificate_in(text)
        assert certificate is not None, "a stored certificate can be read"
        named = hash_data(certificate, algorithm)
        if (named.issuer_name_hash, named.issuer_key_hash) == wanted:
            return text
    return None
