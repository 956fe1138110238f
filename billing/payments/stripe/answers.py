"""What Stripe answers, as the port tells it; its errors as ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe
import structlog

from billing.payments.port import Hold, ProviderAccount, ProviderDown, ProviderRefused
from billing.values import HoldState

TOLERANCE_S = 300
HELD = "manual"
_ANCHORS = ("weekly_payout_days", "weekly_anchor", "monthly_payout_days", "monthly_anchor")
CONFLICT = 409
_INTENT_STATES = {
    "requires_capture": HoldState.HELD,
    "succeeded": HoldState.CAPTURED,
    "canceled": HoldState.RELEASED,
    "requires_action": HoldState.AUTHENTICATING,
}
log = structlog.get_logger()


def account_of(account: stripe.Account) -> ProviderAccount:
    """What Stripe lets an operator do, and what it wants of him."""
    asked = account.requirements
    wanted = (*(asked.past_due or ()), *(asked.currently_due or ())) if asked is not None else ()
    deadline = asked.current_deadline if asked is not None else None
    schedule = _schedule(account)
    held = schedule.get("interval") == HELD
    return ProviderAccount(
        ref=account.id,
        charges_enabled=bool(account.charges_enabled),
        payouts_enabled=bool(account.payouts_enabled),
        submitted=bool(account.details_submitted) and not wanted,
        refused=asked is not None and (asked.disabled_reason or "").startswith("rejected."),
        requirements=tuple(dict.fromkeys(wanted)),
        due_at=None if deadline is None else datetime.fromtimestamp(deadline, UTC),
        bank_end=_bank_end(account),
        payouts_held=held,
        payout_schedule={} if held else schedule,
    )


def _schedule(account: stripe.Account) -> dict[str, Any]:
    """When it pays out, as Stripe takes it back: the interval, and one of the two ways to say which day."""
    payouts = account.settings.payouts if account.settings is not None else None
    told = payouts.schedule if payouts is not None else None
    if told is None:
        return {}
    anchor = next((name for name in _ANCHORS if getattr(told, name, None)), None)
    return {"interval": told.interval} | ({anchor: getattr(told, anchor)} if anchor is not None else {})


def _bank_end(account: stripe.Account) -> str:
    """The end of the number of the bank account that is paid out to."""
    banks = (
        [one for one in account.external_accounts.data if one.object == "bank_account"]
        if account.external_accounts
        else []
    )
    chosen = next((one for one in banks if one.default_for_currency), banks[0] if banks else None)
    return (chosen.last4 or "") if chosen is not None else ""


def id_of(found: object) -> str:
    """The id of something that Stripe tells whole or by its id."""
    return found if isinstance(found, str) else str(getattr(found, "id", ""))


def genuine(raw: bytes, signature: str, secret: str) -> bool:
    """Whether Stripe signed these bytes with this secret, and lately."""
    try:
        return bool(stripe.WebhookSignature.verify_header(raw, signature, secret, TOLERANCE_S))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


@contextmanager
def translated() -> Iterator[None]:
    """Stripe's errors as ours: what may go through later, and what was refused for good."""
    try:
        yield
    except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
        if error.http_status == CONFLICT:
            raise ProviderDown() from error
        default = "idempotency_key_reused" if isinstance(error, stripe.IdempotencyError) else "invalid_request"
        raise ProviderRefused(error.code or default) from error
    except stripe.StripeError as error:
        log.warning("stripe.down", kind=type(error).__name__, status=error.http_status, request=error.request_id)
        raise ProviderDown() from error


def settled(intent: stripe.PaymentIntent) -> bool:
    """Whether the money is reserved or taken."""
    return intent.status in ("requires_capture", "succeeded")


def hold_of(intent: stripe.PaymentIntent) -> Hold:
    """An intent with its charge."""
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    state = _INTENT_STATES.get(intent.status, HoldState.OPEN)
    captured = charge.amount_captured if charge is not None and state is HoldState.CAPTURED else 0
    return Hold(
        state=state,
        ref=intent.id,
        amount_minor=intent.amount,
        currency=intent.currency.upper(),
        card=_card(charge),
        decline=decline_of(intent),
        ends_at=_ends_at(charge),
        captured_minor=captured,
        fee_minor=(charge.application_fee_amount or 0) if charge is not None and captured else 0,
        refunded_minor=charge.amount_refunded if charge is not None and captured else 0,
        available_at=_available_at(charge) if captured else None,
    )


def decline_of(intent: stripe.PaymentIntent) -> str | None:
    """Why the last card was refused. Fields that do not apply are left out by Stripe, not null."""
    failed = intent.last_payment_error
    if failed is None or settled(intent):
        return None
    return getattr(failed, "decline_code", None) or getattr(failed, "code", None) or "card_declined"


def _card(charge: stripe.Charge | None) -> str:
    details = charge.payment_method_details if charge is not None else None
    card = details.card if details is not None else None
    return "" if card is None else f"{(card.brand or '').capitalize()} •••• {card.last4 or ''}".strip()


def _ends_at(charge: stripe.Charge | None) -> datetime | None:
    details = charge.payment_method_details if charge is not None else None
    card = details.card if details is not None else None
    before = getattr(card, "capture_before", None)
    return None if before is None else datetime.fromtimestamp(before, UTC)


def _available_at(charge: stripe.Charge | None) -> datetime | None:
    booked = charge.balance_transaction if charge is not None else None
    return datetime.fromtimestamp(booked.available_on, UTC) if isinstance(booked, stripe.BalanceTransaction) else None


def payment_id_of(about: dict[str, Any]) -> UUID | None:
    """What of ours an object is about."""
    told = (about.get("metadata") or {}).get("payment_id") or about.get("client_reference_id")
    try:
        return None if told is None else UUID(told)
    except ValueError:
        return None
