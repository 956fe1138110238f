"""A station's own certificate: asked for by the station, signed by us, accepted or refused there, taken back."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Table, delete, func, insert, select, update

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from kit import clock, db, settings
from kit.errors import Invalid
from kit.events import record
from kit.ids import new_id
from kit.notes import tell
from kit.use_case import hot_use_case, use_case
from stations.authority import chain, problem_of, sign_request
from stations.catalogue.security import LONGEST_CHAIN
from stations.events import CertificateRequested
from stations.models import Station, StationCertificate, StationCommand
from stations.pem import certificate_in, fingerprint, request_in, serial_number, written
from stations.queries.settings import known_setting
from stations.use_cases.authority import issuer_of, issuing_row
from stations.use_cases.commands import request_command
from stations.use_cases.logins import end_logins
from stations.use_cases.sockets import facts_of
from stations.values import (
    Action,
    CertificateId,
    CertificateProblem,
    CertificateState,
    CommandId,
    CommandState,
    StationId,
)

MOST_PER_HOUR = 10
WAITS_FOR_STATION = timedelta(days=1)
# A station that took its new certificate may still come with the old one: until it restarts, or after a power cut.
OLD_ONE_OPENS = timedelta(days=7)

_rows: Table = db.Base.metadata.tables[StationCertificate.__tablename__]


@hot_use_case
def ask_for_certificate(actor: Actor, request: str) -> CertificateProblem | None:
    """The station sent a signing request: None when it will be signed, else why not. The last refused one is kept."""
    facts = facts_of(actor)
    unit, now = db.current(), clock.now()
    unit.flush()  # its BootNotification may be part of this very batch
    problem = _problem(facts.id, request)
    if problem is CertificateProblem.TOO_MANY:
        return problem
    session = unit.session
    of_station = _rows.c.station_id == facts.id
    session.execute(delete(_rows).where(of_station, _rows.c.state == CertificateState.DECLINED))
    found = request_in(request)
    certificate_id = new_id()
    row = {
        "id": certificate_id,
        "account_id": facts.account_id,
        "station_id": facts.id,
        "state": CertificateState.REQUESTED if problem is None else CertificateState.DECLINED,
        "problem": problem,
        "request": written(found) if found is not None else "",
        "requested_at": now,
    }
    session.execute(insert(_rows).values(row))
    if problem is None:
        record(CertificateRequested(certificate_id=certificate_id, station_id=facts.id))
    tell("station", facts.id)
    return problem


@use_case
def sign_certificate(actor: Actor, certificate_id: CertificateId) -> None:
    """Sign what a station asked for and send it; only its newest request counts. Harmless when done twice."""
    system(actor)
    session = db.session()
    row = session.get_one(StationCertificate, certificate_id, with_for_update=True, populate_existing=True)
    if row.state is not CertificateState.REQUESTED:
        return
    newer = select(func.count()).where(
        StationCertificate.station_id == row.station_id,
        StationCertificate.state == CertificateState.REQUESTED,
        StationCertificate.id > row.id,
    )
    now = clock.now()
    if session.scalar(newer):
        row.state, row.ended_at = CertificateState.REPLACED, now
        return
    request = request_in(row.request)
    assert request is not None, "it was read before it was stored"
    authority = issuing_row()
    issuer = issuer_of(authority)
    made = sign_request(issuer, request, now, settings.current().station_certificate_days)
    row.state, row.authority_id, row.certificate = CertificateState.SIGNED, authority.id, written(made)
    row.fingerprint, row.serial_number = fingerprint(made), serial_number(made)
    row.not_before, row.not_after = made.not_valid_before_utc, made.not_valid_after_utc
    payload = {"certificateChain": chain(made, issuer.certificate, LONGEST_CHAIN)}
    command = request_command(
        actor, StationId(row.station_id), Action.CERTIFICATE_SIGNED, payload, expires_in=WAITS_FOR_STATION
    )
    row.command_id = CommandId(command.id)


@use_case
def settle_certificate(actor: Actor, command_id: CommandId) -> None:
    """What the station said to the certificate we sent. Without an answer it may have it, so it stays usable."""
    system(actor)
    session = db.session()
    row = session.scalar(
        select(StationCertificate).where(StationCertificate.command_id == command_id).with_for_update()
    )
    if row is None or row.state is not CertificateState.SIGNED:
        return
    command, now = session.get_one(StationCommand, command_id), clock.now()
    if command.state is CommandState.ACCEPTED:
        _put_in_force(row)
    elif command.state in (CommandState.EXPIRED, CommandState.CANCELLED):  # it was never sent
        row.state, row.ended_at = CertificateState.REVOKED, now
    elif command.state in (CommandState.REFUSED, CommandState.FAILED):
        row.state, row.ended_at = CertificateState.REFUSED, now
    tell("station", row.station_id)


@use_case
def take_over_certificate(actor: Actor, certificate_id: CertificateId) -> None:
    """The station connected with a certificate that it never acknowledged: so it has it, and it is in force."""
    system(actor)
    row = db.session().get(StationCertificate, certificate_id, with_for_update=True, populate_existing=True)
    if row is not None and row.state is CertificateState.SIGNED:
        _put_in_force(row)
        tell("station", row.station_id)


@use_case
def bring_certificate(actor: Actor, station_id: StationId, *, certificate: str) -> StationCertificate:
    """Let a station connect with a certificate of its own that somebody else signed, exactly this one.

    Raises Invalid for `certificate`: `not_a_certificate`, `certificate_expired`, `taken` where it has it already.
    """
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id)
    found, now, session = certificate_in(certificate), clock.now(), db.session()
    if found is None:
        raise Invalid(certificate="not_a_certificate")
    if found.not_valid_after_utc <= now:
        raise Invalid(certificate="certificate_expired")
    known = select(StationCertificate.id).where(
        StationCertificate.station_id == station.id, StationCertificate.fingerprint == fingerprint(found)
    )
    if session.scalar(known) is not None:
        raise Invalid(certificate="taken")
    row = StationCertificate(
        account_id=station.account_id,
        station_id=station.id,
        state=CertificateState.IN_FORCE,
        certificate=written(found),
        fingerprint=fingerprint(found),
        serial_number=serial_number(found),
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
        requested_at=now,
        in_force_at=now,
    )
    session.add(row)
    session.flush()
    tell("station", station.id)
    return row


@use_case
def revoke_certificate(actor: Actor, certificate_id: CertificateId) -> StationCertificate:
    """Take a certificate back: it opens no connection any more, and the one that is open ends."""
    row = allowed(actor, Right.MANAGE_STATIONS, StationCertificate, certificate_id, lock=True)
    if row.state.opens or row.state is CertificateState.REPLACED:
        row.state, row.ended_at = CertificateState.REVOKED, clock.now()
        end_logins(db.session().get_one(Station, row.station_id))
        tell("station", row.station_id)
    return row


def _put_in_force(row: StationCertificate) -> None:
    """This one from now on; the ones that we signed before it open for a few days more."""
    others = update(StationCertificate).where(
        StationCertificate.station_id == row.station_id,
        StationCertificate.id != row.id,
        StationCertificate.state.in_([CertificateState.SIGNED, CertificateState.IN_FORCE]),
        StationCertificate.authority_id.is_not(None),
    )
    ended = {"state": CertificateState.REPLACED, "ended_at": clock.now() + OLD_ONE_OPENS}
    db.session().execute(others.values(ended).execution_options(synchronize_session="fetch"))
    row.state, row.in_force_at = CertificateState.IN_FORCE, clock.now()


def _problem(station_id: UUID, request: str) -> CertificateProblem | None:
    session = db.session()
    lately = select(func.count()).where(
        StationCertificate.station_id == station_id, StationCertificate.requested_at > clock.now() - timedelta(hours=1)
    )
    if (session.scalar(lately) or 0) >= MOST_PER_HOUR:
        return CertificateProblem.TOO_MANY
    found = request_in(request)
    if found is None:
        return CertificateProblem.UNREADABLE
    station = session.execute(select(Station.identity, Station.serial).where(Station.id == station_id)).one()
    return problem_of(
        found, names=(station.identity, station.serial), organisation=known_setting(station_id, "CpoName")
    )
