"""An operator gives a partner access to stations for a while; the partner agrees; it ends by itself."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select

from accounts import access, links
from accounts import use_cases as accounts
from accounts.access import Actor, allowed
from accounts.models import Account, Grant, Invitation, User
from accounts.rights import Right, Role
from accounts.shares import live
from accounts.values import AccountId, GrantId, InvitationId, InvitationKind, InvitationState, StationGroupId
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import new_id
from kit.use_case import use_case
from partners.errors import NotTrained
from partners.models import Partner, PartnerAssignment
from partners.values import AssignmentId, PartnerId, TrainingState
from stations import use_cases as stations
from stations.models import Station
from stations.values import StationId

LONGEST_NOTE, LONGEST_NAME = 500, 40


@use_case
def invite_partner(
    actor: Actor,
    account_id: AccountId,
    partner_id: PartnerId,
    *,
    station_ids: Collection[StationId],
    ends_at: datetime,
    note: str = "",
) -> list[PartnerAssignment]:
    """Offer a partner the installer's role on these stations until then; one offer for each account they belong to.

    The stations are of the account or of those below it. Raises NotTrained, Invalid, Conflict, MoreThanOneHolds.
    """
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id)
    partner = db.session().get(Partner, partner_id)
    if partner is None:
        raise NotFound()
    if partner.training is not TrainingState.TRAINED:
        raise NotTrained()
    if len(note) > LONGEST_NOTE:
        raise Invalid(note="too_long")
    places = _by_account(actor, account_id, station_ids)
    if partner.account_id in places:
        raise Invalid(station_ids="own_stations")
    return [_invite(actor, partner, place, chosen, ends_at, note.strip()) for place, chosen in places.items()]


@use_case
def accept_assignment(actor: Actor, assignment_id: AssignmentId) -> PartnerAssignment:
    """The partner takes the stations on, by the person to whom the invitation went. Raises OtherPerson, LinkExpired."""
    assignment, partner = _of_partner(actor, Right.MANAGE_PEOPLE, assignment_id)
    accounts.accept_invitation(actor, _token(assignment), account_id=AccountId(partner.account_id))
    return assignment


@use_case
def decline_assignment(actor: Actor, assignment_id: AssignmentId) -> PartnerAssignment:
    """The partner has no time, or gives the stations back before the end. Raises LinkExpired."""
    assignment, _partner = _of_partner(actor, Right.MANAGE_PEOPLE, assignment_id)
    invitation = db.session().get_one(Invitation, assignment.invitation_id)
    if invitation.state is InvitationState.OPEN:
        accounts.decline_invitation(actor, _token(assignment))
    else:
        _revoke(actor, invitation)
    return assignment


@use_case
def end_assignment(actor: Actor, assignment_id: AssignmentId) -> PartnerAssignment:
    """The operator takes the stations back at once; twice is harmless."""
    assignment = allowed(actor, Right.MANAGE_PEOPLE, PartnerAssignment, assignment_id, lock=True)
    invitation = db.session().get_one(Invitation, assignment.invitation_id)
    accounts.withdraw_invitation(actor, InvitationId(invitation.id))
    _revoke(actor, invitation)
    return assignment


@use_case
def dissolve_assignment(actor: Actor, assignment_id: AssignmentId) -> None:
    """Put the group of stations away once no role counts on it any more; twice is harmless. Raises Conflict."""
    access.system(actor)
    assignment = db.session().get_one(PartnerAssignment, assignment_id, with_for_update=True)
    if assignment.dissolved_at is None:
        accounts.remove_station_group(actor, StationGroupId(assignment.group_id))
        assignment.dissolved_at = clock.now()


def _invite(
    actor: Actor, partner: Partner, place: AccountId, chosen: list[StationId], ends_at: datetime, note: str
) -> PartnerAssignment:
    group = accounts.create_station_group(actor, place, name=_group_name(partner, place))
    db.session().flush()
    stations.group_stations(actor, StationGroupId(group.id), station_ids=chosen)
    sent = accounts.invite(
        actor,
        place,
        email=_answerer(partner),
        kind=InvitationKind.COMPANY,
        name=partner.name,
        role=Role.INSTALLER,
        group_id=group.id,
        ends_at=ends_at,
    )
    db.session().flush()
    assignment = PartnerAssignment(
        id=new_id(),
        partner_id=partner.id,
        account_id=place,
        invitation_id=sent.id,
        group_id=group.id,
        note=note,
        invited_by=actor.reference,
        invited_at=clock.now(),
        ends_at=ends_at,
    )
    db.session().add(assignment)
    db.session().flush()
    return assignment


def _by_account(
    actor: Actor, account_id: AccountId, station_ids: Collection[StationId]
) -> Mapping[AccountId, list[StationId]]:
    """A role counts within one account. Raises Invalid(station_ids=...)."""
    if not station_ids:
        raise Invalid(station_ids="required")
    chosen = Station.id.in_(set(station_ids)), access.within(Station, account_id)
    wanted = access.visible(actor, Right.VIEW_STATIONS, select(Station.id, Station.account_id).where(*chosen), Station)
    places: dict[AccountId, list[StationId]] = {}
    for station_id, place in db.session().execute(wanted):
        places.setdefault(place, []).append(station_id)
    if sum(map(len, places.values())) != len(set(station_ids)):
        raise Invalid(station_ids="unknown")
    return places


def _group_name(partner: Partner, place: AccountId) -> str:
    """`Muster Elektro AG #2`: the second time that it works there."""
    same = PartnerAssignment.partner_id == partner.id, PartnerAssignment.account_id == place
    count = db.session().scalar(select(func.count()).select_from(PartnerAssignment).where(*same)) or 0
    return f"{partner.name[:LONGEST_NAME]} #{count + 1}"


def _answerer(partner: Partner) -> str:
    """Who answers invitations: the owner of the partner's account, first the one with its public address."""
    owners = (
        select(User.email)
        .join(Grant, Grant.user_id == User.id)
        .where(Grant.account_id == partner.account_id, Grant.role == Role.OWNER, live())
        .order_by(User.email != partner.email, Grant.granted_at)
    )
    return db.session().scalar(owners.limit(1)) or partner.email


def _of_partner(actor: Actor, right: Right, assignment_id: AssignmentId) -> tuple[PartnerAssignment, Partner]:
    assignment = db.session().get(PartnerAssignment, assignment_id, with_for_update=True)
    if assignment is None:
        raise NotFound()
    return assignment, allowed(actor, right, Partner, assignment.partner_id)


def _revoke(actor: Actor, invitation: Invitation) -> None:
    if invitation.grant_id is not None:
        accounts.revoke_grant(actor, GrantId(invitation.grant_id))


def _token(assignment: PartnerAssignment) -> str:
    invitation: Invitation = db.session().get_one(Invitation, assignment.invitation_id)
    if invitation.state is not InvitationState.OPEN:
        raise Conflict("answered_already")
    return links.offer(invitation).rpartition("/")[2]
