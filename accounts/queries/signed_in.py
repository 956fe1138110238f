"""The person in a browser, and what this login lets them do."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, cast, exists, null, or_, select, union
from sqlalchemy.orm import aliased

from accounts import access, tree
from accounts.access import Actor, ActorKind
from accounts.models import AccountLineage, Grant, IdentityProvider, Login, SignInRule, SupportVisit, User
from accounts.presence import PersonHere
from accounts.queries.actors import grants_of
from accounts.queries.support import holds, present
from accounts.rights import SEEN_BY_SUPPORT, Role
from accounts.secrets import fingerprint
from accounts.shares import Held, Share, live
from accounts.values import BY_PASSKEY, TWO_FACTORS, LoginId, SignInMethod, UserId
from kit import clock, db, settings
from kit.use_case import query


@dataclass(frozen=True)
class SignedIn:
    """A person with a valid login, and what they may do in it.

    `staff_waits`: they run the platform, but did not come by passkey. `second_factor_due_at`: from when on an account
    demands the second factor that this login lacks; `company_due`: an account lets them in by their company only. What
    they may do there is left out. `support_present`: support asks to see some account, or looks at one; whoever decides
    there is told.
    """

    actor: PersonHere
    user_id: UserId
    login_id: LoginId
    email: str
    name: str
    language: str
    staff: bool
    staff_waits: bool
    method: SignInMethod
    seen_at: datetime
    second_factor_due_at: datetime | None
    company_due: bool
    support_present: bool

    @property
    def shown_name(self) -> str:
        """The name, or the e-mail where there is none."""
        return self.name or self.email


@dataclass(frozen=True)
class _Demand:
    """What an account that the person reaches, or one above it, demands. `holder_id`: the account through which they
    reach it, by this role of its.
    """

    account_id: UUID
    holder_id: UUID | None
    role: Role | None
    second_factor_at: datetime | None
    company_domains: list[str] | None


@query
def signed_in(actor: Actor, login_secret: str) -> SignedIn | None:
    """The person behind a login cookie; None when the login ended. Two statements; three where anything is demanded of
    anybody, or a company vouches.
    """
    access.system(actor)
    found = db.session().execute(_person(), {"secret": fingerprint(login_secret)}).one_or_none()
    if found is None:
        return None
    user, login, visit, visits, demanded = found
    held = _reachable(login, grants_of(user.id))
    demands = _demands(user) if demanded and login.only_account_id is None else []
    weak = login.method not in TWO_FACTORS
    due = [(each.second_factor_at, each.account_id) for each in demands if each.second_factor_at is not None and weak]
    by_company = _by_company(demands, user, login, held)
    closed = by_company | {account_id for at, account_id in due if at <= clock.now()}
    staff = _is_staff(user, login)
    open_to = {account_id: roles for account_id, roles in held.items() if account_id not in closed}
    person = PersonHere(
        ActorKind.USER,
        user.id,
        open_to,
        staff,
        closed=frozenset(closed),
        login_id=LoginId(login.id),
        checked_at=login.checked_at,
    )
    if staff and visit is not None:
        person = _visiting(person, visit)
    return SignedIn(
        actor=person,
        user_id=UserId(user.id),
        login_id=LoginId(login.id),
        email=user.email,
        name=user.name,
        language=user.language,
        staff=person.staff,
        staff_waits=user.staff and not staff,
        method=login.method,
        seen_at=login.seen_at,
        second_factor_due_at=min((at for at, _ in due), default=None),
        company_due=bool(by_company),
        support_present=visits,
    )


@cache
def _person() -> Select[User, Login, SupportVisit | None, bool, bool]:
    """The person and the login, the account that they visit, whether somebody visits one now, and whether any account
    demands anything. Every page asks it.
    """
    second_factor = exists().where(SignInRule.second_factor_at.is_not(None))
    demanded = or_(second_factor, exists().where(IdentityProvider.only))
    theirs = and_(SupportVisit.id == Login.visit_id, SupportVisit.asked_by == User.id, holds())
    works = Login.secret_hash == bindparam("secret"), Login.ended_at.is_(None), Login.expires_at > db.present()
    known = or_(User.confirmed_at.is_not(None), Login.only_account_id.is_not(None))
    return (
        select(User, Login, SupportVisit, exists().where(present()), demanded)
        .join(Login, Login.user_id == User.id)
        .outerjoin(SupportVisit, theirs)
        .where(*works, known)
    )


def _demands(user: User) -> list[_Demand]:
    """What is demanded where the person has a role, and where an account has one in which they have one."""
    nobody: Any = null()
    own = select(Grant.account_id, cast(nobody, db.Id()).label("holder_id"), Grant.role)
    own = own.where(Grant.user_id == user.id, live())
    mandate, mine = aliased(Grant), aliased(Grant)
    through = select(mandate.account_id, mandate.holder_id, mandate.role).join(
        mine, and_(mine.account_id == mandate.holder_id, mine.user_id == user.id, live(mine))
    )
    reached = union(own, through.where(live(mandate))).subquery()
    of_line = AccountLineage.ancestor_id
    company = and_(IdentityProvider.account_id == of_line, IdentityProvider.only, tree.below_trusting())
    found = (
        select(reached, SignInRule.second_factor_at, IdentityProvider.domains)
        .join(AccountLineage, AccountLineage.account_id == reached.c.account_id)
        .outerjoin(SignInRule, and_(SignInRule.account_id == of_line, SignInRule.second_factor_at.is_not(None)))
        .outerjoin(IdentityProvider, company)
        .where(or_(SignInRule.account_id.is_not(None), IdentityProvider.id.is_not(None)))
    )
    return [_Demand(*row) for row in db.session().execute(found)]


def _visiting(person: PersonHere, visit: SupportVisit) -> PersonHere:
    """The same person as long as they look at an account that agreed to it: that is all they reach."""
    seen = Share(SEEN_BY_SUPPORT, via=visit.account_id)
    return replace(
        person,
        grants={visit.account_id: frozenset({seen})},
        staff=False,
        on_behalf_of=visit.account_id,
        visit_until=visit.ends_at,
    )


def _reachable(login: Login, held: dict[UUID, frozenset[Held]]) -> dict[UUID, frozenset[Held]]:
    """What this login reaches of what the person holds: where a company vouches, its account and those trusting it."""
    if login.only_account_id is None:
        return held
    below = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == login.only_account_id)
    here = set(db.session().scalars(below.where(AccountLineage.account_id.in_(held), tree.below_trusting())))
    return {account_id: roles for account_id, roles in held.items() if account_id in here}


def _by_company(demands: list[_Demand], user: User, login: Login, held: dict[UUID, frozenset[Held]]) -> set[UUID]:
    """Where what the person holds rests, because they have to come by their company; owners with a passkey need not."""
    domain = user.email.rpartition("@")[2]
    wanted = {each.account_id for each in demands if domain in (each.company_domains or ())}
    return wanted - {each.account_id for each in demands if login.method in BY_PASSKEY and _owns(each, held)}


def _owns(demand: _Demand, held: dict[UUID, frozenset[Held]]) -> bool:
    """Whether it is reached as an owner: of the account, or of one that may do everything in it."""
    return Role.OWNER in held.get(demand.holder_id or demand.account_id, ()) and demand.role is Role.OWNER


def _is_staff(user: User, login: Login) -> bool:
    """Whether this login opens the pages of the platform. The demo has no passkeys for its staff."""
    if login.only_account_id is not None:
        return False
    return user.staff and (login.method in BY_PASSKEY or settings.current().demo)
