"""Stripe: hosted Checkout with manual capture, as destination charges to the operator's connected account.

The charge is made on the platform (`transfer_data.destination`, `on_behalf_of`: the operator is the merchant on the
card statement); our fee is set at the capture, on the final amount.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import stripe
import structlog

from billing.payments.port import (
    AccountOrder,
    BankAccount,
    CardCharge,
    CardOrder,
    Checkout,
    CheckoutOrder,
    Hold,
    NotGenuine,
    ProviderAccount,
    ProviderNotice,
    ProviderRefused,
    RefundReceipt,
    StoredCard,
)
from billing.payments.stripe.answers import (
    HELD,
    account_of,
    decline_of,
    genuine,
    hold_of,
    id_of,
    payment_id_of,
    settled,
    translated,
)
from billing.values import HoldState, LegalKind

if TYPE_CHECKING:
    from stripe import RequestOptions
    from stripe.params import (
        AccountCreateParams,
        AccountExternalAccountCreateParams,
        AccountUpdateParams,
        PaymentIntentCaptureParams,
        PaymentIntentCreateParams,
    )
    from stripe.params.checkout import SessionCreateParams

TIMEOUT_S = 20
USUAL = {"interval": "daily"}
_OF_INTENT = ["latest_charge.balance_transaction"]
_OF_SESSION = ["payment_intent.latest_charge.balance_transaction"]
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
        with translated():
            options: RequestOptions = {"idempotency_key": key, "max_network_retries": self._retries}
            session = self._api.checkout.sessions.create(parameters, options)
        assert session.url is not None, "a hosted checkout has an address"
        return Checkout(session.id, session.url)

    def open_card_page(self, order: CardOrder, key: str) -> Checkout:
        """A Checkout session in setup mode, for a customer of its own."""
        metadata = {"payment_id": str(order.payment_id)}
        parameters: SessionCreateParams = {
            "mode": "setup",
            "allowed_payment_method_types": ["card"],
            "client_reference_id": str(order.payment_id),
            "metadata": metadata,
            "customer_creation": "always",
            "setup_intent_data": {"description": order.description, "metadata": metadata},
            "locale": cast("Any", order.language),
            "expires_at": int(order.expires_at.timestamp()),
            "success_url": order.return_url,
            "cancel_url": order.cancel_url,
        }
        with translated():
            options: RequestOptions = {"idempotency_key": key, "max_network_retries": self._retries}
            session = self._api.checkout.sessions.create(parameters, options)
        assert session.url is not None, "a hosted checkout has an address"
        return Checkout(session.id, session.url)

    def read_stored_card(self, checkout_ref: str) -> StoredCard:
        """The session with its intent and the payment method, read together."""
        with translated():
            session = self._api.checkout.sessions.retrieve(checkout_ref, {"expand": ["setup_intent.payment_method"]})
        intent = session.setup_intent
        if not isinstance(intent, stripe.SetupIntent) or session.status != "complete":
            return StoredCard(HoldState.EXPIRED if session.status == "expired" else HoldState.OPEN)
        method, customer = intent.payment_method, session.customer
        assert isinstance(method, stripe.PaymentMethod), "expanded, and there once it is complete"
        shown = f"{(method.card.brand or '').capitalize()} •••• {method.card.last4}" if method.card else ""
        return StoredCard(HoldState.HELD, method.id, id_of(customer), shown)

    def charge_card(self, charge: CardCharge, key: str) -> str:
        """A payment that nobody confirms, captured at once."""
        parameters: PaymentIntentCreateParams = {
            "amount": charge.amount_minor,
            "currency": charge.currency.lower(),
            "customer": charge.customer_ref,
            "payment_method": charge.card_ref,
            "allowed_payment_method_types": ["card"],
            "off_session": True,
            "confirm": True,
            "description": charge.description,
            "metadata": {"payment_id": str(charge.payment_id)},
        }
        with translated():
            intent = self._api.payment_intents.create(parameters, {"idempotency_key": key})
        if intent.status != "succeeded":
            raise ProviderRefused(intent.status)
        return intent.id

    def forget_card(self, card_ref: str) -> None:
        """Detach the payment method from its customer."""
        try:
            with translated():
                self._api.payment_methods.detach(card_ref)
        except ProviderRefused as refusal:
            log.info("stripe.card_not_attached", code=refusal.code)

    def close_checkout(self, ref: str, key: str) -> Hold:
        """Expire the session; one that is complete or expired already stays what it is."""
        try:
            with translated():
                self._api.checkout.sessions.expire(ref, {}, {"idempotency_key": key})
        except ProviderRefused as refusal:
            log.info("stripe.checkout_not_open", ref=ref, code=refusal.code)
        return self.read_hold(ref)

    def read_hold(self, checkout_ref: str) -> Hold:
        """The session with its intent and charge, read together."""
        with translated():
            session = self._api.checkout.sessions.retrieve(checkout_ref, {"expand": _OF_SESSION})
        intent = session.payment_intent
        if isinstance(intent, stripe.PaymentIntent) and (settled(intent) or session.status != "expired"):
            return hold_of(intent)
        state = HoldState.EXPIRED if session.status == "expired" else HoldState.OPEN
        decline = decline_of(intent) if isinstance(intent, stripe.PaymentIntent) else None
        return Hold(state, None, session.amount_total or 0, (session.currency or "").upper(), decline=decline)

    def capture(self, hold_ref: str, amount_minor: int, fee_minor: int, key: str) -> Hold:
        """Capture a part; the rest is released by Stripe."""
        parameters: PaymentIntentCaptureParams = {"amount_to_capture": amount_minor, "expand": _OF_INTENT}
        if fee_minor:  # a payment to the platform itself knows none
            parameters["application_fee_amount"] = fee_minor
        with translated():
            intent = self._api.payment_intents.capture(hold_ref, parameters, {"idempotency_key": key})
        return hold_of(intent)

    def cancel(self, hold_ref: str, key: str) -> Hold:
        """Cancel the intent: the reservation is given back."""
        with translated():
            intent = self._api.payment_intents.cancel(hold_ref, {"expand": _OF_INTENT}, {"idempotency_key": key})
        return hold_of(intent)

    def refund(self, hold_ref: str, amount_minor: int, key: str) -> RefundReceipt:
        """Refund out of the operator's balance, with our fee in proportion."""
        with translated():
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
        if not any(genuine(raw, signature, secret) for secret in self._webhook_secrets):
            raise NotGenuine()
        event = json.loads(raw)
        about = event["data"]["object"]
        account = about["id"] if about.get("object") == "account" else None
        return ProviderNotice(event["id"], event["type"], about.get("id", ""), payment_id_of(about), account)

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
        with translated():
            options: RequestOptions = {"idempotency_key": key, "max_network_retries": self._retries}
            return self._api.accounts.create(parameters, options).id

    def onboarding_url(self, account_ref: str, return_url: str) -> str:
        """An account link; it works once, so the page that comes back offers a new one."""
        with translated():
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
        with translated():
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
        with translated():
            return account_of(self._api.accounts.retrieve(account_ref))

    def _reschedule(self, account_ref: str, schedule: Mapping[str, Any]) -> ProviderAccount:
        with translated():
            changes = cast("AccountUpdateParams", {"settings": {"payouts": {"schedule": dict(schedule)}}})
            return account_of(self._api.accounts.update(account_ref, changes))
