"""Stripe: hosted Checkout with manual capture, as destination charges to the operator's connected account.

The charge is made on the platform (`transfer_data.destination`, `on_behalf_of`: the operator is the merchant on the
card statement); our fee is set at the capture, on the final amount.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import stripe
import structlog

from billing.payments.port import (
    AccountOrder,
    BankAccount,
    Checkout,
    CheckoutOrder,
    Hold,
    NotGenuine,
    ProviderAccount,
    ProviderDown,
    ProviderNotice,
    ProviderRefused,
    RefundReceipt,
)
from billing.values import HoldState, LegalKind

if TYPE_CHECKING:
    from stripe import RequestOptions
    from stripe.params import (
        AccountCreateParams,
        AccountExternalAccountCreateParams,
        AccountUpdateParams,
        PaymentIntentCaptureParams,
    )
    from stripe.params.checkout import SessionCreateParams

TIMEOUT_S = 20
TOLERANCE_S = 300
HELD = "manual"
USUAL = {"interval": "daily"}
_ANCHORS = ("weekly_payout_days", "weekly_anchor", "monthly_payout_days", "monthly_anchor")
CONFLICT = 409
_OF_INTENT = ["latest_charge.balance_transaction"]
_OF_SESSION = ["payment_intent.latest_charge.balance_transaction"]
_INTENT_STATES = {
    "requires_capture": HoldState.HELD,
    "succeeded": HoldState.CAPTURED,
    "canceled": HoldState.RELEASED,
    "requires_action": HoldState.AUTHENTICATING,
}
log = structlog.get_logger()


class StripeProvider:
    """The port's methods in Stripe's words. `api_base` None: Stripe's own address.

    `webhook_secret` may be several, with commas between them: Stripe signs notices about our own account and about
    connected accounts with different ones. The library tries again (`retries` times)
    only what a person waits for: jobs and reactions come again by themselves, and must not hold a thread that long.
    """

    name = "stripe"

    def __init__(self, api_key: str, webhook_secret: str, api_base: str | None = None, *, retries: int = 2) -> None:
        self._webhook_secrets = [secret for part in webhook_secret.split(",") if (secret := part.strip())]
        client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        )
        self._api = client.v1
        self._retries = retries

    def open_checkout(self, order: CheckoutOrder, key: str) -> Checkout:
        """A Checkout session in payment mode; cards only, because a hold must be possible."""
        metadata = {"payment_id": str(order.payment_id)}
        parameters: SessionCreateParams = {
            "mode": "payment",
            "allowed_payment_method_types": ["card"],
            "client_reference_id": str(order.payment_id),
            "metadata": metadata,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": order.currency.lower(),
                        "unit_amount": order.amount_minor,
                        "product_data": {"name": order.description},
                    },
                }
            ],
            "payment_intent_data": {
                "capture_method": "manual",
                "description": order.description,
                "metadata": metadata,
            },
            "locale": order.language,
            "expires_at": int(order.expires_at.timestamp()),
            "success_url": order.return_url,
            "cancel_url": order.cancel_url,
        }
        if order.account_ref:
            parameters["payment_intent_data"]["on_behalf_of"] = order.account_ref
            parameters["payment_intent_data"]["transfer_data"] = {"destination": order.account_ref}
        if order.email:
            parameters["customer_email"] = order.email
        with _translated():
            options: RequestOptions = {"idempotency_key": key, "max_network_retries": self._retries}
            session = self._api.checkout.sessions.create(parameters, options)
        assert session.url is not None, "a hosted checkout has an address"
        return Checkout(session.id, session.url)

    def close_checkout(self, ref: str, key: str) -> Hold:
        """Expire the session; one that is complete or expired already stays what it is."""
        try:
            with _translated():
                self._api.checkout.sessions.expire(ref, {}, {"idempotency_key": key})
        except ProviderRefused as refusal:
            log.info("stripe.checkout_not_open", ref=ref, code=refusal.code)
        return self.read_hold(ref)

    def read_hold(self, checkout_ref: str) -> Hold:
        """The session with its intent and charge, read together."""
        with _translated():
            session = self._api.checkout.sessions.retrieve(checkout_ref, {"expand": _OF_SESSION})
        intent = session.payment_intent
        if isinstance(intent, stripe.PaymentIntent) and (_settled(intent) or session.status != "expired"):
            return _hold(intent)
        state = HoldState.EXPIRED if session.status == "expired" else HoldState.OPEN
        decline = _decline(intent) if isinstance(intent, stripe.PaymentIntent) else None
        return Hold(state, None, session.amount_total or 0, (session.currency or "").upper(), decline=decline)

    def capture(self, hold_ref: str, amount_minor: int, fee_minor: int, key: str) -> Hold:
        """Capture a part; the rest is released by Stripe."""
        parameters: PaymentIntentCaptureParams = {"amount_to_capture": amount_minor, "expand": _OF_INTENT}
        if fee_minor:  # a payment to the platform itself knows none
            parameters["application_fee_amount"] = fee_minor
        with _translated():
            intent = self._api.payment_intents.capture(hold_ref, parameters, {"idempotency_key": key})
        return _hold(intent)

    def cancel(self, hold_ref: str, key: str) -> Hold:
        """Cancel the intent: the reservation is given back."""
        with _translated():
            intent = self._api.payment_intents.cancel(hold_ref, {"expand": _OF_INTENT}, {"idempotency_key": key})
        return _hold(intent)

    def refund(self, hold_ref: str, amount_minor: int, key: str) -> RefundReceipt:
        """Refund out of the operator's balance, with our fee in proportion."""
        with _translated():
            refund = self._api.refunds.create(
                {
                    "payment_intent": hold_ref,
                    "amount": amount_minor,
                    "reverse_transfer": True,
                    "refund_application_fee": True,
                    "expand": ["charge.application_fee"],
                },
                {"idempotency_key": key},
            )
        if refund.status == "failed":
            raise ProviderRefused(refund.failure_reason or "refund_failed")
        charge = refund.charge
        fee = charge.application_fee if isinstance(charge, stripe.Charge) else None
        returned = fee.amount_refunded if isinstance(fee, stripe.ApplicationFee) else 0
        return RefundReceipt(refund.id, refund.amount, returned)

    def verify_webhook(self, raw: bytes, signature: str) -> ProviderNotice:
        """The signature over the raw bytes first; then only what the event is about."""
        if not any(_genuine(raw, signature, secret) for secret in self._webhook_secrets):
            raise NotGenuine()
        event = json.loads(raw)
        about = event["data"]["object"]
        account = about["id"] if about.get("object") == "account" else None
        return ProviderNotice(event["id"], event["type"], about.get("id", ""), _payment_id(about), account)

    def create_account(self, order: AccountOrder, key: str) -> str:
        """A connected account with Stripe's own small dashboard; Stripe collects and checks what the law asks for."""
        parameters: AccountCreateParams = {
            "country": order.country,
            "business_type": "company" if order.legal_kind is LegalKind.COMPANY else "individual",
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
            "business_profile": {"name": order.name},
            "settings": {"payouts": {"schedule": {"interval": HELD}}},
            "metadata": {"account_id": str(order.account_id)},
        }
        if order.email:
            parameters["email"] = order.email
        with _translated():
            options: RequestOptions = {"idempotency_key": key, "max_network_retries": self._retries}
            return self._api.accounts.create(parameters, options).id

    def onboarding_url(self, account_ref: str, return_url: str) -> str:
        """An account link; it works once, so the page that comes back offers a new one."""
        with _translated():
            link = self._api.account_links.create(
                {
                    "account": account_ref,
                    "type": "account_onboarding",
                    "return_url": return_url,
                    "refresh_url": return_url,
                },
                {"max_network_retries": self._retries},
            )
        return link.url

    def set_bank_account(self, account_ref: str, bank: BankAccount, key: str) -> None:
        """An external account that becomes the one for its currency. Stripe may insist on its own page for it."""
        parameters: AccountExternalAccountCreateParams = {
            "external_account": {
                "object": "bank_account",
                "account_number": bank.iban,
                "country": bank.iban[:2],
                "currency": bank.currency.lower(),
            },
            "default_for_currency": True,
        }
        with _translated():
            options: RequestOptions = {"idempotency_key": key, "max_network_retries": self._retries}
            self._api.accounts.external_accounts.create(account_ref, parameters, options)

    def hold_payouts(self, account_ref: str) -> ProviderAccount:
        """A schedule by hand, where no hand ever pays out."""
        return self._reschedule(account_ref, {"interval": HELD})

    def release_payouts(self, account_ref: str, schedule: Mapping[str, Any]) -> ProviderAccount:
        """The schedule of before."""
        return self._reschedule(account_ref, schedule or USUAL)

    def read_account(self, account_ref: str) -> ProviderAccount:
        """What Stripe lets the operator do, and what it wants of him."""
        with _translated():
            return _told(self._api.accounts.retrieve(account_ref))

    def _reschedule(self, account_ref: str, schedule: Mapping[str, Any]) -> ProviderAccount:
        with _translated():
            changes = cast("AccountUpdateParams", {"settings": {"payouts": {"schedule": dict(schedule)}}})
            return _told(self._api.accounts.update(account_ref, changes))


