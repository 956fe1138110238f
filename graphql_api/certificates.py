"""Certificates and security events of stations, and the platform's own certificates."""

from datetime import datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

import strawberry

from graphql_api.commands import Command, CommandResult, command
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account, of_station
from graphql_api.words import SecurityProfile
from kit.errors import NotFound
from stations import queries, use_cases
from stations.queries import InstalledRoot, OwnCertificate, SecurityEventRow
from stations.use_cases import request_command
from stations.values import (
    Action,
    AuthorityKind,
    CertificateId,
    CertificateProblem,
    CertificateState,
    InstalledId,
    InstalledKind,
    StationId,
)

strawberry.enum(CertificateState, name="CertificateState")
strawberry.enum(CertificateProblem, name="CertificateProblem", description="Why a request was declined.")
strawberry.enum(InstalledKind, name="RootKind", description="What a root certificate on a station is for.")
strawberry.enum(AuthorityKind, name="AuthorityKind")


@strawberry.type(description="A station's own certificate, or its request for one.")
class StationCertificate:
    """A certificate. `certificate` is PEM."""

    id: UUID
    station_id: UUID
    state: CertificateState
    problem: CertificateProblem | None
    name: str
    issuer: str
    opens: bool = strawberry.field(description="Whether the station can connect with it now.")
    certificate: str | None
    serial_number: str | None
    fingerprint: str | None = strawberry.field(description="SHA-256, in hex.")
    not_before: datetime | None
    not_after: datetime | None
    requested_at: datetime
    in_force_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, own: OwnCertificate) -> Self:
        """The certificate as the schema shows it."""
        row = own.certificate
        same = ("name", "issuer", "opens")
        facts = {name: getattr(row, name) for name in cls.__annotations__ if name not in same}
        return cls(name=own.name, issuer=own.issuer, opens=own.opens, **facts)


@strawberry.type(description="A root certificate on a station, named by hashes as the station names it.")
class InstalledCertificate:
    """A root. `certificate` is PEM, known where it was installed from here."""

    id: UUID
    kind: InstalledKind
    name: str
    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str
    certificate: str | None
    seen_at: datetime

    @classmethod
    def of(cls, root: InstalledRoot) -> Self:
        """The root as the schema shows it."""
        facts = {name: getattr(root.installed, name) for name in cls.__annotations__ if name != "name"}
        return cls(name=root.name, **facts)


@strawberry.type(description="How a station proves who it is, and whom it trusts.")
class StationSecurity:
    """The safety of a station's connection."""

    station_id: UUID
    profile: SecurityProfile
    told_profile: SecurityProfile | None = strawberry.field(description="A higher one that it was told to take.")
    own: list[StationCertificate]
    installed: list[InstalledCertificate]


@strawberry.type(description="Something that a station reported about its own safety.")
class SecurityEvent:
    """An event. `kind` is the station's word; `critical` what the standard says of it."""

    id: UUID
    account_id: UUID
    station_id: UUID
    station_name: str
    kind: str
    tech_info: str
    critical: bool
    station_at: datetime | None = strawberry.field(description="By the station's clock.")
    at: datetime

    @classmethod
    def of(cls, row: SecurityEventRow) -> Self:
        """The event as the schema shows it."""
        event = row.event
        same = ("station_name", "critical")
        facts = {name: getattr(event, name) for name in cls.__annotations__ if name not in same}
        return cls(station_name=row.station_name, critical=row.critical, **facts)


@strawberry.type(description="A root or issuing certificate of the platform, for its staff.")
class AuthorityCertificate:
    """A certificate. `certificate` is PEM."""

    id: UUID
    kind: AuthorityKind
    number: int
    certificate: str
    not_after: datetime


@strawberry.type(description="The files for the proxy (PEM).")
class ProxyFiles:
    """Who may sign stations' certificates, and what was revoked."""

    authorities: str
    revocations: str


SecurityResult = Annotated[StationSecurity | Problem, strawberry.union("StationSecurityResult")]
AuthorityResult = Annotated[AuthorityCertificate | Problem, strawberry.union("AuthorityCertificateResult")]


def _security(info: Info, station_id: UUID) -> StationSecurity:
    found = queries.station_certificates(info.context.actor, StationId(station_id))
    return StationSecurity(
        station_id=found.station.id,
        profile=found.station.security_profile,
        told_profile=found.station.next_security_profile,
        own=[StationCertificate.of(own) for own in found.own],
        installed=[InstalledCertificate.of(root) for root in found.installed],
    )


def _send(info: Info, station_id: UUID, action: Action, **payload: str) -> Command:
    return command(request_command(info.context.actor, StationId(station_id), action, payload))


