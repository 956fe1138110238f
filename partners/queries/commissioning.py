"""A station that is being put into service: how its checks stand, and the reports about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, not_, or_, select

from accounts import access
from accounts.access import Actor, allowed
from accounts.models import Account, Grant, Invitation, StationGroupMember
from accounts.rights import Right
from accounts.shares import live
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact
from charging.values import Doubt, SessionState
from kit import db
from kit.errors import NotFound
from kit.use_case import query
from partners import checks
from partners.checks import ChargeFact, Checked, ConnectorFact, Facts
from partners.models import CommissioningReport, Partner, PartnerAssignment
from partners.values import CheckState, ReportId
from stations.models import Connector, Station, StationConnection
from stations.values import ConnectorStatus, StationId

HARDWARE = ("vendor", "model", "serial", "firmware")
NOT_READY = (ConnectorStatus.UNKNOWN, ConnectorStatus.FAULTED)
OF_THE_METER = (Doubt.REGISTER_BACKWARDS, Doubt.STOP_DIFFERS, Doubt.ESTIMATED, Doubt.IMPLAUSIBLE)
MOST, MEASURED_PERCENT = 200, 110  # meters and clocks are not exact


@dataclass(frozen=True)
class Commissioning:
    """A station with its checks, and the reports so far, the newest first. `partner`: for whom the actor may sign."""

    station: Station
    account: Account
    checks: Sequence[Checked]
    reports: Sequence[CommissioningReport]
    partner: Partner | None

    @property
    def passed(self) -> bool:
        """Whether nothing is left to do."""
        return all(one.state is CheckState.PASSED for one in self.checks)


@query
def commissioning(actor: Actor, station_id: StationId) -> Commissioning:
    """How far a station is on its way into service. Raises NotFound, Forbidden."""
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    newest = (
        select(CommissioningReport)
        .where(CommissioningReport.station_id == station_id)
        .order_by(CommissioningReport.signed_at.desc())
    )
    return Commissioning(
        station=station,
        account=db.session().get_one(Account, station.account_id),
        checks=checks.judge(_facts(station)),
        reports=list(db.session().scalars(newest)),
        partner=_partner_there(actor, station_id),
    )


@query
def report(actor: Actor, report_id: ReportId) -> CommissioningReport:
    """A signed report, for whoever sees the station, and for its partner also when its access is over."""
    row = db.session().get(CommissioningReport, report_id)
    if row is None:
        raise NotFound()
    partner = db.session().get_one(Partner, row.partner_id)
    if access.can(actor, Right.VIEW_ACCOUNT, partner.account_id):
        access.allowed_in(actor, Right.VIEW_ACCOUNT, partner.account_id)
        return row
    return allowed(actor, Right.VIEW_STATIONS, CommissioningReport, report_id)


@query
def own_reports(
    actor: Actor, account_id: AccountId, *, before: UUID | None = None, limit: int = MOST
) -> list[CommissioningReport]:
    """What the partner that this account is has signed, the newest first; `before`: the last one of the page before."""
    access.allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    signed = (
        select(CommissioningReport)
        .join(Partner, Partner.id == CommissioningReport.partner_id)
        .where(Partner.account_id == account_id)
        .order_by(CommissioningReport.id.desc())
        .limit(limit)
    )
    if before is not None:
        signed = signed.where(CommissioningReport.id < before)
    return list(db.session().scalars(signed))


@query
def report_letter(actor: Actor, report_id: UUID) -> tuple[CommissioningReport, Account]:
    """For the letter: a signed report, and the operator's account."""
    access.system(actor)
    row = db.session().get(CommissioningReport, report_id)
    if row is None:
        raise NotFound()
    return row, db.session().get_one(Account, row.account_id)


def _partner_there(actor: Actor, station_id: StationId) -> Partner | None:
    """The partner for which the actor works on this station now."""
    mine = (
        select(Partner)
        .join(PartnerAssignment, PartnerAssignment.partner_id == Partner.id)
        .join(StationGroupMember, StationGroupMember.group_id == PartnerAssignment.group_id)
        .join(Invitation, Invitation.id == PartnerAssignment.invitation_id)
        .join(Grant, Grant.id == Invitation.grant_id)
        .where(
            Partner.account_id.in_(list(actor.grants)),
            StationGroupMember.station_id == station_id,
            live(),
        )
        .limit(1)
    )
    return db.session().scalar(mine)


def _facts(station: Station) -> Facts:
    refused = StationConnection.closed_at == StationConnection.opened_at
    opened = select(func.min(StationConnection.opened_at)).where(
        StationConnection.station_id == station.id, or_(StationConnection.closed_at.is_(None), not_(refused))
    )
    plugs = select(Connector).where(Connector.station_id == station.id, Connector.number > 0).order_by(Connector.number)
    return Facts(
        first_contact_at=db.session().scalar(opened) or station.connected_at,
        last_seen_at=station.last_seen_at,
        boot_at=station.boot_at,
        hardware={name: getattr(station, name) for name in HARDWARE},
        connectors=tuple(
            ConnectorFact(one.number, one.status.value, one.status not in NOT_READY, one.status_at)
            for one in db.session().scalars(plugs)
        ),
        charge=_charge(station.id),
    )


def _charge(station_id: StationId) -> ChargeFact | None:
    newest = (
        select(ChargingSession, Connector.max_power_w)
        .join(Connector, Connector.id == ChargingSession.connector_id)
        .where(ChargingSession.station_id == station_id, ChargingSession.state == SessionState.ENDED)
        .order_by(ChargingSession.ended_at.desc())
        .limit(1)
    )
    row = db.session().execute(newest).first()
    if row is None:
        return None
    session, max_power_w = row
    ended_at = session.ended_at or session.last_at
    seconds = max(1, int((ended_at - session.started_at).total_seconds()))
    of_meter = DoubtfulFact.session_id == session.id, DoubtfulFact.doubt.in_(OF_THE_METER)
    doubts = select(DoubtfulFact.doubt).where(*of_meter).order_by(DoubtfulFact.id)
    return ChargeFact(
        ended_at=ended_at,
        energy_wh=session.energy_wh or 0,
        most_wh=max_power_w * seconds * MEASURED_PERCENT // 360_000 + 1,
        meter_start_wh=session.meter_start_wh,
        meter_stop_wh=session.meter_stop_wh,
        doubts=tuple(doubt.value for doubt in db.session().scalars(doubts)),
    )
