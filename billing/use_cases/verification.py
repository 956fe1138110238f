"""How an operator is verified: his legal data, his bank account, the time he has; and how it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict, Unpack

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from sqlalchemy import select

from accounts import tax_numbers
from accounts.access import Actor, allowed, system
from accounts.models import Account
from accounts.presence import fresh_if_here
from accounts.rights import Right
from accounts.use_cases import update_account
from accounts.values import AccountId
from billing import payees
from billing.events import VerificationChanged
from billing.models import LegalChange, PayoutProfile
from billing.payments.port import BankAccount
from billing.profiles import begin_again, profile_of
from billing.values import VERIFY_WITHIN, LegalChangeState, LegalKind, VerificationState
from kit import clock, db, settings
from kit.errors import Conflict, Invalid
from kit.events import record
from kit.notes import tell
from kit.use_case import use_case


class LegalData(TypedDict):
    """Who an operator is before the law, as far as the law asks a platform for it."""

    legal_name: str
    street: str
    postcode: str
    city: str
    country: str
    uid: str
    vat_registered: bool


@dataclass(frozen=True)
class BankOrder:
    """What the provider is to be told: which of its accounts is paid out where."""

    provider: str
    account_ref: str
    bank: BankAccount
    attempt: int


def judge_legal_data(data: LegalData) -> None:
    """Refuse what is incomplete, and a UID that is none; the account judges the rest.

    Raises Invalid by field: required, not_a_uid. A UID may be missing: communities of owners often have none.
    """
    facts: Mapping[str, object] = data
    needed = ("legal_name", "street", "postcode", "city", "country")
    problems = {name: "required" for name in needed if not str(facts[name]).strip()}
    country = data["country"].strip().upper()
    try:
        tax_numbers.clean(data["uid"] if country in tax_numbers.COUNTRIES else "", country)
    except Invalid as refused:
        problems |= refused.fields
    if problems:
        raise Invalid(**problems)


@use_case
def tell_legal_data(
    actor: Actor, account_id: AccountId, *, legal_kind: LegalKind, **data: Unpack[LegalData]
) -> PayoutProfile:
    """The first step: who sells, a private person or a company. They stand on receipts as well.

    Once the provider knows the operator, kind and country stay: another kind is a wish (`request_legal_change`).
    Raises Invalid by field: required, not_a_uid, too_long, unknown, fixed.
    """
    account = allowed(actor, Right.MANAGE_PAYOUT, Account, account_id, lock=True)
    judge_legal_data(data)
    profile = profile_of(account_id)
    if profile.provider_account is not None:
        fixed = {"legal_kind": (profile.legal_kind, legal_kind), "country": (account.country, data["country"].upper())}
        problems = {name: "fixed" for name, (known, told) in fixed.items() if known not in (None, told)}
        if problems:
            raise Invalid(**problems)
    update_account(actor, account_id, **data)
    profile.legal_kind = legal_kind
    tell("account", account_id)
    return profile


@use_case
def order_bank_account(actor: Actor, account_id: AccountId, iban: str) -> BankOrder:
    """The third step: where the money goes. Nothing is changed yet, the provider is asked first (`onboarding`).

    Raises CheckNeeded; Conflict("not_connected"); Invalid(iban="required", "not_an_iban", "other_country").
    """
    account = allowed(actor, Right.MANAGE_PAYOUT, Account, account_id)
    fresh_if_here(actor)
    profile = db.session().get(PayoutProfile, account_id)
    if profile is None or profile.provider_account is None or profile.provider != settings.current().payment_provider:
        raise Conflict("not_connected")
    number = _judge_iban(iban, account.country)
    return BankOrder(profile.provider, profile.provider_account, BankAccount(number, account.currency), profile.attempt)


def _judge_iban(text: str, country: str) -> str:
    if not text.strip():
        raise Invalid(iban="required")
    try:
        iban = IBAN(text, validate_bban=True)
    except SchwiftyException as error:
        raise Invalid(iban="not_an_iban") from error
    if iban.country_code != country:
        raise Invalid(iban="other_country")
    return str(iban)


@use_case
def bank_account_taken(actor: Actor, account_id: AccountId, order: BankOrder) -> PayoutProfile:
    """The provider pays out there from now on."""
    system(actor)
    profile = profile_of(account_id)
    if profile.provider_account == order.account_ref:
        profile.bank_account, profile.bank_end = {"iban": order.bank.iban}, order.bank.iban[-4:]
    tell("account", account_id)
    return profile


@use_case
def restrict_overdue(actor: Actor, account_id: AccountId) -> bool:
    """The time of an operator is over and he told too little: nothing can be earned until he is verified.

    Whoever waits for the provider is left alone. False: nothing is overdue.
    """
    system(actor)
    profile = profile_of(account_id)
    unverified = payees.state_of(profile) is VerificationState.UNVERIFIED
    if profile.due_at is None or profile.due_at > clock.now() or not unverified:
        return False
    profile.restricted_at, profile.due_at = clock.now(), None
    _changed(profile)
    return True


@use_case
def end_verification(actor: Actor, account_id: AccountId) -> None:
    """The account belongs to somebody else from now on: who was verified, his bank account and his wishes are gone.

    It is paid for itself, never through an account above, and the new owner has VERIFY_WITHIN. What was reserved or
    runs is paid to whom it was begun with.
    """
    system(actor)
    profile = profile_of(account_id)
    begin_anew(profile)
    profile.legal_kind = None
    profile.connected_at = profile.connected_at or clock.now()
    _changed(profile)
    waiting = select(LegalChange).where(
        LegalChange.account_id == account_id, LegalChange.state == LegalChangeState.WAITING
    )
    for change in db.session().scalars(waiting):
        change.state, change.decided_at = LegalChangeState.WITHDRAWN, clock.now()
        change.decided_by = actor.reference


def begin_anew(profile: PayoutProfile) -> None:
    """Everything that the provider checked counts no more; part of a larger deed."""
    begin_again(profile)
    profile.due_at = clock.now() + VERIFY_WITHIN


def _changed(profile: PayoutProfile) -> None:
    state = payees.state_of(profile)
    record(VerificationChanged(account_id=profile.account_id, state=state.value))
    tell("account", profile.account_id)
