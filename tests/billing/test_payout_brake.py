"""What an operator may not be paid out stays at the provider: told to it, and not only to our own pages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor, ActorKind
from accounts.use_cases import resume_account, suspend_account
from accounts.values import AccountId
from billing import jobs, onboarding, queries, use_cases
from billing.models import PayoutProfile
from billing.payments import sandbox
from billing.payments.port import ProviderRefused
from billing.payments.sandbox import Outcome
from billing.values import VerificationState
from kit import clock, settings, worker
from kit.settings import Settings
from tests import make, scene
from tests.billing.shop import Shop, open_shop, ref_of
from tests.stripe_driver import Driver
from tests.stripe_server import StripeServer, stripe_server

IBAN = "CH93 0076 2011 6238 5295 7"
BACK = "http://localhost:8000/back"


def account_id(shop: Shop) -> AccountId:
    """Its account."""
    return AccountId(shop.account.id)


def signed_up(shop: Shop, outcome: Outcome, *, bank: bool = True) -> str:
    """The operator told the provider who he is; its reference of him."""
    ref = ref_of(onboarding.start(shop.owner, account_id(shop), BACK))
    decided(shop, ref, outcome, bank=bank)
    return ref


def decided(shop: Shop, ref: str, outcome: Outcome, *, bank: bool = True) -> None:
    """What the provider's check comes to, and what follows of it."""
    sandbox.confirm_account(ref, outcome, bank=bank)
    onboarding.returned(account_id(shop))
    worker.drain()


def held(ref: str) -> bool:
    """What the sandbox does with the income of an operator."""
    known = sandbox.provider.read_account(ref).payouts_held
    assert known is sandbox.account_facts(ref).payouts_held, "its page tells another thing"
    return known


def told(shop: Shop) -> bool:
    """What the operator reads."""
    return queries.verification(shop.owner, account_id(shop)).payouts_held_at is not None


@pytest.fixture
def shop(database: str) -> Iterator[Shop]:
    """Not known to the provider yet."""
    yield open_shop(paid=False)
    sandbox.faults.clear()


@pytest.mark.parametrize(
    ("outcome", "bank", "holds"),
    [
        (Outcome.MISSING, True, True),
        (Outcome.BY_HAND, True, True),
        (Outcome.REFUSED, True, True),
        (Outcome.APPROVED, False, True),
        (Outcome.APPROVED, True, False),
    ],
)
def test_income_is_kept_in_every_state_but_the_verified_one(
    shop: Shop, outcome: Outcome, bank: bool, holds: bool
) -> None:
    ref = signed_up(shop, outcome, bank=bank)
    assert (held(ref), told(shop)) == (holds, holds)


def test_payouts_end_with_the_restriction_and_begin_again_with_the_next_approval(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.APPROVED)
    assert (held(ref), told(shop)) == (False, False)
    decided(shop, ref, Outcome.REFUSED)
    assert (held(ref), told(shop)) == (True, True)
    decided(shop, ref, Outcome.APPROVED)
    assert (held(ref), told(shop)) == (False, False)


def test_a_bank_account_that_was_missing_lets_the_income_go(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.APPROVED, bank=False)
    assert held(ref)
    onboarding.set_bank_account(shop.owner, account_id(shop), IBAN)
    worker.drain()
    assert (held(ref), told(shop)) == (False, False)


def test_who_lets_the_time_pass_is_not_paid_out_of_what_came_before(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.APPROVED)
    sandbox.confirm_account(ref, Outcome.MISSING)  # its notice is lost, so nobody looked
    sandbox.provider.release_payouts(ref, {})
    with clock.moved_to(clock.now() + timedelta(days=31)):
        onboarding.returned(account_id(shop))
        worker.drain()
        assert queries.verification(shop.owner, account_id(shop)).state is VerificationState.RESTRICTED
        assert held(ref)


def test_an_account_below_one_that_the_platform_stops_is_not_paid_out(shop: Shop) -> None:
    staff = Actor(ActorKind.USER, make.login().user.id, staff=True)
    assert shop.account.parent_id is not None, "it is a property"
    above = AccountId(shop.account.parent_id)
    ref = signed_up(shop, Outcome.APPROVED)
    suspend_account(staff, above)
    worker.drain()
    assert (held(ref), told(shop)) == (True, True)
    resume_account(staff, above)
    worker.drain()
    assert (held(ref), told(shop)) == (False, False)


