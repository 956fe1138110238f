"""What the sandbox's hosted pages do: a driver enters a card, proves that it is his, or turns back."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from billing.models import SandboxAccount, SandboxHold
from billing.payments.port import ProviderRefused
from billing.payments.sandbox.notices import announce, announce_account
from billing.payments.sandbox.rows import account_row, checkout_row, state_of
from billing.values import HoldState
from kit import clock, db, settings
from kit.errors import Invalid, NotFound
from kit.i18n import lazy_
from kit.ids import secret_text

HOLD_LASTS = timedelta(days=7)
CARD_DIGITS = range(13, 20)
TEST_BANK_END = "2957"


@dataclass(frozen=True)
class TestCard:
    """A card number that the sandbox knows, and what comes of it. `trick` and `decline` are codes."""

    __test__ = False

    number: str
    meaning: str
    decline: str | None = None
    trick: str = ""


CARDS = (
    TestCard("4242424242424242", lazy_("The card is accepted")),
    TestCard("4000000000000002", lazy_("The card is declined"), decline="card_declined"),
    TestCard("4000000000009995", lazy_("The card has no money left"), decline="insufficient_funds"),
    TestCard("4000002500003155", lazy_("The bank asks for a confirmation (3-D Secure)"), trick="authentication"),
    TestCard("4000000000000077", lazy_("The provider's notice comes a minute late"), trick="late_notice"),
    TestCard("4000000000000259", lazy_("The provider's notice comes twice"), trick="double_notice"),
    TestCard("4000000000000341", lazy_("The first capture fails"), trick="capture_fails_once"),
)
_KNOWN = {card.number: card for card in CARDS}


class PageStep(Enum):
    """What the page shows next: DONE and GONE lead back to the shop."""

    CARD = "card"
    AUTHENTICATE = "authenticate"
    DONE = "done"
    GONE = "gone"


@dataclass(frozen=True)
class CheckoutFacts:
    """What the page shows. `back_url`: where to go when `step` is DONE or GONE. `decline`: the last refusal."""

    ref: str
    step: PageStep
    amount_minor: int
    currency: str
    description: str
    language: str
    seller: str
    decline: str | None
    back_url: str


@dataclass(frozen=True)
class AccountFacts:
    """What the page for operators shows."""

    ref: str
    name: str
    outcome: "Outcome | None"
    bank_end: str
    payouts_held: bool


class Outcome(Enum):
    """What the provider's check of an operator comes to."""

    APPROVED = "approved"
    BY_HAND = "by_hand"
    MISSING = "missing"
    REFUSED = "refused"


def checkout_facts(ref: str) -> CheckoutFacts:
    """The page of a checkout. Raises NotFound."""
    try:
        with db.transaction(writing=False) as unit:
            row = checkout_row(unit.session, ref)
            whose = row.account_ref
            return _facts(row, account_row(unit.session, whose).name if whose else settings.current().imprint_name)
    except ProviderRefused as refusal:
        raise NotFound() from refusal


def pay(ref: str, card_number: str) -> CheckoutFacts:
    """Try a card. Raises NotFound, Invalid(card_number="invalid")."""
    digits = "".join(sign for sign in card_number if sign.isascii() and sign.isdigit())
    if len(digits) not in CARD_DIGITS or not _check_digit_fits(digits):
        raise Invalid(card_number="invalid")
    checkout_facts(ref)
    with db.transaction(writing=True) as unit:
        row = checkout_row(unit.session, ref)
        if state_of(row) is HoldState.OPEN:
            card = _KNOWN.get(digits, CARDS[0])
            row.card, row.trick = f"•••• {digits[-4:]}", card.trick
            row.hold_ref = row.hold_ref or f"sbx_hold_{secret_text(12)}"
            row.decline = card.decline
            if card.decline is not None:
                announce(unit.session, row, "hold.declined")
            elif card.trick == "authentication":
                row.state = HoldState.AUTHENTICATING
            else:
                _take(row)
                announce(unit.session, row, "hold.taken")
    return checkout_facts(ref)


def authenticate(ref: str, ok: bool) -> CheckoutFacts:
    """The driver confirmed at his bank, or did not. Raises NotFound."""
    checkout_facts(ref)
    with db.transaction(writing=True) as unit:
        row = checkout_row(unit.session, ref)
        if state_of(row) is HoldState.AUTHENTICATING:
            if ok:
                _take(row)
            else:
                row.state, row.decline = HoldState.OPEN, "authentication_failed"
            announce(unit.session, row, "hold.taken" if ok else "hold.declined")
    return checkout_facts(ref)


def give_up(ref: str) -> str:
    """Turn back to the shop without paying; the address to go to. The page stays open for another try until it ends."""
    return checkout_facts(ref).back_url


def account_facts(ref: str) -> AccountFacts:
    """The page of an operator's account. Raises NotFound."""
    try:
        with db.transaction(writing=False) as unit:
            row = account_row(unit.session, ref)
            return AccountFacts(row.ref, row.name, _outcome(row), row.bank_end, row.payouts_held)
    except ProviderRefused as refusal:
        raise NotFound() from refusal


def confirm_account(ref: str, outcome: Outcome = Outcome.APPROVED, *, bank: bool = False) -> str:
    """The operator told who he is, `bank`: and where his money goes; the check comes to `outcome`.

    The address to go back to. Raises NotFound.
    """
    account_facts(ref)
    with db.transaction(writing=True) as unit:
        row = account_row(unit.session, ref)
        row.charges_enabled = outcome is Outcome.APPROVED
        row.submitted = outcome is not Outcome.MISSING
        row.refused = outcome is Outcome.REFUSED
        row.requirements = ["individual.verification.document"] if outcome is Outcome.MISSING else []
        row.bank_end = row.bank_end or (TEST_BANK_END if bank else "")
        announce_account(unit.session, ref)
        return row.return_url


def _outcome(row: SandboxAccount) -> Outcome | None:
    if row.charges_enabled:
        return Outcome.APPROVED
    if row.refused:
        return Outcome.REFUSED
    if row.requirements:
        return Outcome.MISSING
    return Outcome.BY_HAND if row.submitted else None


def _take(row: SandboxHold) -> None:
    lapses_at = clock.now() + HOLD_LASTS if row.amount_minor else None  # a card that is stored stays so
    row.state, row.decline, row.ends_at = HoldState.HELD, None, lapses_at


def _facts(row: SandboxHold, seller: str) -> CheckoutFacts:
    state = state_of(row)
    step = {
        HoldState.OPEN: PageStep.CARD,
        HoldState.AUTHENTICATING: PageStep.AUTHENTICATE,
        HoldState.EXPIRED: PageStep.GONE,
    }.get(state, PageStep.DONE)
    return CheckoutFacts(
        ref=row.checkout_ref,
        step=step,
        amount_minor=row.amount_minor,
        currency=row.currency,
        description=row.description,
        language=row.language,
        seller=seller,
        decline=row.decline,
        back_url=row.return_url if step is PageStep.DONE else row.cancel_url,
    )


def _check_digit_fits(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
