"""Accounts and what stands on their receipts."""

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import select

from accounts import access, tax_numbers, tree
from accounts.access import Actor, ActorKind, allowed
from accounts.addresses import clean_email
from accounts.bounds import must_have_owner, must_hold
from accounts.errors import BelowItself, NoPlaceBeside, NotAMaster
from accounts.events import TimeZoneChanged
from accounts.models import Account, Grant, User
from accounts.rights import Right, Role
from accounts.values import LANGUAGES, AccountId, AccountKind
from kit import clock, db
from kit.errors import Invalid, NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case

LONGEST = {"name": 120, "legal_name": 200, "street": 200, "postcode": 20, "city": 120, "contact_phone": 40}
CURRENCIES = ("CHF", "EUR")
# what a master can be given for good: an installer comes for a while, an API client is a program
MASTER_ROLES = tuple(role for role in Role if role not in (Role.INSTALLER, Role.API_CLIENT))


class AccountChanges(TypedDict, total=False):
    """What can be changed of an account; what is not named stays."""

    name: str
    legal_name: str
    street: str
    postcode: str
    city: str
    country: str
    contact_email: str
    contact_phone: str
    time_zone: str
    language: str
    uid: str
    vat_registered: bool


_REVIEWED = ("legal_name", "country", "uid")
_INHERITED = ("legal_name", "street", "postcode", "city", "country", "contact_email", "contact_phone")
_INHERITED_CHOICES = ("time_zone", "language", "currency", "uid", "vat_registered")


@use_case
def create_account(actor: Actor, *, name: str, language: str = "de") -> Account:
    """A new master account; the signed-in person becomes its owner."""
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    owner = db.session().get(User, actor.id)
    assert owner is not None
    return add_master(name, owner=owner, language=language)


@use_case
def create_property(actor: Actor, parent_id: AccountId, **facts: Unpack[AccountChanges]) -> Account:
    """A property under a master account; `name` is required. Seller data that is not given is taken over from the
    master, once.

    Raises NotAMaster, Invalid.
    """
    return _add_below(actor, parent_id, AccountKind.PROPERTY, facts)


@use_case
def create_branch(actor: Actor, parent_id: AccountId, *, name: str) -> Account:
    """A master account below another one, for instance a branch of an administration; it takes over the seller data.

    Raises NotAMaster, Invalid.
    """
    return _add_below(actor, parent_id, AccountKind.MASTER, {"name": name})


@use_case
def create_beside(actor: Actor, account_id: AccountId, *, name: str) -> Account:
    """An account of that name that sells in the same name as this one: under the same master or, where the actor may
    add nothing to that, by itself with the actor as its owner. Asked for again, it is the same one.

    Raises NoPlaceBeside for programs that may add nothing there, Invalid(name=).
    """
    account = allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    master_id = account.id if account.kind is AccountKind.MASTER else account.parent_id
    below = master_id if master_id is not None and access.can(actor, Right.MANAGE_ACCOUNT, master_id) else None
    if below is None and (actor.kind is not ActorKind.USER or actor.id is None):
        raise NoPlaceBeside()
    same = select(Account).where(Account.parent_id == below, Account.name == name.strip(), Account.id != account.id)
    for known in db.session().scalars(same.order_by(Account.created_at)):
        if access.can(actor, Right.MANAGE_ACCOUNT, known.id):
            return known
    return _like(account, name, below, actor)


@use_case
def move_account(
    actor: Actor, account_id: AccountId, *, parent_id: AccountId | None, role: Role = Role.OWNER
) -> Account:
    """Put an account below another master, or below none, with all that is below it. What those had who no longer stand
    above ends; the new parent gets this role, and no more than the actor holds.

    Raises NotAMaster, BelowItself, MoreThanOneHolds, LastOwner, Invalid(role=).
    """
    account = allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id)
    if role not in MASTER_ROLES:
        raise Invalid(role="unknown")
    if parent_id is not None:
        parent = allowed(actor, Right.MANAGE_ACCOUNT, Account, parent_id)
        if parent.kind is not AccountKind.MASTER:
            raise NotAMaster()
        if parent_id in tree.below(account_id):
            raise BelowItself()
    must_hold(actor, role, account_id)
    tree.move(account, parent_id, by=actor.reference, role=role)
    for one in tree.below(account_id):
        must_have_owner(one)
    return account