def test_a_provider_that_does_not_answer_is_asked_again(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.APPROVED)
    sandbox.faults.arrange("hold_payouts", times=2)
    decided(shop, ref, Outcome.REFUSED)
    assert (held(ref), told(shop)) == (False, False), "what is told is what the provider does"
    jobs.follow_verifications()
    assert (held(ref), told(shop)) == (False, False)
    jobs.follow_verifications()
    assert (held(ref), told(shop)) == (True, True)


def test_a_lost_answer_and_a_refusal_do_not_keep_the_letters_back(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.APPROVED)
    sandbox.faults.arrange("hold_payouts", error=ProviderRefused("not_now"))
    decided(shop, ref, Outcome.REFUSED)
    assert worker.drain() == 0, "nothing waits"
    sandbox.faults.arrange("hold_payouts", answer_lost=True)
    jobs.follow_verifications()
    assert (held(ref), told(shop)) == (True, False)
    jobs.follow_verifications()
    assert (held(ref), told(shop)) == (True, True)


def test_who_lets_the_money_go_at_the_provider_himself_is_stopped_again(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.BY_HAND)
    sandbox.provider.release_payouts(ref, {})
    jobs.look_at_accounts()
    assert not told(shop)
    jobs.follow_verifications()
    assert (held(ref), told(shop)) == (True, True)


def test_accounts_of_before_are_found_by_the_job(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.BY_HAND)
    sandbox.provider.release_payouts(ref, {})
    onboarding.returned(account_id(shop))
    assert [(order.account_ref, order.hold) for order in queries.payouts_to_change(SYSTEM)] == [(ref, True)]
    jobs.follow_verifications()
    assert held(ref)
    assert queries.payouts_to_change(SYSTEM) == []


def test_the_next_account_at_the_provider_is_another_one(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.APPROVED)
    (order,) = [
        queries.PayoutOrder(account_id(shop), "sandbox", ref, True, {}),
    ]
    use_cases.end_verification(SYSTEM, account_id(shop))
    assert use_cases.payouts_held(SYSTEM, order) is None
    assert not told(shop)
    assert not held(ref), "what the old owner earned is paid out to him"


@pytest.fixture
def stripe(tmp_path: Path, database: str) -> Iterator[StripeServer]:
    """Stripe as the provider of the process, over real HTTP."""
    with stripe_server() as server:
        keys: dict[str, Any] = {"PAYMENT_PROVIDER": "stripe", "STRIPE_SECRET_KEY": server.api_key}
        keys |= {"STRIPE_WEBHOOK_SECRET": server.webhook_secret, "STRIPE_API_BASE": server.url}
        settings.use(Settings.from_environ({"DEMO": "1", "VAR_DIR": str(tmp_path / "var"), **keys}))
        yield server


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_stripe_pays_out_by_the_schedule_that_the_operator_had(stripe: StripeServer) -> None:
    shop = open_shop(paid=False)
    ref = ref_of(onboarding.start(shop.owner, account_id(shop), BACK))
    (made,) = [request for request in stripe.requests if request.call == "POST /v1/accounts"]
    assert made.parameters["settings"] == {"payouts": {"schedule": {"interval": "manual"}}}
    Driver(stripe).confirm_account(ref)
    onboarding.set_bank_account(shop.owner, account_id(shop), IBAN)
    worker.drain()
    assert interval(stripe, ref) == "daily"
    stripe.objects[ref]["settings"]["payouts"]["schedule"] = {"interval": "weekly", "weekly_anchor": "friday"}
    stripe.objects[ref]["charges_enabled"] = False
    onboarding.returned(account_id(shop))
    worker.drain()
    assert (interval(stripe, ref), told(shop)) == ("manual", True)
    stripe.objects[ref]["charges_enabled"] = True
    stripe.trouble(f"/accounts/{ref}", times=1, status=503)
    jobs.look_at_accounts()
    jobs.look_at_accounts()
    worker.drain()
    assert stripe.objects[ref]["settings"]["payouts"]["schedule"]["weekly_anchor"] == "friday"
    assert (interval(stripe, ref), told(shop)) == ("weekly", False)
    assert scene.row(PayoutProfile, shop.account.id).payout_schedule["interval"] == "weekly"


def interval(server: StripeServer, ref: str) -> str:
    """How often Stripe pays an account out."""
    return str(server.objects[ref]["settings"]["payouts"]["schedule"]["interval"])
