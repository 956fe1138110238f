"""Words for how far operators are verified, what is blocked, and what the payment provider still wants."""

from enum import Enum

from billing.payments.sandbox import Outcome
from billing.values import Earning, LegalChangeState, LegalKind, VerificationState
from kit.i18n import _
from kit.i18n import lazy_ as word

VERIFICATION: dict[Enum, str] = {
    LegalKind.PERSON: word("Private person"),
    LegalKind.COMPANY: word("Company"),
    VerificationState.UNVERIFIED: word("Not verified"),
    VerificationState.PENDING: word("Being checked"),
    VerificationState.VERIFIED_WITHOUT_BANK: word("Verified, without bank account"),
    VerificationState.VERIFIED: word("Verified"),
    VerificationState.RESTRICTED: word("Restricted"),
    Earning.PRICES: word("Setting prices"),
    Earning.PAID_CHARGING: word("Drivers pay for charging"),
    Earning.PAYOUTS: word("Income is paid out to your bank account"),
    LegalChangeState.WAITING: word("Waiting"),
    LegalChangeState.APPROVED: word("Approved"),
    LegalChangeState.DECLINED: word("Declined"),
    LegalChangeState.WITHDRAWN: word("Withdrawn"),
    Outcome.APPROVED: word("Everything is in order"),
    Outcome.BY_HAND: word("It is checked by hand, and takes a while"),
    Outcome.MISSING: word("An identity document is missing"),
    Outcome.REFUSED: word("This business is refused"),
}
VERIFICATION_COLOURS: dict[Enum, str] = {
    VerificationState.UNVERIFIED: "yellow",
    VerificationState.PENDING: "azure",
    VerificationState.VERIFIED_WITHOUT_BANK: "yellow",
    VerificationState.VERIFIED: "green",
    VerificationState.RESTRICTED: "red",
    LegalChangeState.WAITING: "azure",
    LegalChangeState.APPROVED: "green",
    LegalChangeState.DECLINED: "orange",
}

# what the provider wants, by a word in its code; the first that fits
_REQUIREMENTS: tuple[tuple[str, str], ...] = (
    ("document", word("An identity document or a document of the company")),
    ("external_account", word("A bank account")),
    ("tos_acceptance", word("Your consent to the provider's terms")),
    ("dob", word("A date of birth")),
    ("address", word("An address")),
    ("owners", word("Who owns the company")),
    ("directors", word("Who leads the company")),
    ("executives", word("Who leads the company")),
    ("tax_id", word("The number of the company")),
    ("phone", word("A phone number")),
    ("email", word("An e-mail address")),
    ("business_profile", word("What you sell, and where")),
    ("name", word("Your name")),
)
FIELD_LABELS: dict[str, str] = {
    "legal_name": word("Company or full name"),
    "street": word("Street and number"),
    "postcode": word("Postcode"),
    "city": word("Place"),
    "country": word("Country"),
    "uid": word("UID"),
    "vat_registered": word("Registered for VAT"),
}


def requirement_words(codes: tuple[str, ...]) -> list[str]:
    """What the provider wants, each once, in the reader's words."""
    found = (
        next((words for part, words in _REQUIREMENTS if part in code), word("Something that only its page explains"))
        for code in codes
    )
    return [_(words) for words in dict.fromkeys(found)]
