"""Firmware: what an account has, and sending one to a station."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import exists, func, select

from accounts.access import Actor, allowed, allowed_in, licensed, within
from accounts.functions import Function
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db, files
from kit.errors import Conflict, Invalid
from kit.files import StoredFile
from kit.notes import tell
from kit.use_case import use_case
from stations.fields import ADDRESS_KINDS, Address, Pem
from stations.file_addresses import download_address
from stations.firmware_signature import LONGEST_SIGNATURE, signature_fits
from stations.models import Campaign, FileJob, Firmware, Station
from stations.pem import certificate_in, written
from stations.quirks import profile_of
from stations.use_cases.file_jobs import new_job, repetition, send, with_zone
from stations.values import Action, CampaignState, FileJobKind, FileJobState, FirmwareId, StationId

TIME_TO_INSTALL, LONGEST_AHEAD = timedelta(days=7), timedelta(days=21)
USUAL_RETRIES, USUAL_RETRY_INTERVAL_S = 5, 120  # or a busy server, or a lost line, would be the end of it
LONGEST = {"version": 50, "vendor": 50, "model": 50, "notes": 4000, "url": Address.longest}
LONGEST_NAME = 100
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ODD_SIGNS = re.compile(r"[^A-Za-z0-9._-]+")
_UNFINISHED = tuple(state for state in CampaignState if not state.over)


@use_case
def add_firmware(
    actor: Actor,
    account_id: AccountId,
    *,
    version: str,
    vendor: str = "",
    model: str = "",
    notes: str = "",
    stored: StoredFile | None = None,
    file_name: str = "",
    url: str = "",
    sha256: str = "",
    signature: str = "",
    certificate: str = "",
) -> Firmware:
    """Put a firmware into an account's list: a file that was just stored, or an address elsewhere.

    With a signature (base64) and its certificate (PEM) it can be sent signed; both have to fit the file, whose SHA-256
    an address elsewhere has to come with. Raises Invalid with the field.
    """
    allowed_in(actor, Right.MANAGE_STATIONS, account_id)
    texts = {"version": version, "vendor": vendor, "model": model, "notes": notes, "url": url}
    facts = {name: text.strip() for name, text in texts.items()}
    digest = stored.sha256 if stored is not None else sha256.strip().lower()
    _judge(facts, stored is not None, digest, sha256.strip().lower())
    mark, proof = _judged_signature(digest, signature, certificate)
    if stored is not None:
        files.take(stored.key)
    name = _ODD_SIGNS.sub("-", file_name).strip("-.")[-LONGEST_NAME:] or "firmware.bin"
    firmware = Firmware(
        account_id=account_id,
        version=facts["version"],
        vendor=facts["vendor"],
        model=facts["model"],
        notes=facts["notes"],
        url=facts["url"] or None,
        file_key=stored.key if stored is not None else None,
        file_size=stored.size if stored is not None else None,
        file_name=name if stored is not None else "",
        sha256=digest,
        signature=mark,
        certificate=proof,
        created_by=actor.reference,
        created_at=clock.now(),
    )
    db.session().add(firmware)
    db.session().flush()
    tell("account", account_id)
    return firmware


@use_case
def remove_firmware(actor: Actor, firmware_id: FirmwareId) -> None:
    """Take a firmware off the list and delete its file. Raises Conflict(`firmware_in_use`)."""
    firmware = allowed(actor, Right.MANAGE_STATIONS, Firmware, firmware_id, lock=True)
    going = tuple(state for state in FileJobState if state.open)
    wanted = exists().where(FileJob.firmware_id == firmware.id, FileJob.state.in_(going))
    planned = exists().where(Campaign.firmware_id == firmware.id, Campaign.state.in_(_UNFINISHED))
    if db.session().scalar(select(wanted | planned)):
        raise Conflict("firmware_in_use")
    if firmware.file_key is not None:
        files.let_go(firmware.file_key)
    firmware.file_key, firmware.removed_at = None, firmware.removed_at or clock.now()
    tell("account", firmware.account_id)


@use_case
def update_firmware(
    actor: Actor,
    station_id: StationId,
    firmware_id: FirmwareId,
    *,
    signed: bool = False,
    retrieve_at: datetime | None = None,
    install_at: datetime | None = None,
    retries: int | None = None,
    retry_interval_s: int | None = None,
    requested_by: str | None = None,
) -> FileJob:
    """Ask a station to fetch a firmware (now, or at `retrieve_at`) and to install it (UpdateFirmware).

    Without `retries` and `retry_interval_s` it tries as often as is usual.
    `signed`: with signature and certificate (SignedUpdateFirmware), which alone knows `install_at`. Raises Invalid(
    firmware_id=`unknown`, `other_model` or `not_signed`), Invalid(retrieve_at=, install_at=, retries=,
    retry_interval_s=).
    """
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id, lock=True)
    licensed(actor, Function.MAINTENANCE, station.account_id, station.id)
    firmware = usable_firmware(actor, firmware_id)
    judge_fit(firmware, station)
    if signed and not firmware.signed:
        raise Invalid(firmware_id="not_signed")
    if install_at is not None and not signed:
        raise Invalid(install_at="only_signed")
    kind = FileJobKind.SIGNED_FIRMWARE if signed else FileJobKind.FIRMWARE
    fetch_at, patience = _times(retrieve_at, install_at)
    again = {"retries": USUAL_RETRIES, "retryInterval": USUAL_RETRY_INTERVAL_S} | repetition(retries, retry_interval_s)
    job = new_job(station, kind, requested_by or actor.reference, patience, FirmwareId(firmware.id))
    plain = profile_of(station).quirks.plain_files
    location = firmware.url or download_address(job.id, firmware.file_name, plain=plain)
    if not signed:
        payload = {"location": location, "retrieveDate": clock.text(fetch_at), **again}
        send(job, Action.UPDATE_FIRMWARE, payload, patience)
        return job
    wanted = {
        "location": location,
        "retrieveDateTime": clock.text(fetch_at),
        "signingCertificate": firmware.certificate,
        "signature": firmware.signature,
    }
    if install_at is not None:
        wanted["installDateTime"] = clock.text(install_at)
    payload_signed = {"requestId": job.number, **again, "firmware": wanted}
    send(job, Action.SIGNED_UPDATE_FIRMWARE, payload_signed, patience)
    return job


# -- for this room


def usable_firmware(actor: Actor, firmware_id: FirmwareId) -> Firmware:
    """A firmware that is still on the list. Raises Invalid(firmware_id=`unknown`), NotFound, Forbidden."""
    firmware = allowed(actor, Right.VIEW_STATIONS, Firmware, firmware_id)
    if firmware.removed_at is not None:
        raise Invalid(firmware_id="unknown")
    return firmware


def judge_fit(firmware: Firmware, *stations: Station) -> None:
    """Whether stations may get a firmware: of their account or one above, made for their vendor and model."""
    ids = [station.id for station in stations]
    below = select(func.count()).where(Station.id.in_(ids), within(Station, AccountId(firmware.account_id)))
    if db.session().scalar(below) != len(ids):
        raise Invalid(firmware_id="other_account")
    for station in stations:
        for wanted, told in ((firmware.vendor, station.vendor), (firmware.model, station.model)):
            if wanted and told and wanted.casefold() != told.casefold():
                raise Invalid(firmware_id="other_model")


def _times(retrieve_at: datetime | None, install_at: datetime | None) -> tuple[datetime, timedelta]:
    """From when on the station may fetch, and how long it may take. Raises Invalid."""
    with_zone(retrieve_at=retrieve_at, install_at=install_at)
    now = clock.now()
    for name, instant in (("retrieve_at", retrieve_at), ("install_at", install_at)):
        if instant is not None and instant > now + LONGEST_AHEAD:
            raise Invalid(**{name: "out_of_range"})
    fetch_at = retrieve_at or now
    return fetch_at, max(now, fetch_at, install_at or now) - now + TIME_TO_INSTALL


def _judge(facts: dict[str, str], has_file: bool, digest: str, said: str) -> None:
    problems = {name: "too_long" for name, text in facts.items() if len(text) > LONGEST[name]}
    if not facts["version"]:
        problems["version"] = "required"
    if has_file and facts["url"]:
        problems["url"] = "file_or_address"
    elif not has_file and not facts["url"]:
        problems["file"] = "required"
    elif not has_file and not (facts["url"].lower().startswith(ADDRESS_KINDS) and urlsplit(facts["url"]).hostname):
        problems["url"] = "not_an_address"
    if said and not _SHA256.fullmatch(said):
        problems["sha256"] = "not_a_checksum"
    elif said and said != digest:
        problems["sha256"] = "other_checksum"
    if problems:
        raise Invalid(**problems)


def _judged_signature(digest: str, signature: str, certificate: str) -> tuple[str, str]:
    mark = "".join(signature.split())
    if not mark and not certificate.strip():
        return "", ""
    found = certificate_in(certificate)
    if not mark:
        raise Invalid(signature="required")
    if found is None:
        raise Invalid(certificate="not_a_certificate" if certificate.strip() else "required")
    if not digest:
        raise Invalid(sha256="required")
    proof = written(found)
    if len(proof) > Pem.longest:
        raise Invalid(certificate="too_long")
    if len(mark) > LONGEST_SIGNATURE or not signature_fits(digest, mark, proof):
        raise Invalid(signature="does_not_fit")
    return mark, proof
