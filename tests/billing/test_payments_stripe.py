"""What only Stripe's adapter does, over real HTTP; and how the settings choose a provider."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from billing.payments import provider, sandbox
from billing.payments.port import AccountOrder, NotGenuine, ProviderDown
from billing.payments.stripe import StripeProvider
from kit.errors import NotFound
from kit.ids import new_id
from tests import make
from tests.stripe_server import StripeServer, stripe_server


@pytest.fixture
def server() -> Iterator[StripeServer]:
    with stripe_server() as running:
        yield running


def _stripe(server: StripeServer, **changes: Any) -> StripeProvider:
    facts = {"api_key": server.api_key, "webhook_secret": server.webhook_secret, "api_base": server.url, **changes}
    return StripeProvider(**facts)


def test_a_wrong_api_key_is_no_refusal_of_the_payment(server: StripeServer) -> None:
    with pytest.raises(ProviderDown):
        _stripe(server, api_key="sk_test_wrong", retries=0).read_account("acct_1")


def test_stripe_is_asked_again_by_itself_after_a_hiccup(server: StripeServer) -> None:
    server.trouble("/v1/accounts", times=1, status=500)
    ref = _stripe(server).create_account(AccountOrder(new_id(), "Muster AG", "", "CH"), "a1")
    assert server.objects[ref]["object"] == "account"
    assert [request.key for request in server.requests] == ["a1"]


def test_a_silent_stripe_is_down_and_not_a_refusal(server: StripeServer) -> None:
    server.trouble("/v1/accounts", times=9, status=503)
    with pytest.raises(ProviderDown):
        _stripe(server, retries=0).read_account("acct_1")


def test_an_old_or_foreign_stripe_signature_is_not_genuine(server: StripeServer) -> None:
    event = {"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1", "metadata": {}}}}
    adapter = _stripe(server)
    assert adapter.verify_webhook(*server.signed(event)).payment_id is None
    with pytest.raises(NotGenuine):
        adapter.verify_webhook(*server.signed(event, age_s=301))
    with pytest.raises(NotGenuine):
        adapter.verify_webhook(*server.signed(event, secret="whsec_other"))
    with pytest.raises(NotGenuine):
        adapter.verify_webhook(b"\xff\xfe", "t=1,v1=00")


def test_a_foreign_payment_id_in_stripes_metadata_is_passed_over(server: StripeServer) -> None:
    event = {"id": "evt_1", "type": "x", "data": {"object": {"id": "pi_1", "metadata": {"payment_id": "order 7"}}}}
    assert _stripe(server).verify_webhook(*server.signed(event)).payment_id is None


# ------------------------------------------------------------------------------------------ choosing one
def test_the_settings_choose_the_provider(tmp_path: Path, server: StripeServer) -> None:
    make.settings_for(tmp_path)
    assert provider() is sandbox.provider
    with pytest.raises(NotFound):
        provider("stripe")
    environ = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1", "STRIPE_API_BASE": server.url}
    make.settings_for(tmp_path, PAYMENT_PROVIDER="stripe", **environ)
    assert provider().name == "stripe"
    assert provider() is provider("stripe")
    with pytest.raises(NotFound):
        provider("paypal")