@strawberry.type
class CertificateQueries:
    """Reading certificates and events."""

    @strawberry.field(description="How a station proves who it is, and whom it trusts.")
    def station_security(self, info: Info, station_id: UUID) -> StationSecurity:
        """One station."""
        return _security(info, station_id)

    @strawberry.field(description="The newest security events by their arrival.")
    def security_events(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        account_id: UUID | None = None,
        station_id: UUID | None = None,
        critical: bool = False,
    ) -> Connection[SecurityEvent]:
        """One page of the events that the caller sees."""
        load = partial(
            queries.security_events,
            info.context.actor,
            account_id=in_account(info, account_id),
            station_id=of_station(info, station_id),
            critical=critical,
        )
        return newest_first(info, (first, after), load, SecurityEvent.of)

    @strawberry.field(description="The platform's own certificates; the ones that sign now first. For its staff.")
    def authority_certificates(self, info: Info) -> list[AuthorityCertificate]:
        """All of them."""
        return [_authority(row) for row in queries.authorities(info.context.actor)]

    @strawberry.field(description="What the proxy needs to check stations' certificates. For staff.")
    def proxy_files(self, info: Info) -> ProxyFiles:
        """Both files as of now."""
        files = queries.proxy_files(info.context.actor)
        if files is None:
            raise NotFound()
        return ProxyFiles(authorities=files.authorities, revocations=files.revocations)


def _authority(row: object) -> AuthorityCertificate:
    return AuthorityCertificate(**{name: getattr(row, name) for name in AuthorityCertificate.__annotations__})


@strawberry.type
class CertificateMutations:
    """Changing certificates."""

    @strawberry.mutation(description="Ask a station to ask for a new certificate (ExtendedTriggerMessage).")
    @refusable
    def request_station_certificate(self, info: Info, station_id: UUID) -> CommandResult:
        """A question."""
        return _send(info, station_id, Action.EXTENDED_TRIGGER_MESSAGE, requestedMessage="SignChargePointCertificate")

    @strawberry.mutation(description="Let a station connect with exactly this certificate (PEM), whoever signed it.")
    @refusable
    def bring_station_certificate(self, info: Info, station_id: UUID, certificate: str) -> SecurityResult:
        """A certificate from elsewhere."""
        use_cases.bring_certificate(info.context.actor, StationId(station_id), certificate=certificate)
        return _security(info, station_id)

    @strawberry.mutation(description="Take a station's certificate back; the open connection ends.")
    @refusable
    def revoke_station_certificate(self, info: Info, id: UUID) -> SecurityResult:
        """A revocation."""
        row = use_cases.revoke_certificate(info.context.actor, CertificateId(id))
        return _security(info, row.station_id)

    @strawberry.mutation(description="Install a root certificate (PEM) on a station.")
    @refusable
    def install_root(self, info: Info, station_id: UUID, kind: InstalledKind, certificate: str) -> CommandResult:
        """A root."""
        return _send(info, station_id, Action.INSTALL_CERTIFICATE, certificateType=kind.value, certificate=certificate)

    @strawberry.mutation(description="Ask a station which roots of a kind it has; then ask for `stationSecurity`.")
    @refusable
    def read_roots(self, info: Info, station_id: UUID, kind: InstalledKind) -> CommandResult:
        """A question."""
        return _send(info, station_id, Action.GET_INSTALLED_CERTIFICATE_IDS, certificateType=kind.value)

    @strawberry.mutation(description="Tell a station to drop a root, by the id of an installed certificate.")
    @refusable
    def delete_root(self, info: Info, id: UUID) -> CommandResult:
        """A deletion."""
        return command(use_cases.delete_installed(info.context.actor, InstalledId(id)))

    @strawberry.mutation(description="Send a station a new random password (AuthorizationKey, in hex).")
    @refusable
    def push_station_password(self, info: Info, station_id: UUID) -> CommandResult:
        """A new password."""
        return command(use_cases.push_password(info.context.actor, StationId(station_id)))

    @strawberry.mutation(
        description="Lead a station to a higher security profile: it is told, restarted when it agrees, and the old "
        "profile is refused once it has come with the new one."
    )
    @refusable
    def raise_security_profile(self, info: Info, station_id: UUID, profile: SecurityProfile) -> CommandResult:
        """A raise."""
        return command(use_cases.raise_security_profile(info.context.actor, StationId(station_id), profile=profile))

    @strawberry.mutation(
        description="Say what a station has to prove from now on. Tells the station nothing: `raiseSecurityProfile` "
        "does."
    )
    @refusable
    def set_security_profile(self, info: Info, station_id: UUID, profile: SecurityProfile) -> SecurityResult:
        """A profile."""
        use_cases.set_security_profile(info.context.actor, StationId(station_id), profile=profile)
        return _security(info, station_id)

    @strawberry.mutation(description="Make a new issuing certificate, below a new root if `root` says so. For staff.")
    @refusable
    def renew_authority(self, info: Info, root: bool = False) -> AuthorityResult:
        """A renewal."""
        return _authority(use_cases.renew_authority(info.context.actor, root=root))
