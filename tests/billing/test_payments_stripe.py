"""What only Stripe's adapter does, over real HTTP; and how the settings choose a provider."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.values import AccountId
from billing import checkout, jobs, onboarding, queries, use_cases
from billing.models import Document
from billing.payments import provider, sandbox
from billing.payments.port import AccountOrder, NotGenuine, ProviderDown
from billing.payments.stripe import StripeProvider
from billing.values import PaymentStage, PaymentState
from kit import clock, worker
from kit.errors import Conflict, NotFound, Unavailable
from kit.ids import new_id
from stations.values import CommandState
from tests import make, scene
from tests.billing.shop import DECLINED, GOOD, open_shop, payment_of, ref_of
from tests.stripe_driver import Driver
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


def test_notices_about_connected_accounts_are_signed_with_a_secret_of_their_own(server: StripeServer) -> None:
    adapter = _stripe(server, webhook_secret=f"whsec_ours, {server.webhook_secret}")
    event = {"id": "evt_1", "type": "account.updated", "data": {"object": {"id": "acct_1", "object": "account"}}}
    assert adapter.verify_webhook(*server.signed(event)).account_ref == "acct_1"


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


# ------------------------------------------------------------------------------------------ the whole story
@pytest.fixture
def live(server: StripeServer, tmp_path: Path, database: str) -> StripeServer:
    """The program set up for Stripe, and Stripe."""
    environ = {"STRIPE_SECRET_KEY": server.api_key, "STRIPE_WEBHOOK_SECRET": server.webhook_secret}
    make.settings_for(tmp_path, PAYMENT_PROVIDER="stripe", STRIPE_API_BASE=server.url, **environ)
    return server


def deliver(server: StripeServer) -> None:
    """Stripe's webhooks, the last first and each of them twice."""
    for raw, signature in reversed(server.webhooks()):
        checkout.receive("stripe", raw, signature)
        checkout.receive("stripe", raw, signature)
    worker.drain()


def test_an_operator_is_paid_once_stripe_has_checked_him(live: StripeServer) -> None:
    shop = open_shop(paid=False)
    url = onboarding.start(shop.owner, AccountId(shop.account.id), "http://localhost:8000/back")
    assert onboarding.start(shop.owner, AccountId(shop.account.id), "http://localhost:8000/back") == url
    onboarding.returned(AccountId(shop.account.id))
    with pytest.raises(Conflict, match="operator_cannot_be_paid"):
        shop.scan()
    assert not queries.payout_facts(shop.owner, AccountId(shop.account.id)).can_be_paid
    Driver(live).confirm_account(ref_of(url))
    deliver(live)
    assert queries.payout_facts(shop.owner, AccountId(shop.account.id)).can_be_paid
    assert payment_of(shop.scan()).provider_account == ref_of(url)
    live.objects[ref_of(url)]["charges_enabled"] = False
    live.announce("account.updated", live.objects[ref_of(url)])
    deliver(live)
    assert not queries.payout_facts(shop.owner, AccountId(shop.account.id)).charges_enabled
    live.objects[ref_of(url)]["charges_enabled"] = True
    jobs.look_at_accounts()
    assert queries.payout_facts(shop.owner, AccountId(shop.account.id)).charges_enabled


def test_a_paid_session_over_stripe_with_webhooks_doubled_and_out_of_order(live: StripeServer) -> None:
    shop = open_shop(paid=False)
    account = ref_of(onboarding.start(shop.owner, AccountId(shop.account.id), "http://localhost:8000/back"))
    driver = Driver(live)
    driver.confirm_account(account)
    onboarding.returned(AccountId(shop.account.id))
    payment_id = shop.scan(email="", language="it")
    page = checkout.start(payment_id)
    assert page.startswith("https://checkout.stripe.test/")
    assert checkout.start(payment_id) == page
    driver.pay(ref_of(page), DECLINED)
    deliver(live)
    assert shop.view(payment_id).stage is PaymentStage.CHECKOUT
    driver.pay(ref_of(page), GOOD)
    deliver(live)
    assert (shop.view(payment_id).stage, shop.view(payment_id).card) == (PaymentStage.PLUG_IN, "Visa •••• 4242")
    session = shop.plug_in(payment_id)
    with clock.moved_to(session.started_at + timedelta(minutes=30)):
        shop.unplug(session, 10_000, clock.now())
        live.trouble("/capture", times=3, answer_lost=True)
        worker.drain()
    assert shop.view(payment_id).stage is PaymentStage.SETTLING
    with clock.moved_to(clock.now() + timedelta(minutes=40)):
        worker.drain()
    deliver(live)
    assert (shop.view(payment_id).stage, shop.view(payment_id).captured_minor) == (PaymentStage.PAID, 610)
    fees = [row["amount"] for row in live.objects.values() if row["object"] == "application_fee"]
    assert fees == [61]
    use_cases.refund(shop.owner, payment_id, 610)
    worker.drain()
    deliver(live)
    assert [row["amount_refunded"] for row in live.objects.values() if row["object"] == "application_fee"] == [61]
    assert [row.gross_minor for row in scene.rows(Document)] == [610, -610]
    assert all(request.key for request in live.requests if request.call.startswith("POST"))


def test_a_start_that_comes_to_nothing_cancels_the_intent(live: StripeServer) -> None:
    shop = open_shop(paid=False)
    account = ref_of(onboarding.start(shop.owner, AccountId(shop.account.id), "http://localhost:8000/back"))
    driver = Driver(live)
    driver.confirm_account(account)
    onboarding.returned(AccountId(shop.account.id))
    payment_id = shop.scan(email="")
    driver.pay(ref_of(checkout.start(payment_id)), GOOD)
    checkout.returned(payment_id)
    shop.answer(CommandState.REFUSED)
    view = shop.view(payment_id)
    assert (view.stage, view.state, view.failure) == (PaymentStage.NOT_STARTED, PaymentState.RELEASED, "refused")
    assert [row["status"] for row in live.objects.values() if row["object"] == "payment_intent"] == ["canceled"]


def test_a_silent_stripe_leaves_the_driver_waiting_and_not_lost(live: StripeServer) -> None:
    shop = open_shop(paid=False)
    account = ref_of(onboarding.start(shop.owner, AccountId(shop.account.id), "http://localhost:8000/back"))
    driver = Driver(live)
    driver.confirm_account(account)
    onboarding.returned(AccountId(shop.account.id))
    payment_id = shop.scan(email="")
    live.trouble("/checkout/sessions", times=3, status=503)
    with pytest.raises(Unavailable):
        checkout.start(payment_id)
    checkout.cancelled(payment_id)
    assert shop.view(payment_id).failure == "given_up"
    payment_id = shop.scan(email="")
    live.trouble("/checkout/sessions", times=2, status=503)  # tried again twice by itself
    driver.pay(ref_of(checkout.start(payment_id)), GOOD)
    live.trouble("/checkout/sessions", times=1, status=503)  # looking is left to the next round
    checkout.returned(payment_id)
    assert shop.view(payment_id).stage is PaymentStage.CHECKOUT
    checkout.returned(payment_id)
    assert shop.view(payment_id).stage is PaymentStage.PLUG_IN
