"""The port's methods on the sandbox's own tables and in its own transactions."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billing.models import SandboxAccount, SandboxCall, SandboxHold
from billing.payments.port import (
    AccountOrder,
    BankAccount,
    CardCharge,
    CardOrder,
    Checkout,
    CheckoutOrder,
    Hold,
    ProviderAccount,
    ProviderDown,
    ProviderNotice,
    ProviderRefused,
    RefundReceipt,
    StoredCard,
)
from billing.payments.sandbox.faults import faults
from billing.payments.sandbox.notices import announce, announce_account, verified
from billing.payments.sandbox.rows import (
    account_of,
    account_row,
    checkout_row,
    held_row,
    hold_of,
    hold_row,
    packed,
    state_of,
    unpacked,
)
from billing.values import HoldState
from kit import clock, db, settings
from kit.ids import secret_text

NAME = "sandbox"
SOON_LASTS = timedelta(days=3)
_Answer = dict[str, Any]


class SandboxProvider:
    """The port's methods on the sandbox's own tables."""

    name = NAME

    def open_checkout(self, order: CheckoutOrder, key: str) -> Checkout:
        """A page at /sandbox/checkout/<ref>."""

        def deed(session: Session) -> _Answer:
            account = session.get(SandboxAccount, order.account_ref)
            if order.account_ref and (account is None or not account.charges_enabled):
                raise ProviderRefused("account_not_enabled")
            if order.amount_minor <= 0 or order.expires_at <= clock.now():
                raise ProviderRefused("parameter_invalid")
            row = SandboxHold(checkout_ref=f"sbx_checkout_{secret_text(12)}", state=HoldState.OPEN)
            for field in ("payment_id", "account_ref", "amount_minor", "currency", "description", "language"):
                setattr(row, field, getattr(order, field))
            row.return_url, row.cancel_url, row.expires_at = order.return_url, order.cancel_url, order.expires_at
            session.add(row)
            return {"ref": row.checkout_ref, "url": _page("checkout", row.checkout_ref)}

        return Checkout(**_once("open_checkout", key, asdict(order), deed))

    def open_card_page(self, order: CardOrder, key: str) -> Checkout:
        """The same page, over nothing."""

        def deed(session: Session) -> _Answer:
            if order.expires_at <= clock.now():
                raise ProviderRefused("parameter_invalid")
            row = SandboxHold(checkout_ref=f"sbx_checkout_{secret_text(12)}", state=HoldState.OPEN)
            row.account_ref, row.amount_minor, row.currency = "", 0, "CHF"
            for field, value in asdict(order).items():
                setattr(row, field, value)
            session.add(row)
            return {"ref": row.checkout_ref, "url": _page("checkout", row.checkout_ref)}

        return Checkout(**_once("open_card_page", key, asdict(order), deed))

    def read_stored_card(self, checkout_ref: str) -> StoredCard:
        """A reservation of nothing, which does not lapse."""
        faults.before("read_stored_card")
        with db.transaction(writing=False) as unit:
            row = checkout_row(unit.session, checkout_ref)
            state = state_of(row)
            if state is not HoldState.HELD:
                return StoredCard(state)
            return StoredCard(state, row.hold_ref or "", f"sbx_customer_{row.id}", row.card)

    def charge_card(self, charge: CardCharge, key: str) -> str:
        """Take it at once; a card whose bank always asks its client gives nothing while he is away."""
        _spend_trick(charge.card_ref)

        def deed(session: Session) -> _Answer:
            row = held_row(session, charge.card_ref)
            if charge.amount_minor <= 0:
                raise ProviderRefused("parameter_invalid")
            if row.trick == "authentication":
                raise ProviderRefused("authentication_required")
            row.captured_minor += charge.amount_minor
            return {"ref": f"sbx_charge_{secret_text(12)}"}

        return str(_once("charge_card", key, asdict(charge), deed)["ref"])

    def forget_card(self, card_ref: str) -> None:
        """The card is given back."""
        faults.before("forget_card")
        with db.transaction(writing=True) as unit:
            hold_row(unit.session, card_ref).state = HoldState.RELEASED

    def close_checkout(self, ref: str, key: str) -> Hold:
        """An open page takes no card any more; anything else stays as it is."""

        def deed(session: Session) -> _Answer:
            row = checkout_row(session, ref)
            if row.state in (HoldState.OPEN, HoldState.AUTHENTICATING):
                row.state = HoldState.EXPIRED
                announce(session, row, "checkout.expired")
            return {}

        _once("close_checkout", key, {"ref": ref}, deed)
        return self.read_hold(ref)

    def read_hold(self, checkout_ref: str) -> Hold:
        """What holds now; a page or a reservation that is too old has lapsed."""
        faults.before("read_hold")
        with db.transaction(writing=False) as unit:
            return hold_of(checkout_row(unit.session, checkout_ref))

    def capture(self, hold_ref: str, amount_minor: int, fee_minor: int, key: str) -> Hold:
        """Take a part of the reservation."""
        _spend_trick(hold_ref)

        def deed(session: Session) -> _Answer:
            row = held_row(session, hold_ref)
            if not 0 < amount_minor <= row.amount_minor:
                raise ProviderRefused("amount_too_large")
            if not 0 <= fee_minor <= amount_minor:
                raise ProviderRefused("fee_too_large")
            row.state, row.captured_minor, row.fee_minor = HoldState.CAPTURED, amount_minor, fee_minor
            row.available_at = clock.now() + SOON_LASTS
            announce(session, row, "hold.captured")
            return packed(hold_of(row))

        return unpacked(_once("capture", key, {"ref": hold_ref, "amount": amount_minor, "fee": fee_minor}, deed))

    def cancel(self, hold_ref: str, key: str) -> Hold:
        """Give the reservation back."""

        def deed(session: Session) -> _Answer:
            row = held_row(session, hold_ref)
            row.state = HoldState.RELEASED
            announce(session, row, "hold.released")
            return packed(hold_of(row))

        return unpacked(_once("cancel", key, {"ref": hold_ref}, deed))

    def refund(self, hold_ref: str, amount_minor: int, key: str) -> RefundReceipt:
        """Pay back; the fee goes back in proportion to all that was refunded so far."""

        def deed(session: Session) -> _Answer:
            row = hold_row(session, hold_ref)
            if row.state is not HoldState.CAPTURED:
                raise ProviderRefused("unexpected_state")
            if not 0 < amount_minor <= row.captured_minor - row.refunded_minor:
                raise ProviderRefused("amount_too_large")
            row.refunded_minor += amount_minor
            returned = (2 * row.fee_minor * row.refunded_minor + row.captured_minor) // (2 * row.captured_minor)
            announce(session, row, "hold.refunded")
            return {
                "ref": f"sbx_refund_{secret_text(12)}",
                "amount_minor": amount_minor,
                "fee_returned_minor": returned,
            }

        return RefundReceipt(**_once("refund", key, {"ref": hold_ref, "amount": amount_minor}, deed))

    def verify_webhook(self, raw: bytes, signature: str) -> ProviderNotice:
        """An HMAC over time and bytes, like a real provider's."""
        return verified(raw, signature)

    def create_account(self, order: AccountOrder, key: str) -> str:
        """An account that takes payments once it was confirmed on its page."""

        def deed(session: Session) -> _Answer:
            row = SandboxAccount(ref=f"sbx_account_{secret_text(9)}", name=order.name, charges_enabled=False)
            session.add(row)
            return {"ref": row.ref}

        return str(_once("create_account", key, asdict(order), deed)["ref"])

    def onboarding_url(self, account_ref: str, return_url: str) -> str:
        """A page at /sandbox/account/<ref>."""
        faults.before("onboarding_url")
        with db.transaction(writing=True) as unit:
            account_row(unit.session, account_ref).return_url = return_url
        return _page("account", account_ref)

    def set_bank_account(self, account_ref: str, bank: BankAccount, key: str) -> None:
        """Remember the end of the number."""

        def deed(session: Session) -> _Answer:
            account_row(session, account_ref).bank_end = bank.iban[-4:]
            announce_account(session, account_ref)
            return {}

        _once("set_bank_account", key, {"ref": account_ref, **asdict(bank)}, deed)

    def hold_payouts(self, account_ref: str) -> ProviderAccount:
        """Its page says so."""
        return _with_payouts(account_ref, held=True)

    def release_payouts(self, account_ref: str, schedule: Mapping[str, Any]) -> ProviderAccount:
        """It knows one schedule only."""
        return _with_payouts(account_ref, held=False)

    def read_account(self, account_ref: str) -> ProviderAccount:
        """What was chosen on the account's page."""
        faults.before("read_account")
        with db.transaction(writing=False) as unit:
            return account_of(account_row(unit.session, account_ref))


