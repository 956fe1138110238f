"""Linking an account with its namesake at smart-me, from our side."""

from sqlalchemy import select

from accounts.access import Actor, ActorKind, allowed, oneself, system
from accounts.models import Account
from accounts.openid import Claims
from accounts.rights import Right
from accounts.use_cases import create_account, link_identity
from accounts.values import AccountId
from kit import clock, db
from kit.errors import NotFound
from kit.events import record
from kit.use_case import use_case
from smart_me.errors import LinkedElsewhere
from smart_me.events import AccountWanted
from smart_me.models import SmartMeLink
from smart_me.queries.links import link_of
from smart_me.values import ISSUER, LinkId, LinkState, Person, Tokens


@use_case
def want_account(actor: Actor, account_id: AccountId) -> SmartMeLink:
    """Ask smart-me for an account of the same name: that of this account's e-mail. Asked again, it is the same wish."""
    account = allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    row = link_of(account_id)
    if row is None:
        row = SmartMeLink(
            account_id=account_id,
            name=account.contact_email,
            email=account.contact_email,
            state=LinkState.WANTED,
            begun_at=clock.now(),
        )
        db.session().add(row)
        db.session().flush()
        record(AccountWanted(link_id=row.id))
    return row


@use_case
def link_made(actor: Actor, link_id: LinkId, person: Person) -> None:
    """smart-me made the account that we asked for. Told twice, it is the same."""
    system(actor)
    row = _locked(link_id)
    if row.state is LinkState.WANTED:
        _settle(row, person)


@use_case
def link_refused(actor: Actor, link_id: LinkId) -> None:
    """smart-me has an account of that name: its owner has to prove it by signing in there."""
    system(actor)
    row = _locked(link_id)
    if row.state is LinkState.WANTED:
        row.state = LinkState.TAKEN


@use_case
def connect_account(actor: Actor, account_id: AccountId, person: Person, tokens: Tokens) -> SmartMeLink:
    """The signed-in person signed in at smart-me, too: link the account with theirs, and let them sign in there from
    now on. Raises LinkedElsewhere, CheckNeeded.
    """
    allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    row = link_of(account_id)
    same = _of_subject(person.subject)
    if same is not None and same is not row:
        if same.state is not LinkState.UNDECIDED:
            raise LinkedElsewhere()
        db.session().delete(same)
        db.session().flush()
    if row is not None and row.subject not in (None, person.subject):
        raise LinkedElsewhere()
    if row is None:
        row = SmartMeLink(account_id=account_id, begun_at=clock.now())
        db.session().add(row)
    _settle(row, person)
    row.keep(tokens)
    link_identity(actor, ISSUER, Claims(person.subject, person.email, email_verified=False, name=person.name))
    return row


@use_case
def decide(actor: Actor, link_id: LinkId, account_id: AccountId | None) -> SmartMeLink:
    """Say which account here the one is that smart-me told of; None: it gets a new one of the same name.

    Raises LinkedElsewhere where that account has another already.
    """
    row = _mine(actor, link_id)
    account_id = account_id or AccountId(create_account(actor, name=row.name).id)
    allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    other = link_of(account_id)
    if other is not None:
        if other.linked:
            raise LinkedElsewhere()
        db.session().delete(other)
        db.session().flush()
    row.account_id, row.user_id = account_id, None
    row.state, row.linked_at = LinkState.LINKED, clock.now()
    return row


@use_case
def dismiss(actor: Actor, link_id: LinkId) -> None:
    """The account that smart-me told of has nothing to do with those here."""
    db.session().delete(_mine(actor, link_id))


@use_case
def unlink(actor: Actor, account_id: AccountId) -> None:
    """The account has nothing to do with smart-me any more; our tokens go. Nothing changes at smart-me."""
    allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id)
    row = link_of(account_id)
    if row is not None:
        db.session().delete(row)


@use_case
def set_zev(actor: Actor, account_id: AccountId, *, zev: bool) -> SmartMeLink:
    """Say that the power of a ZEV is billed in this account at smart-me, or not any more. Raises NotFound."""
    allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id)
    row = link_of(account_id)
    if row is None:
        raise NotFound()
    row.zev = zev
    return row


@use_case
def renewed(actor: Actor, link_id: LinkId, tokens: Tokens) -> None:
    """smart-me gave new tokens."""
    system(actor)
    _locked(link_id).keep(tokens)


@use_case
def lose(actor: Actor, link_id: LinkId) -> None:
    """smart-me does not take our tokens any more: somebody has to sign in there again. The rules hold all the same."""
    system(actor)
    row = _locked(link_id)
    if row.state is LinkState.LINKED:
        row.state, row.tokens, row.tokens_expire_at = LinkState.LOST, None, None


def _settle(row: SmartMeLink, person: Person) -> None:
    row.subject, row.name, row.email = person.subject, person.name, person.email
    row.state, row.linked_at = LinkState.LINKED, clock.now()


def _mine(actor: Actor, link_id: LinkId) -> SmartMeLink:
    row = db.session().get(SmartMeLink, link_id, with_for_update=True)
    if row is None or row.user_id is None or row.state is not LinkState.UNDECIDED:
        raise NotFound()
    oneself(actor, ActorKind.USER, row.user_id)
    return row


def _of_subject(subject: str) -> SmartMeLink | None:
    return db.session().scalar(select(SmartMeLink).where(SmartMeLink.subject == subject))


def _locked(link_id: LinkId) -> SmartMeLink:
    row = db.session().get(SmartMeLink, link_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound()
    return row
