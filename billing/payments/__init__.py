"""The payment provider: one port, two adapters, chosen by the setting PAYMENT_PROVIDER."""

import functools

from billing.payments import sandbox
from billing.payments.port import PaymentProvider
from billing.payments.stripe import StripeProvider
from kit import settings
from kit.errors import NotFound

NO_PROVIDER = "none"
"""The `provider` of a payment where nothing can ever be due: no card is asked for, nothing is held."""


def provider(name: str | None = None) -> PaymentProvider:
    """The adapter of the process, or the one of this name (a payment keeps the one it began with).

    Raises NotFound when there is none of this name or its keys are not set.
    """
    current = settings.current()
    wanted = name or current.payment_provider
    if wanted == sandbox.NAME and (current.payment_provider == sandbox.NAME or current.demo):
        return sandbox.provider
    if wanted == "stripe" and current.stripe_secret_key and current.stripe_webhook_secret:
        return _stripe(current.stripe_secret_key, current.stripe_webhook_secret, current.stripe_api_base)
    raise NotFound()


@functools.cache
def _stripe(api_key: str, webhook_secret: str, api_base: str | None) -> PaymentProvider:
    return StripeProvider(api_key, webhook_secret, api_base)
