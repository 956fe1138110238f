"""Where partners work: access given and taken, stations on their way into service, signed reports."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from accounts.values import AccountId
from graphql_api.connections import Connection, connection, name_cursor, named, newest_first, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from partners import queries, use_cases
from partners.checks import Checked
from partners.queries import AssignmentRow
from partners.queries import Installation as InstallationRow
from partners.values import AssignmentId, AssignmentState, Check, CheckState, PartnerId, ReportId
from stations.values import StationId

strawberry.enum(AssignmentState, name="PartnerAssignmentState")
strawberry.enum(Check, name="CommissioningCheckKind", description="What has to be seen before a station is in service.")
strawberry.enum(CheckState, name="CommissioningCheckState")


@strawberry.type(description="Some stations given to a partner for a while.")
class PartnerAssignment:
    """One access."""

    id: UUID
    partner_id: UUID
    partner_name: str
    account_id: UUID
    account_name: str
    state: AssignmentState
    stations: list[str] = strawberry.field(description="Their names.")
    note: str
    invited_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, row: AssignmentRow) -> Self:
        """The access as the schema shows it."""
        given = row.assignment
        return cls(
            id=given.id,
            partner_id=given.partner_id,
            partner_name=row.partner.name,
            account_id=given.account_id,
            account_name=row.account,
            state=row.state,
            stations=list(row.stations),
            note=given.note,
            invited_at=given.invited_at,
            ends_at=given.ends_at,
        )


@strawberry.type(description="A station that a partner may work on now.")
class Installation:
    """A station, until when, and whether it is reported."""

    station_id: UUID
    station_name: str
    account_name: str
    connected: bool
    ends_at: datetime
    reported_at: datetime | None

    @classmethod
    def of(cls, row: InstallationRow) -> Self:
        """The station as the schema shows it."""
        return cls(
            station_id=row.station.id,
            station_name=row.station.name,
            account_name=row.account,
            connected=row.connected,
            ends_at=row.ends_at,
            reported_at=row.reported_at,
        )


@strawberry.type(description="One check, and the facts that it was judged by.")
class CommissioningCheck:
    """How a check stands."""

    check: Check
    state: CheckState
    at: datetime | None
    facts: JSON

    @classmethod
    def of(cls, checked: Checked) -> Self:
        """The check as the schema shows it."""
        return cls(check=checked.check, state=checked.state, at=checked.at, facts=cast(JSON, checked.facts))


@strawberry.type(description="A signed report; its PDF is at `GET /commissioning-reports/<id>.pdf` with the same key.")
class CommissioningReport:
    """What was signed."""

    id: UUID
    station_id: UUID
    partner_id: UUID
    signed_at: datetime
    passed: bool
    snapshot: JSON
    sha256: str

    @classmethod
    def of(cls, row: Any) -> Self:
        """The report as the schema shows it."""
        copied = ("id", "station_id", "partner_id", "signed_at", "passed", "sha256")
        return cls(**{name: getattr(row, name) for name in copied}, snapshot=cast(JSON, row.snapshot))


@strawberry.type(description="A station on its way into service.")
class Commissioning:
    """Checks, and reports so far."""

    station_id: UUID
    checks: list[CommissioningCheck]
    reports: list[CommissioningReport]


@strawberry.type(description="One access for each account that the stations belong to.")
class PartnerAssignments:
    """What was offered."""

    ids: list[UUID]


@strawberry.type(description="The access that was answered or ended.")
class PartnerAssignmentEnd:
    """Which one."""

    id: UUID


InviteResult = Annotated[PartnerAssignments | Problem, strawberry.union("InvitePartnerResult")]
EndResult = Annotated[PartnerAssignmentEnd | Problem, strawberry.union("PartnerAssignmentResult")]
ReportResult = Annotated[CommissioningReport | Problem, strawberry.union("CommissioningReportResult")]


@strawberry.type
class InstallationQueries:
    """Reading who works where."""

    @strawberry.field(
        description="Which partners work, worked or were asked to work in an account and below; the newest first."
    )
    def partner_assignments_connection(
        self, info: Info, account_id: UUID, first: int = 20, after: str | None = None
    ) -> Connection[PartnerAssignment]:
        """A page of them."""
        actor, account = info.context.actor, AccountId(account_id)
        load = partial(queries.assignments, actor, account)
        return newest_first(info, (first, after), load, PartnerAssignment.of)

    @strawberry.field(description="What operators gave or offered to the partner that an account is; the newest first.")
    def own_partner_assignments_connection(
        self, info: Info, account_id: UUID, first: int = 20, after: str | None = None
    ) -> Connection[PartnerAssignment]:
        """A page of them."""
        actor, account = info.context.actor, AccountId(account_id)
        load = partial(queries.own_assignments, actor, account)
        return newest_first(info, (first, after), load, PartnerAssignment.of)

    @strawberry.field(description="The stations on which the partner that an account is may work now, by name.")
    def installations_connection(
        self, info: Info, account_id: UUID, first: int = 20, after: str | None = None
    ) -> Connection[Installation]:
        """A page of them."""
        size, last = page_size(info, first), read_cursor(after, named)
        rows = queries.installations_after(info.context.actor, AccountId(account_id), after=last, limit=size + 1)
        cursors = [name_cursor(row.station.name, row.station.id) for row in rows[:size]]
        return connection([Installation.of(row) for row in rows[:size]], cursors, more=len(rows) > size)

    @strawberry.field(description="What the partner that an account is has signed, the newest first.")
    def own_commissioning_reports_connection(
        self, info: Info, account_id: UUID, first: int = 20, after: str | None = None
    ) -> Connection[CommissioningReport]:
        """A page of them."""
        actor, account = info.context.actor, AccountId(account_id)
        load = partial(queries.own_reports, actor, account)
        return newest_first(info, (first, after), load, CommissioningReport.of)

    @strawberry.field(
        description="Which partners work, worked or were asked to work in an account and those below it.",
        deprecation_reason="Use `partnerAssignmentsConnection`.",
    )
    def partner_assignments(self, info: Info, account_id: UUID) -> list[PartnerAssignment]:
        """The newest first."""
        return [PartnerAssignment.of(row) for row in queries.assignments(info.context.actor, AccountId(account_id))]

    @strawberry.field(
        description="What operators gave or offered to the partner that an account is.",
        deprecation_reason="Use `ownPartnerAssignmentsConnection`.",
    )
    def own_partner_assignments(self, info: Info, account_id: UUID) -> list[PartnerAssignment]:
        """The newest first."""
        rows = queries.own_assignments(info.context.actor, AccountId(account_id))
        return [PartnerAssignment.of(row) for row in rows]

    @strawberry.field(
        description="The stations on which the partner that an account is may work now.",
        deprecation_reason="Use `installationsConnection`.",
    )
    def installations(self, info: Info, account_id: UUID) -> list[Installation]:
        """By the end of its access."""
        return [Installation.of(row) for row in queries.installations(info.context.actor, AccountId(account_id))]

    @strawberry.field(description="How far a station is on its way into service.")
    def commissioning(self, info: Info, station_id: UUID) -> Commissioning:
        """Its checks and reports."""
        found = queries.commissioning(info.context.actor, StationId(station_id))
        return Commissioning(
            station_id=found.station.id,
            checks=[CommissioningCheck.of(one) for one in found.checks],
            reports=[CommissioningReport.of(one) for one in found.reports],
        )

    @strawberry.field(
        description="What the partner that an account is has signed.",
        deprecation_reason="Use `ownCommissioningReportsConnection`.",
    )
    def own_commissioning_reports(self, info: Info, account_id: UUID) -> list[CommissioningReport]:
        """The newest first."""
        return [CommissioningReport.of(row) for row in queries.own_reports(info.context.actor, AccountId(account_id))]

    @strawberry.field(description="One signed report, also for a partner whose access is over.")
    def commissioning_report(self, info: Info, id: UUID) -> CommissioningReport:
        """What was signed."""
        return CommissioningReport.of(queries.report(info.context.actor, ReportId(id)))


@strawberry.type
class InstallationMutations:
    """Giving access, answering, signing."""

    @strawberry.mutation(
        description="Offer a partner the installer's role on some stations of an account (or of those below it) until "
        "then. It counts once the partner has agreed."
    )
    @refusable
    def invite_partner(
        self,
        info: Info,
        account_id: UUID,
        partner_id: UUID,
        station_ids: list[UUID],
        ends_at: datetime,
        note: str = "",
    ) -> InviteResult:
        """One access per account."""
        made = use_cases.invite_partner(
            info.context.actor,
            AccountId(account_id),
            PartnerId(partner_id),
            station_ids=[StationId(one) for one in station_ids],
            ends_at=ends_at,
            note=note,
        )
        return PartnerAssignments(ids=[one.id for one in made])

    @strawberry.mutation(description="Take the stations back at once.")
    @refusable
    def end_partner_assignment(self, info: Info, id: UUID) -> EndResult:
        """The operator's end."""
        return PartnerAssignmentEnd(id=use_cases.end_assignment(info.context.actor, AssignmentId(id)).id)

    @strawberry.mutation(description="Take stations on; by the person to whom the invitation went.")
    @refusable
    def accept_partner_assignment(self, info: Info, id: UUID) -> EndResult:
        """The partner agrees."""
        return PartnerAssignmentEnd(id=use_cases.accept_assignment(info.context.actor, AssignmentId(id)).id)

    @strawberry.mutation(description="Say no, or give stations back before the end.")
    @refusable
    def decline_partner_assignment(self, info: Info, id: UUID) -> EndResult:
        """The partner's end."""
        return PartnerAssignmentEnd(id=use_cases.decline_assignment(info.context.actor, AssignmentId(id)).id)

    @strawberry.mutation(
        description="Sign how the checks stand, for good. Only people sign; `remarks` are needed "
        "while a check is not passed."
    )
    @refusable
    def sign_commissioning_report(self, info: Info, station_id: UUID, remarks: str = "") -> ReportResult:
        """The report."""
        row = use_cases.sign_report(info.context.actor, StationId(station_id), remarks=remarks)
        return CommissioningReport.of(row)
