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
from billing.models import FormerPayee, PayoutProfile
from billing.payments import sandbox
from billing.payments.port import ProviderRefused
from billing.payments.sandbox import Outcome
from billing.values import FormerPayeeId, VerificationState
from kit import clock, settings, worker
from kit.errors import NotFound
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


def test_the_operator_reads_that_his_income_is_kept_only_where_it_is(shop: Shop) -> None:
    def reads() -> tuple[VerificationState, bool]:
        known = queries.verification(shop.owner, account_id(shop))
        return known.state, known.keeps_income

    ref = signed_up(shop, Outcome.BY_HAND)
    assert reads() == (VerificationState.PENDING, True)
    sandbox.faults.arrange("release_payouts", error=ProviderRefused("not_now"))
    decided(shop, ref, Outcome.APPROVED)
    assert (held(ref), reads()) == (True, (VerificationState.VERIFIED, False)), "it only has to be told"
    jobs.follow_verifications()
    suspend_account(staff(), account_id(shop))
    worker.drain()
    assert reads() == (VerificationState.VERIFIED, True), "the platform keeps it"


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


def staff() -> Actor:
    """Somebody who runs the platform."""
    return Actor(ActorKind.USER, make.login().user.id, staff=True)


def left_behind() -> list[tuple[str, AccountId]]:
    """What staff see: references at the provider, and whose account here."""
    rows = queries.former_payees(staff())
    return [(row.provider_account, AccountId(row.account_id)) for row in rows]


def test_what_was_kept_when_an_account_closed_is_paid_out_once_the_provider_has_checked_its_operator(
    shop: Shop,
) -> None:
    ref = signed_up(shop, Outcome.REFUSED)
    use_cases.end_selling(SYSTEM, account_id(shop))
    worker.drain()
    for step in (jobs.look_at_accounts, jobs.follow_verifications):
        step()
    assert (held(ref), left_behind()) == (True, [(ref, account_id(shop))])
    sandbox.confirm_account(ref, Outcome.APPROVED)
    for step in (jobs.look_at_accounts, jobs.follow_verifications):
        step()
    assert (held(ref), left_behind()) == (False, [])
    use_cases.erase_books(SYSTEM, account_id(shop))
    assert scene.rows(FormerPayee) == []


def test_what_the_next_owner_has_nothing_to_do_with_is_let_go_by_staff_and_stays_so(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.REFUSED)
    archive = AccountId(scene.account(name="Lindenhof bis heute").id)
    use_cases.part_books(SYSTEM, account_id(shop), archive)
    worker.drain()
    jobs.follow_verifications()
    assert (held(ref), left_behind()) == (True, [(ref, archive)])
    with pytest.raises(NotFound):
        queries.former_payees(shop.owner)
    [row] = scene.rows(FormerPayee)
    with pytest.raises(NotFound):
        use_cases.release_payouts(shop.owner, FormerPayeeId(row.id))
    sandbox.faults.arrange("release_payouts", error=ProviderRefused("not_now"))
    use_cases.release_payouts(staff(), FormerPayeeId(row.id))
    worker.drain()
    assert (held(ref), left_behind()) == (True, [(ref, archive)]), "staff see that the provider has not heard yet"
    for _ in range(2):
        jobs.follow_verifications()
        jobs.look_at_accounts()
    assert (held(ref), left_behind()) == (False, [])
    assert scene.row(FormerPayee, row.id).released_by.startswith("user:")


def test_what_is_held_without_our_knowing_is_not_lost_either_and_what_is_not_held_is_found_out(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.APPROVED)
    sandbox.faults.arrange("hold_payouts", answer_lost=True)
    decided(shop, ref, Outcome.REFUSED)
    assert (held(ref), told(shop)) == (True, False)
    use_cases.end_selling(SYSTEM, account_id(shop))
    jobs.look_at_accounts()
    assert left_behind() == [(ref, account_id(shop))]
    sandbox.provider.release_payouts(ref, {})
    jobs.look_at_accounts()
    assert left_behind() == []


def test_who_is_stopped_by_the_platform_and_checked_anew_waits_until_the_stop_ends(shop: Shop) -> None:
    ref = signed_up(shop, Outcome.APPROVED)
    suspend_account(staff(), account_id(shop))
    worker.drain()
    use_cases.end_verification(SYSTEM, account_id(shop))
    worker.drain()
    jobs.follow_verifications()
    assert (held(ref), left_behind()) == (True, [(ref, account_id(shop))])
    resume_account(staff(), account_id(shop))
    worker.drain()
    assert (held(ref), left_behind()) == (False, [])


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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_stripe_pays_out_what_was_left_behind_by_the_schedule_of_before(stripe: StripeServer) -> None:
    shop = open_shop(paid=False)
    ref = ref_of(onboarding.start(shop.owner, account_id(shop), BACK))
    Driver(stripe).confirm_account(ref)
    onboarding.set_bank_account(shop.owner, account_id(shop), IBAN)
    worker.drain()
    stripe.objects[ref]["settings"]["payouts"]["schedule"] = {"interval": "weekly", "weekly_anchor": "friday"}
    stripe.objects[ref]["charges_enabled"] = False
    onboarding.returned(account_id(shop))
    worker.drain()
    use_cases.end_selling(SYSTEM, account_id(shop))
    worker.drain()
    assert (interval(stripe, ref), left_behind()) == ("manual", [(ref, account_id(shop))])
    stripe.objects[ref]["charges_enabled"] = True
    for step in (jobs.look_at_accounts, jobs.follow_verifications):
        step()
    assert (interval(stripe, ref), left_behind()) == ("weekly", [])


def interval(server: StripeServer, ref: str) -> str:
    """How often Stripe pays an account out."""
    return str(server.objects[ref]["settings"]["payouts"]["schedule"]["interval"])
