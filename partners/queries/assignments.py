"""Which partner may work on which stations until when, as its operator and as the partner itself see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from accounts import access
from accounts.access import Actor, allowed_in, visible, within
from accounts.models import Account, Grant, Invitation, StationGroupMember
from accounts.rights import Right
from accounts.values import AccountId, InvitationState
from kit import clock, db
from kit.paging import follows
from kit.use_case import query
from partners.models import CommissioningReport, Partner, PartnerAssignment
from partners.values import AssignmentId, AssignmentState
from stations.models import Connector, Station
from stations.queries.states import shown_state
from stations.values import ShownState

MOST = 500


@dataclass(frozen=True)
class AssignmentRow:
    """One access: who works where, how far that is. `answered_by`: to whom the invitation went."""

    assignment: PartnerAssignment
    partner: Partner
    account: str
    state: AssignmentState
    answerer: str
    stations: tuple[str, ...]


@dataclass(frozen=True)
class Installation:
    """A station that a partner may work on now. `reported_at`: its newest report; without one, that is to be done."""

    station: Station
    account: str
    states: tuple[ShownState, ...]
    ends_at: datetime
    assignment_id: UUID
    reported_at: datetime | None

    @property
    def connected(self) -> bool:
        """Whether its socket is open."""
        return self.station.connected_at is not None


@query
def assignments(
    actor: Actor, account_id: AccountId, *, before: UUID | None = None, limit: int = MOST
) -> list[AssignmentRow]:
    """Which partners work, worked or were asked to work in an account and those below it; the newest first. `before`:
    the last one of the page before.
    """
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    return _rows(within(PartnerAssignment, account_id), *_before(before), limit=limit)


@query
def own_assignments(
    actor: Actor, account_id: AccountId, *, before: UUID | None = None, limit: int = MOST
) -> list[AssignmentRow]:
    """What operators gave or offered to the partner that this account is; the newest first."""
    allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    return _rows(Partner.account_id == account_id, *_before(before), limit=limit)


@query
def installations(actor: Actor, account_id: AccountId) -> list[Installation]:
    """The stations on which the partner that this account is may work now, by the end of its access."""
    allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    by_end = (PartnerAssignment.ends_at, Account.name, Station.name, Station.id)
    return _installations(actor, _installed(account_id).order_by(*by_end).limit(MOST))


@query
def installations_after(
    actor: Actor, account_id: AccountId, *, after: tuple[str, UUID] | None = None, limit: int
) -> list[Installation]:
    """The same by the names of the stations, page by page; `after`: name and id of the last one."""
    allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    wanted = _installed(account_id).order_by(func.lower(Station.name), Station.id, PartnerAssignment.id).limit(limit)
    return _installations(actor, wanted if after is None else wanted.where(follows(Station.name, Station.id, after)))


def _installed(account_id: AccountId) -> Select[Station, str, PartnerAssignment]:
    return (
        select(Station, Account.name, PartnerAssignment)
        .join(Account, Account.id == Station.account_id)
        .join(StationGroupMember, StationGroupMember.station_id == Station.id)
        .join(PartnerAssignment, PartnerAssignment.group_id == StationGroupMember.group_id)
        .join(Partner, Partner.id == PartnerAssignment.partner_id)
        .join(Invitation, Invitation.id == PartnerAssignment.invitation_id)
        .join(Grant, Grant.id == Invitation.grant_id)
        .where(Partner.account_id == account_id, Grant.revoked_at.is_(None), Grant.ends_at > clock.now())
    )


def _installations(actor: Actor, wanted: Select[Station, str, PartnerAssignment]) -> list[Installation]:
    rows = list(db.session().execute(visible(actor, Right.VIEW_STATIONS, wanted, Station)))
    reported, states = _reported([row[0].id for row in rows]), _states([row[0] for row in rows])
    return [
        Installation(station, account, states.get(station.id, ()), given.ends_at, given.id, reported.get(station.id))
        for station, account, given in rows
    ]


@query
def assignments_to_dissolve(actor: Actor) -> list[AssignmentId]:
    """Accesses that are over, whose group of stations still stands."""
    access.system(actor)
    rows = _rows(PartnerAssignment.dissolved_at.is_(None))
    over = (AssignmentState.ENDED, AssignmentState.DECLINED)
    return [AssignmentId(row.assignment.id) for row in rows if row.state in over]


def _before(last: UUID | None) -> list[ColumnElement[bool]]:
    return [] if last is None else [PartnerAssignment.id < last]


def _rows(*conditions: ColumnElement[bool], limit: int = MOST) -> list[AssignmentRow]:
    joined = (
        select(PartnerAssignment, Partner, Account.name, Invitation, Grant)
        .join(Partner, Partner.id == PartnerAssignment.partner_id)
        .join(Account, Account.id == PartnerAssignment.account_id)
        .join(Invitation, Invitation.id == PartnerAssignment.invitation_id)
        .outerjoin(Grant, Grant.id == Invitation.grant_id)
        .where(*conditions)
        .order_by(PartnerAssignment.id.desc())
        .limit(limit)
    )
    rows = list(db.session().execute(joined))
    names = _station_names([row[0].group_id for row in rows])
    return [
        AssignmentRow(
            assignment=assignment,
            partner=partner,
            account=account,
            state=_state(invitation, grant),
            answerer=invitation.email,
            stations=names.get(assignment.group_id, ()),
        )
        for assignment, partner, account, invitation, grant in rows
    ]


def _state(invitation: Invitation, grant: Grant | None) -> AssignmentState:
    now = clock.now()
    if invitation.state is InvitationState.DECLINED:
        return AssignmentState.DECLINED
    if invitation.state is InvitationState.OPEN:
        waits = invitation.expires_at > now and (invitation.ends_at is None or invitation.ends_at > now)
        return AssignmentState.INVITED if waits else AssignmentState.ENDED
    if grant is None or grant.revoked_at is not None or (grant.ends_at is not None and grant.ends_at <= now):
        return AssignmentState.ENDED
    return AssignmentState.ACTIVE


def _station_names(group_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    joined = (
        select(StationGroupMember.group_id, Station.name)
        .join(Station, Station.id == StationGroupMember.station_id)
        .where(StationGroupMember.group_id.in_(group_ids))
        .order_by(Station.name, Station.id)
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for group_id, name in db.session().execute(joined):
        found[group_id] = (*found.get(group_id, ()), name)
    return found


def _reported(station_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    reports = (
        select(CommissioningReport.station_id, CommissioningReport.signed_at)
        .where(CommissioningReport.station_id.in_(station_ids))
        .order_by(CommissioningReport.signed_at)
    )
    return dict(iter(db.session().execute(reports)))


def _states(stations: Sequence[Station]) -> dict[UUID, tuple[ShownState, ...]]:
    by_id, now = {station.id: station for station in stations}, clock.now()
    plugs = select(Connector).where(Connector.station_id.in_(by_id), Connector.number > 0).order_by(Connector.number)
    found: dict[UUID, tuple[ShownState, ...]] = {}
    for one in db.session().scalars(plugs):
        shown = shown_state(one, by_id[one.station_id], now)
        found[one.station_id] = (*found.get(one.station_id, ()), shown)
    return found
