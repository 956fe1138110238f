"""Stripe as a payment provider."""

from billing.payments.stripe.adapter import StripeProvider

__all__ = ["StripeProvider"]
