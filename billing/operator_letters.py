"""Letters about the verification of an account to whoever decides there where the money goes: in time, and when
something changed.

Each goes out once to each of them, in their language; a crash in between sends it again under the same Message-ID.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

from accounts import queries as accounts
from accounts.access import SYSTEM
from accounts.rights import Right
from accounts.values import AccountId
from billing import queries, use_cases
from billing.queries import LetterFacts
from billing.values import REMIND_BEFORE, LegalChangeId, LegalChangeState, VerificationState
from kit import clock, mail, settings
from kit.i18n import _, day, speaking
from kit.i18n import lazy_ as word

_NEWS = {
    VerificationState.PENDING: (
        word("We have what we need of %(account)s"),
        word("The payment provider now checks what you told it. Mostly that takes minutes, sometimes days."),
    ),
    VerificationState.VERIFIED_WITHOUT_BANK: (
        word("%(account)s is verified, the bank account is missing"),
        word("Drivers can pay from now on. Please enter a bank account, so that your income can be paid out."),
    ),
    VerificationState.VERIFIED: (
        word("%(account)s is verified"),
        word("Drivers can pay, and your income can be paid out."),
    ),
    VerificationState.RESTRICTED: (
        word("%(account)s is restricted"),
        word(
            "Drivers can't pay any more, and prices can't be changed, until your data are complete. Sessions that run"
            " end as usual, and charging free of charge goes on."
        ),
    ),
    VerificationState.UNVERIFIED: (
        word("Please have %(account)s verified"),
        word("Something is missing before drivers can pay. It takes a few minutes."),
    ),
}


def tell_state(account_id: AccountId, state: VerificationState) -> None:
    """What the new state means, unless it is another one by now."""
    facts = queries.verification_letter(SYSTEM, account_id)
    if facts.verification.state is not state:
        return
    subject, text = _NEWS[state]
    _send(
        facts, f"state:{state.value}:{clock.now():%Y%m%d%H}", lambda: (_(subject, account=facts.account_name), _(text))
    )


def remind(account_id: AccountId, due_at: datetime) -> None:
    """The reminder that is due now, once: two weeks, one week and one day before the end of the time."""
    due = [before for before in REMIND_BEFORE if clock.now() >= due_at - before]
    facts = queries.verification_letter(SYSTEM, account_id)
    if not due or clock.now() >= due_at or facts.verification.state is VerificationState.PENDING:
        return

    def words() -> tuple[str, str]:
        subject = _("Please have %(account)s verified by %(day)s", account=facts.account_name, day=day(due_at))
        if facts.verification.state is VerificationState.UNVERIFIED:
            text = _(
                "So far drivers can't pay here. After that day, prices can't be set either, until the account is"
                " verified. It takes a few minutes: legal data, a check at the payment provider, a bank account."
            )
        else:
            text = _("The payment provider wants something more of you. Without it, drivers can't pay after that day.")
        return subject, text

    _send(facts, f"due:{due_at.isoformat()}:{min(due).days}", words)


def tell_decision(change_id: LegalChangeId) -> None:
    """Whether an account may be of the other kind, and what is to be done then."""
    change = queries.decided_change(SYSTEM, change_id).change
    facts = queries.verification_letter(SYSTEM, AccountId(change.account_id))

    def words() -> tuple[str, str]:
        if change.state is LegalChangeState.APPROVED:
            subject = _("Your change of %(account)s was accepted", account=facts.account_name)
            text = _(
                "The new legal data hold from now on. Please have the account verified again, so that drivers can pay."
            )
        else:
            subject = _("Your change of %(account)s was declined", account=facts.account_name)
            text = _("Nothing has changed.")
        return subject, "\n\n".join(part for part in (text, change.answer) if part)

    _send(facts, f"change:{change_id}", words)


def _send(facts: LetterFacts, what: str, words: Callable[[], tuple[str, str]]) -> None:
    chosen = settings.current()
    link = f"{chosen.public_url}/accounts/{facts.account_id}/payout"
    for person in accounts.people(SYSTEM, facts.account_id):
        key = hashlib.sha256(f"verification:{facts.account_id}:{what}:{person.email}".encode()).hexdigest()[:40]
        if not (Right.MANAGE_PAYOUT in person.rights and person.confirmed) or queries.letter_sent(SYSTEM, key):
            continue
        with speaking(accounts.user_of(SYSTEM, person.user_id).language, facts.time_zone):
            subject, text = words()
            greeting = _("Hello %(name)s", name=person.name) if person.name else _("Hello")
        mail.send(
            person.email,
            f"{subject} – {chosen.brand_name}",
            f"{greeting}\n\n{text}\n\n{link}\n\n{chosen.brand_name}\n",
            key=key,
        )
        use_cases.note_letter(SYSTEM, key)