def _told(account: stripe.Account) -> ProviderAccount:
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


def _genuine(raw: bytes, signature: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(raw, signature, secret, TOLERANCE_S))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


@contextmanager
def _translated() -> Iterator[None]:
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


def _settled(intent: stripe.PaymentIntent) -> bool:
    return intent.status in ("requires_capture", "succeeded")


def _hold(intent: stripe.PaymentIntent) -> Hold:
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    state = _INTENT_STATES.get(intent.status, HoldState.OPEN)
    captured = charge.amount_captured if charge is not None and state is HoldState.CAPTURED else 0
    return Hold(
        state=state,
        ref=intent.id,
        amount_minor=intent.amount,
        currency=intent.currency.upper(),
        card=_card(charge),
        decline=_decline(intent),
        ends_at=_ends_at(charge),
        captured_minor=captured,
        fee_minor=(charge.application_fee_amount or 0) if charge is not None and captured else 0,
        refunded_minor=charge.amount_refunded if charge is not None and captured else 0,
        available_at=_available_at(charge) if captured else None,
    )


def _decline(intent: stripe.PaymentIntent) -> str | None:
    """Why the last card was refused. Fields that do not apply are left out by Stripe, not null."""
    failed = intent.last_payment_error
    if failed is None or _settled(intent):
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


def _payment_id(about: dict[str, Any]) -> UUID | None:
    told = (about.get("metadata") or {}).get("payment_id") or about.get("client_reference_id")
    try:
        return None if told is None else UUID(told)
    except ValueError:
        return None