@use_case
def update_account(actor: Actor, account_id: AccountId, **changes: Unpack[AccountChanges]) -> Account:
    """Change name, seller data, contact or language of an account. Raises Invalid."""
    account = allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    zone = account.time_zone
    _apply(account, changes)
    if account.time_zone != zone:
        record(TimeZoneChanged(account_id))
    return account


def add_master(name: str, *, owner: User, language: str) -> Account:
    """A master account with its first owner; part of a larger deed."""
    account = Account(
        id=new_id(),
        kind=AccountKind.MASTER,
        name="",
        country="CH",
        uid="",
        contact_email=owner.email,
        language=language,
        created_at=clock.now(),
    )
    _apply(account, {"name": name, "language": language})
    tree.place(account, by=f"user:{owner.id}")
    db.session().add(
        Grant(
            id=new_id(),
            user_id=owner.id,
            account_id=account.id,
            role=Role.OWNER,
            granted_by=f"user:{owner.id}",
            granted_at=clock.now(),
        )
    )
    return account


def _add_below(actor: Actor, parent_id: AccountId, kind: AccountKind, facts: AccountChanges) -> Account:
    parent = allowed(actor, Right.MANAGE_ACCOUNT, Account, parent_id)
    if parent.kind is not AccountKind.MASTER:
        raise NotAMaster()
    inherited = {field: getattr(parent, field) for field in (*_INHERITED, *_INHERITED_CHOICES)}
    account = Account(id=new_id(), kind=kind, parent_id=parent.id, name="", created_at=clock.now(), **inherited)
    _apply(account, facts)
    tree.place(account, by=actor.reference)
    return account


def _like(account: Account, name: str, parent_id: UUID | None, actor: Actor) -> Account:
    """A new property that has everything of this account that stands on receipts."""
    facts = {field: getattr(account, field) for field in (*_INHERITED, *_INHERITED_CHOICES)}
    new = Account(id=new_id(), kind=AccountKind.PROPERTY, parent_id=parent_id, name="", created_at=clock.now(), **facts)
    _apply(new, {"name": name})
    tree.place(new, by=actor.reference)
    if parent_id is None:
        given = {"role": Role.OWNER, "granted_by": actor.reference, "granted_at": clock.now()}
        db.session().add(Grant(id=new_id(), user_id=actor.id, account_id=new.id, **given))
        db.session().flush()
    return new


def _apply(account: Account, changes: AccountChanges) -> None:
    values = judged(account, changes)
    if any(getattr(account, field) != values.get(field, getattr(account, field)) for field in _REVIEWED):
        account.reviewed_at = None  # staff looked at somebody else
    for field, value in values.items():
        setattr(account, field, value)


def judged(account: Account, changes: Mapping[str, object]) -> dict[str, Any]:
    """The changes as the account would take them, with what they touch; nothing is changed. Raises Invalid."""
    values = {field: getattr(account, field) for field in ("name", "country", "uid", "vat_registered")}
    values |= {field: _judge(field, value) for field, value in changes.items()}
    if not values["name"]:
        raise Invalid(name="required")
    values["uid"] = tax_numbers.clean(values["uid"] or "", values["country"])
    if values["vat_registered"] and not values["uid"]:
        raise Invalid(uid="required_for_vat")
    return values


def _judge(field: str, value: Any) -> Any:
    if field == "vat_registered":
        return bool(value)
    text = " ".join(str(value).split())
    if len(text) > LONGEST.get(field, 200):
        raise Invalid(**{field: "too_long"})
    if field == "contact_email":
        return clean_email(text, field=field) if text else ""
    if field == "country":
        text = text.upper()
    choices = _CHOICES.get(field)
    if choices is not None and text not in choices:
        raise Invalid(**{field: "unknown"})
    return text


_CHOICES: dict[str, frozenset[str]] = {
    "language": frozenset(LANGUAGES),
    "country": frozenset(tax_numbers.COUNTRIES),
    "time_zone": frozenset(available_timezones()),
    "currency": frozenset(CURRENCIES),
}
