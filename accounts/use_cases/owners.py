"""Another owner for a property: what of the old one's ends, and where his own period is kept for him."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, inspect, select, update

from accounts import shares, tree
from accounts.access import Actor, system
from accounts.models import (
    Account,
    ApiClient,
    ApiToken,
    Grant,
    IdentityProvider,
    Invitation,
    Login,
    OwnRole,
    OwnRoleRight,
    SignInRule,
    StationGroup,
    StationGroupMember,
    User,
)
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.use_cases.browsers import end_logins_of
from accounts.use_cases.company_logins import forget_company_login
from accounts.use_cases.grants import end, terms_rights
from accounts.values import AccountId, AccountKind, InvitationState, UserId
from kit import clock, db, notes
from kit.ids import new_id
from kit.use_case import use_case

_OF_THE_ARCHIVE = ("id", "code", "name", "parent_id", "created_at", "suspended_at", "closed_at")


@use_case
def change_owner(
    actor: Actor,
    account_id: AccountId,
    *,
    user_id: UserId,
    archive_name: str,
    look_back_name: str,
    station_ids: Collection[UUID],
    by: str,
) -> Account:
    """Let an account belong to this person alone, below no master. The answer is a new account without stations where
    the old owner stood: whoever saw the income until now sees it there, and can give money back, no more. Whoever read
    what was done reads it there, up to this moment.

    Seller data and fees that were agreed on go there, too; the property begins without. Its stations leave the groups
    of other accounts.
    """
    system(actor)
    account = db.session().get_one(Account, account_id, with_for_update=True)
    archive = _archive(account, archive_name, by)
    _let_look_back(account.id, archive.id, by, role_name=look_back_name)
    for left in end_everything(actor, account.id) - {user_id}:
        end_logins_of(left)
    others = select(StationGroup.id).where(StationGroup.account_id != account.id)
    theirs = StationGroupMember.group_id.in_(others), StationGroupMember.station_id.in_(station_ids)
    db.session().execute(delete(StationGroupMember).where(*theirs))
    tree.move(account, None, by=by, role=Role.OWNER)
    owner = db.session().get_one(User, user_id)
    for field in ("legal_name", "street", "postcode", "city", "uid", "contact_phone"):
        setattr(account, field, "")
    account.vat_registered, account.platform_fee_percent, account.reviewed_at = False, None, None
    account.contact_email = owner.email
    given = Grant(
        id=new_id(), user_id=owner.id, account_id=account.id, role=Role.OWNER, granted_by=by, granted_at=clock.now()
    )
    db.session().add(given)
    db.session().flush()
    shares.forget()
    notes.tell("user", owner.id)
    return archive


def _archive(account: Account, name: str, by: str) -> Account:
    """The old seller as he was, at his place in the tree; so his numbers go on where they were."""
    names = {column.key for column in inspect(Account).column_attrs} - set(_OF_THE_ARCHIVE)
    copied = {one: getattr(account, one) for one in names}
    copied["kind"] = AccountKind.PROPERTY  # nothing is added below it
    archive = Account(id=new_id(), name=name, parent_id=account.parent_id, created_at=clock.now(), **copied)
    tree.place(archive, by=by, trusting=False)
    return archive


def _let_look_back(account_id: UUID, archive_id: UUID, by: str, role_name: str) -> None:
    grants = _live(account_id, shares.whole())
    seeing = [grant for grant in grants if Right.VIEW_INCOME in terms_rights(grant)]
    reading = {_grantee(grant) for grant in seeing if Right.VIEW_AUDIT in terms_rights(grant)}
    own_role_id = _look_back_role(archive_id, role_name) if reading else None
    for user_id, holder_id in dict.fromkeys(map(_grantee, seeing)):
        given = Grant(id=new_id(), account_id=archive_id, granted_by=by, granted_at=clock.now())
        given.user_id, given.holder_id = user_id, holder_id
        if (user_id, holder_id) in reading:
            given.own_role_id = own_role_id
        else:
            given.role = Role.ACCOUNTANT
        db.session().add(given)
    db.session().flush()


def _grantee(grant: Grant) -> tuple[UUID | None, UUID | None]:
    return grant.user_id, grant.holder_id


def _look_back_role(archive_id: UUID, name: str) -> UUID:
    """An accountant who also reads what was done."""
    role = OwnRole(id=new_id(), account_id=archive_id, name=name, created_at=clock.now())
    db.session().add(role)
    db.session().flush()
    rights = ROLE_RIGHTS[Role.ACCOUNTANT] | {Right.VIEW_AUDIT}
    db.session().add_all(OwnRoleRight(own_role_id=role.id, right=right) for right in rights)
    db.session().flush()
    return role.id


def end_everything(actor: Actor, account_id: UUID) -> set[UserId]:
    """End roles here and elsewhere, offers, keys, clients and the company's own sign-in; who was here. Part of a larger
    deed.
    """
    session, now = db.session(), clock.now()
    leaving = _live(account_id)
    elsewhere = select(Grant).where(Grant.holder_id == account_id, shares.live())
    for grant in (*leaving, *session.scalars(elsewhere)):
        end(grant, by=actor)
    of_it = (Invitation.account_id == account_id, Invitation.state == InvitationState.OPEN)
    session.execute(update(Invitation).where(*of_it).values(state=InvitationState.WITHDRAWN, answered_at=now))
    for model in (ApiToken, ApiClient):
        keys = update(model).where(model.account_id == account_id, model.revoked_at.is_(None))
        for key_id in session.scalars(keys.values(revoked_at=now).returning(model.id)).all():
            notes.tell("token", key_id)
    provider = session.scalar(select(IdentityProvider).where(IdentityProvider.account_id == account_id))
    if provider is not None:
        forget_company_login(provider)
    session.execute(delete(SignInRule).where(SignInRule.account_id == account_id))
    vouched = select(Login.user_id).where(Login.only_account_id == account_id, Login.ended_at.is_(None))
    people = {grant.user_id for grant in leaving if grant.user_id is not None} | set(session.scalars(vouched))
    session.flush()
    return {UserId(user_id) for user_id in people}


def _live(account_id: UUID, *conditions: object) -> Sequence[Grant]:
    wanted = select(Grant).where(Grant.account_id == account_id, shares.live(), *conditions)  # type: ignore[arg-type]
    return db.session().scalars(wanted).all()