provider = SandboxProvider()


def _with_payouts(account_ref: str, *, held: bool) -> ProviderAccount:
    step = "hold_payouts" if held else "release_payouts"
    faults.before(step)
    with db.transaction(writing=True) as unit:
        row = account_row(unit.session, account_ref)
        row.payouts_held = held
        told = account_of(row)
    faults.after(step)
    return told


def _once(step: str, key: str, parameters: dict[str, Any], deed: Callable[[Session], _Answer]) -> _Answer:
    """Do it, or answer as the first time when the key comes again; another wish under the same key is refused."""
    faults.before(step)
    fingerprint = hashlib.sha256(f"{step}:{json.dumps(parameters, default=str, sort_keys=True)}".encode()).hexdigest()
    try:
        with db.transaction(writing=True) as unit:
            call = unit.session.get(SandboxCall, key)
            if call is None:
                call = SandboxCall(key=key, fingerprint=fingerprint, answer=deed(unit.session))
                unit.session.add(call)
            elif call.fingerprint != fingerprint:
                raise ProviderRefused("idempotency_key_reused")
    except IntegrityError as error:  # the same call at the same moment; the other one's answer comes next time
        raise ProviderDown() from error
    faults.after(step)
    return call.answer


def _spend_trick(hold_ref: str) -> None:
    """The card whose first capture fails: fail, and remember that it did."""
    with db.transaction(writing=True) as unit:
        row = hold_row(unit.session, hold_ref)
        fails, row.trick = row.trick == "capture_fails_once", "" if row.trick == "capture_fails_once" else row.trick
    if fails:
        raise ProviderDown()


def _page(kind: str, ref: str) -> str:
    return f"{settings.current().public_url}/sandbox/{kind}/{ref}"
