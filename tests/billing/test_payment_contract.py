"""One contract for every payment provider, asked of the sandbox and, over real HTTP, of Stripe's adapter."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from billing.payments import sandbox
from billing.payments.port import (
    AccountOrder,
    BankAccount,
    CardCharge,
    CardOrder,
    CheckoutOrder,
    Hold,
    NotGenuine,
    PaymentProvider,
    ProviderDown,
    ProviderRefused,
)
from billing.payments.stripe import StripeProvider
from billing.values import HoldState, LegalKind
from kit import clock, db
from kit.ids import new_id
from tests import make
from tests.stripe_driver import Driver
from tests.stripe_server import StripeServer, stripe_server

GOOD, DECLINED, EMPTY, SECURE = "4242424242424242", "4000000000000002", "4000000000009995", "4000002500003155"


@dataclass
class World:
    """A provider, and the other side of it: its hosted pages, its webhooks, its bad days."""

    provider: PaymentProvider
    pay: Callable[[str, str], Any]
    authenticate: Callable[[str, bool], Any]
    confirm_account: Callable[[str], Any]
    notices: Callable[[], list[tuple[bytes, str]]]
    fail: Callable[[str, bool], None]
    declines: tuple[str, str]

    def account(self) -> str:
        """An operator who can be paid."""
        ref = self.provider.create_account(
            AccountOrder(new_id(), "Muster AG", "a@example.org", "CH"), f"account:{new_id()}"
        )
        self.confirm_account(ref)
        self.notices()
        return ref

    def order(self, **changes: Any) -> CheckoutOrder:
        """CHF 60 for an operator who can be paid."""
        facts: dict[str, Any] = {
            "payment_id": new_id(),
            "amount_minor": 6000,
            "currency": "CHF",
            "description": "Charging at connector 1234567",
            "email": "driver@example.org",
            "language": "fr",
            "return_url": "http://localhost:8000/pay/1/return",
            "cancel_url": "http://localhost:8000/pay/1/cancel",
            "expires_at": clock.now() + timedelta(minutes=45),
        }
        facts["account_ref"] = changes.pop("account_ref", None) or self.account()
        return CheckoutOrder(**facts | changes)

    def held(self, **changes: Any) -> tuple[str, Hold]:
        """A checkout that was paid with a good card."""
        order = self.order(**changes)
        opened = self.provider.open_checkout(order, f"payment:{order.payment_id}:checkout:v1")
        self.pay(opened.ref, GOOD)
        return opened.ref, self.provider.read_hold(opened.ref)


@contextmanager
def sandbox_world(url: str, var_dir: Path) -> Iterator[World]:
    """The sandbox on a database."""

    def notices() -> list[tuple[bytes, str]]:
        taken: list[tuple[bytes, str]] = []
        sandbox.deliver_due(lambda raw, signature: taken.append((raw, signature)))
        return taken

    def fail(step: str, answer_lost: bool) -> None:
        sandbox.faults.arrange(step, answer_lost=answer_lost)

    make.settings_for(var_dir)
    db.connect(url)
    yield World(
        provider=sandbox.provider,
        pay=sandbox.pay,
        authenticate=sandbox.authenticate,
        confirm_account=sandbox.confirm_account,
        notices=notices,
        fail=fail,
        declines=("card_declined", "insufficient_funds"),
    )
    sandbox.faults.clear()
    db.disconnect()


PATHS = {"capture": "/capture", "cancel": "/cancel", "refund": "/refunds", "open_checkout": "/checkout/sessions"}


@pytest.fixture
def stripe_world() -> Iterator[World]:
    with stripe_server() as server:
        driver = Driver(server)
        yield World(
            provider=StripeProvider(server.api_key, server.webhook_secret, server.url, retries=0),
            pay=driver.pay,
            authenticate=driver.authenticate,
            confirm_account=driver.confirm_account,
            notices=server.webhooks,
            fail=lambda step, lost: server.trouble(PATHS.get(step, "/v1/"), answer_lost=lost),
            declines=("generic_decline", "insufficient_funds"),
        )


@pytest.fixture(params=["sandbox on sqlite", "sandbox on postgresql", "stripe"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Each provider in turn."""
    if request.param == "stripe":
        yield request.getfixturevalue("stripe_world")
        return
    with sandbox_world(request.getfixturevalue(f"{request.param.split()[-1]}_url"), tmp_path) as made:
        yield made


def test_a_good_card_reserves_the_money_and_names_the_card(world: World) -> None:
    _, hold = world.held()
    assert (hold.state, hold.amount_minor, hold.currency) == (HoldState.HELD, 6000, "CHF")
    assert hold.ref
    assert hold.card.endswith("4242")
    assert hold.decline is None
    assert hold.ends_at is not None
    assert timedelta(days=6) < hold.ends_at - clock.now() <= timedelta(days=7)
    assert (hold.captured_minor, hold.fee_minor, hold.refunded_minor) == (0, 0, 0)


def test_a_stored_card_pays_later_while_nobody_is_there(world: World) -> None:
    order = CardOrder(new_id(), "Invoices", "de", "http://a/return", "http://a/cancel", in_minutes(45))
    opened = world.provider.open_card_page(order, "s1")
    assert world.provider.open_card_page(order, "s1") == opened
    assert world.provider.read_stored_card(opened.ref).state is HoldState.OPEN
    world.pay(opened.ref, GOOD)
    stored = world.provider.read_stored_card(opened.ref)
    assert (stored.state, stored.card[-4:]) == (HoldState.HELD, "4242")
    charge = CardCharge(new_id(), stored.ref, stored.customer_ref, 2700, "CHF", "Invoice L-000001")
    paid = world.provider.charge_card(charge, "p1")
    assert world.provider.charge_card(charge, "p1") == paid
    assert world.provider.charge_card(charge, "p2") != paid
    with pytest.raises(ProviderRefused) as reused:
        world.provider.charge_card(dataclasses.replace(charge, amount_minor=2800), "p1")
    assert reused.value.code == "idempotency_key_reused"
    for _ in range(2):
        world.provider.forget_card(stored.ref)
    with pytest.raises(ProviderRefused):
        world.provider.charge_card(charge, "p3")


def test_a_bank_that_always_asks_its_client_gives_nothing_while_he_is_away(world: World) -> None:
    order = CardOrder(new_id(), "Invoices", "de", "http://a/return", "http://a/cancel", in_minutes(45))
    opened = world.provider.open_card_page(order, "s1")
    world.pay(opened.ref, SECURE)
    if world.provider.read_stored_card(opened.ref).state is HoldState.AUTHENTICATING:
        world.authenticate(opened.ref, True)
    stored = world.provider.read_stored_card(opened.ref)
    assert stored.state is HoldState.HELD
    charge = CardCharge(new_id(), stored.ref, stored.customer_ref, 2700, "CHF", "Invoice L-000001")
    with pytest.raises(ProviderRefused) as refused:
        world.provider.charge_card(charge, "p1")
    assert refused.value.code == "authentication_required"


def test_a_payment_to_the_platform_itself_knows_no_operator(world: World) -> None:
    order = dataclasses.replace(world.order(), account_ref="")
    opened = world.provider.open_checkout(order, "k1")
    world.pay(opened.ref, GOOD)
    hold = world.provider.read_hold(opened.ref)
    assert hold.ref
    assert world.provider.capture(hold.ref, 6000, 0, "c1").captured_minor == 6000


def in_minutes(count: int) -> datetime:
    """A moment that is coming."""
    return clock.now() + timedelta(minutes=count)


def test_a_checkout_is_open_until_somebody_pays(world: World) -> None:
    order = world.order()
    opened = world.provider.open_checkout(order, "k1")
    hold = world.provider.read_hold(opened.ref)
    assert (hold.state, hold.ref, hold.amount_minor, hold.currency) == (HoldState.OPEN, None, 6000, "CHF")


def test_a_declined_card_says_why_and_another_one_may_be_tried(world: World) -> None:
    opened = world.provider.open_checkout(world.order(), "k1")
    world.pay(opened.ref, DECLINED)
    declined = world.provider.read_hold(opened.ref)
    assert (declined.state, declined.decline) == (HoldState.OPEN, world.declines[0])
    world.pay(opened.ref, EMPTY)
    assert world.provider.read_hold(opened.ref).decline == world.declines[1]
    world.pay(opened.ref, GOOD)
    held = world.provider.read_hold(opened.ref)
    assert (held.state, held.decline) == (HoldState.HELD, None)


def test_a_card_with_3d_secure_holds_only_after_the_confirmation(world: World) -> None:
    opened = world.provider.open_checkout(world.order(), "k1")
    world.pay(opened.ref, SECURE)
    assert world.provider.read_hold(opened.ref).state is HoldState.AUTHENTICATING
    world.authenticate(opened.ref, False)
    refused = world.provider.read_hold(opened.ref)
    assert refused.state is HoldState.OPEN
    assert refused.decline is not None
    world.pay(opened.ref, SECURE)
    world.authenticate(opened.ref, True)
    assert world.provider.read_hold(opened.ref).state is HoldState.HELD


def test_the_same_key_opens_one_checkout_and_another_wish_under_it_is_refused(world: World) -> None:
    order = world.order()
    first = world.provider.open_checkout(order, "k1")
    assert world.provider.open_checkout(order, "k1") == first
    assert world.provider.open_checkout(order, "k2").ref != first.ref
    with pytest.raises(ProviderRefused) as refusal:
        world.provider.open_checkout(dataclasses.replace(order, amount_minor=7000), "k1")
    assert refusal.value.code == "idempotency_key_reused"


def test_nobody_pays_an_operator_who_was_not_checked(world: World) -> None:
    ref = world.provider.create_account(AccountOrder(new_id(), "Muster AG", "", "CH"), "account:1")
    assert not world.provider.read_account(ref).charges_enabled
    with pytest.raises(ProviderRefused):
        world.provider.open_checkout(world.order(account_ref=ref), "k1")
    assert world.provider.onboarding_url(ref, "http://localhost:8000/back").startswith("http")
    world.confirm_account(ref)
    assert world.provider.read_account(ref).charges_enabled
    assert world.provider.open_checkout(world.order(account_ref=ref), "k2").ref


def test_a_bank_account_lets_a_checked_operator_be_paid_out(world: World) -> None:
    ref = world.provider.create_account(AccountOrder(new_id(), "Lina Linde", "", "CH", LegalKind.PERSON), "account:1")
    fresh = world.provider.read_account(ref)
    assert (fresh.submitted, fresh.payouts_enabled, fresh.bank_end) == (False, False, "")
    world.confirm_account(ref)
    checked = world.provider.read_account(ref)
    assert (checked.submitted, checked.charges_enabled, checked.payouts_enabled) == (True, True, False)
    for _ in range(2):
        world.provider.set_bank_account(ref, BankAccount("CH9300762011623852957", "CHF"), "bank:1")
    paid = world.provider.read_account(ref)
    assert (paid.payouts_enabled, paid.bank_end, paid.requirements, paid.refused) == (True, "2957", (), False)


def test_a_new_operator_is_paid_out_when_we_say_so_and_no_more_when_we_say_that(world: World) -> None:
    ref = world.account()
    assert world.provider.read_account(ref).payouts_held
    released = world.provider.release_payouts(ref, {})
    assert released == world.provider.read_account(ref)
    assert (released.payouts_held, released.payout_schedule) == (False, {"interval": "daily"})
    for _ in range(2):
        held = world.provider.hold_payouts(ref)
        assert held == world.provider.read_account(ref)
        assert (held.payouts_held, held.payout_schedule, held.charges_enabled) == (True, {}, True)
    world.notices()
    with pytest.raises(ProviderRefused):
        world.provider.hold_payouts("acct_unknown")


@pytest.mark.parametrize(
    "schedule",
    [
        {"interval": "weekly", "weekly_anchor": "friday"},
        {"interval": "weekly", "weekly_payout_days": ["monday", "thursday"]},
        {"interval": "monthly", "monthly_anchor": 31},
        {"interval": "monthly", "monthly_payout_days": [1, 15]},
    ],
)
def test_a_schedule_that_stripe_tells_is_one_that_it_takes_back(schedule: dict[str, Any]) -> None:
    with stripe_server() as server:
        provider = StripeProvider(server.api_key, server.webhook_secret, server.url, retries=0)
        ref = provider.create_account(AccountOrder(new_id(), "Muster AG", "", "CH"), "account:2")
        server.objects[ref]["settings"]["payouts"]["schedule"] = {"delay_days": 7, **schedule}
        told = provider.read_account(ref).payout_schedule
        assert told == schedule
        assert provider.hold_payouts(ref).payouts_held
        server.requests.clear()
        assert provider.release_payouts(ref, told).payouts_held is False
        (asked,) = server.requests
        back = server.objects[ref]["settings"]["payouts"]["schedule"]
    assert asked.call == "POST /v1/accounts/:id"
    assert {name: str(value) for name, value in back.items()} == {
        name: str([*map(str, value)] if isinstance(value, list) else value)
        for name, value in {"delay_days": 7, **schedule}.items()
    }


def test_what_stripe_still_wants_is_told() -> None:
    with stripe_server() as server:
        other = StripeProvider(server.api_key, server.webhook_secret, server.url, retries=0)
        ref = other.create_account(AccountOrder(new_id(), "Muster AG", "", "CH"), "account:2")
        server.objects[ref] |= {"details_submitted": True}
        server.objects[ref]["requirements"] |= {
            "currently_due": ["company.tax_id", "person.dob.day"],
            "past_due": ["company.tax_id"],
            "current_deadline": 1_900_000_000,
            "disabled_reason": "rejected.fraud",
        }
        told = other.read_account(ref)
    assert told.requirements == ("company.tax_id", "person.dob.day")
    assert (told.submitted, told.refused) == (False, True)
    assert told.due_at == datetime.fromtimestamp(1_900_000_000, UTC)


def test_making_an_account_twice_with_one_key_makes_one(world: World) -> None:
    order = AccountOrder(new_id(), "Muster AG", "a@example.org", "CH")
    assert world.provider.create_account(order, "a1") == world.provider.create_account(order, "a1")
    assert world.provider.create_account(order, "a2") != world.provider.create_account(order, "a1")


def test_a_capture_takes_the_real_amount_and_the_fee_of_it(world: World) -> None:
    checkout, hold = world.held()
    assert hold.ref
    taken = world.provider.capture(hold.ref, 1234, 123, "c1")
    assert (taken.state, taken.captured_minor, taken.fee_minor) == (HoldState.CAPTURED, 1234, 123)
    assert taken.available_at is not None
    assert taken.available_at > clock.now()
    assert world.provider.read_hold(checkout) == taken


def test_a_capture_may_take_all_and_no_fee(world: World) -> None:
    _, hold = world.held()
    assert hold.ref
    taken = world.provider.capture(hold.ref, 6000, 0, "c1")
    assert (taken.captured_minor, taken.fee_minor) == (6000, 0)


def test_a_capture_asked_for_again_happens_once(world: World) -> None:
    _, hold = world.held()
    assert hold.ref
    first = world.provider.capture(hold.ref, 1234, 123, "c1")
    assert world.provider.capture(hold.ref, 1234, 123, "c1") == first
    with pytest.raises(ProviderRefused):
        world.provider.capture(hold.ref, 1300, 130, "c1")
    with pytest.raises(ProviderRefused):
        world.provider.capture(hold.ref, 1234, 123, "c2")


@pytest.mark.parametrize(("amount", "fee"), [(6001, 600), (0, 0), (-5, 0), (1000, 1001)])
def test_a_capture_beyond_the_hold_or_with_an_odd_fee_is_refused(world: World, amount: int, fee: int) -> None:
    checkout, hold = world.held()
    assert hold.ref
    with pytest.raises(ProviderRefused):
        world.provider.capture(hold.ref, amount, fee, "c1")
    assert world.provider.read_hold(checkout).state is HoldState.HELD


def test_a_cancelled_hold_is_given_back_and_can_not_be_captured(world: World) -> None:
    checkout, hold = world.held()
    assert hold.ref
    assert world.provider.cancel(hold.ref, "r1").state is HoldState.RELEASED
    assert world.provider.cancel(hold.ref, "r1").state is HoldState.RELEASED
    assert world.provider.read_hold(checkout).state is HoldState.RELEASED
    with pytest.raises(ProviderRefused):
        world.provider.cancel(hold.ref, "r2")
    with pytest.raises(ProviderRefused):
        world.provider.capture(hold.ref, 1000, 100, "c1")


def test_captured_money_can_not_be_cancelled(world: World) -> None:
    _, hold = world.held()
    assert hold.ref
    world.provider.capture(hold.ref, 1234, 123, "c1")
    with pytest.raises(ProviderRefused):
        world.provider.cancel(hold.ref, "r1")


def test_refunds_give_the_fee_back_in_proportion_and_never_more_than_was_taken(world: World) -> None:
    checkout, hold = world.held()
    assert hold.ref
    world.provider.capture(hold.ref, 1000, 100, "c1")
    first = world.provider.refund(hold.ref, 300, "f1")
    assert (first.amount_minor, first.fee_returned_minor) == (300, 30)
    assert world.provider.refund(hold.ref, 300, "f1") == first
    second = world.provider.refund(hold.ref, 700, "f2")
    assert (second.amount_minor, second.fee_returned_minor) == (700, 100)
    assert second.ref != first.ref
    assert world.provider.read_hold(checkout).refunded_minor == 1000
    with pytest.raises(ProviderRefused):
        world.provider.refund(hold.ref, 1, "f3")


def test_what_was_not_captured_can_not_be_refunded(world: World) -> None:
    _, hold = world.held()
    assert hold.ref
    with pytest.raises(ProviderRefused):
        world.provider.refund(hold.ref, 100, "f1")


def test_a_closed_checkout_takes_no_card(world: World) -> None:
    opened = world.provider.open_checkout(world.order(), "k1")
    assert world.provider.close_checkout(opened.ref, "x1").state is HoldState.EXPIRED
    assert world.provider.close_checkout(opened.ref, "x1").state is HoldState.EXPIRED
    assert world.provider.close_checkout(opened.ref, "x2").state is HoldState.EXPIRED


def test_closing_a_checkout_keeps_the_reason_of_the_last_refusal(world: World) -> None:
    opened = world.provider.open_checkout(world.order(), "k1")
    world.pay(opened.ref, DECLINED)
    closed = world.provider.close_checkout(opened.ref, "x1")
    assert (closed.state, closed.decline) == (HoldState.EXPIRED, world.declines[0])


def test_closing_a_checkout_that_was_paid_says_so(world: World) -> None:
    checkout, _ = world.held()
    assert world.provider.close_checkout(checkout, "x1").state is HoldState.HELD


@pytest.mark.parametrize("step", ["capture", "cancel"])
def test_a_lost_answer_is_found_again_with_the_same_key(world: World, step: str) -> None:
    _, hold = world.held()
    assert hold.ref
    world.fail(step, True)

    def call() -> Hold:
        assert hold.ref
        if step == "capture":
            return world.provider.capture(hold.ref, 1234, 123, "k")
        return world.provider.cancel(hold.ref, "k")

    with pytest.raises(ProviderDown):
        call()
    assert call().state is (HoldState.CAPTURED if step == "capture" else HoldState.RELEASED)


def test_a_call_that_never_arrived_did_nothing(world: World) -> None:
    checkout, hold = world.held()
    assert hold.ref
    world.fail("capture", False)
    with pytest.raises(ProviderDown):
        world.provider.capture(hold.ref, 1234, 123, "c1")
    assert world.provider.read_hold(checkout).state is HoldState.HELD
    assert world.provider.capture(hold.ref, 1234, 123, "c1").captured_minor == 1234


def test_a_refund_whose_answer_was_lost_is_paid_once(world: World) -> None:
    checkout, hold = world.held()
    assert hold.ref
    world.provider.capture(hold.ref, 1000, 100, "c1")
    world.fail("refund", True)
    with pytest.raises(ProviderDown):
        world.provider.refund(hold.ref, 400, "f1")
    assert world.provider.refund(hold.ref, 400, "f1").amount_minor == 400
    assert world.provider.read_hold(checkout).refunded_minor == 400


def test_a_webhook_says_which_payment_it_is_about_and_is_judged_by_its_bytes(world: World) -> None:
    payment_id = new_id()
    world.held(payment_id=payment_id)
    notices = world.notices()
    assert notices
    told = [world.provider.verify_webhook(raw, signature) for raw, signature in notices]
    assert {notice.payment_id for notice in told} == {payment_id}
    assert len({notice.ref for notice in told}) == len(notices)
    assert all(isinstance(notice.payment_id, UUID) and notice.account_ref is None for notice in told)
    raw, signature = notices[0]
    for forged, vouched in ((raw + b" ", signature), (raw, signature.replace("v1=", "v1=0")), (raw, ""), (raw, "t=x")):
        with pytest.raises(NotGenuine):
            world.provider.verify_webhook(forged, vouched)


def test_every_step_is_announced(world: World) -> None:
    _, hold = world.held()
    assert hold.ref
    assert world.notices()
    world.provider.capture(hold.ref, 1000, 100, "c1")
    assert world.notices()
    world.provider.refund(hold.ref, 100, "f1")
    assert world.notices()
    _, other = world.held()
    assert other.ref
    world.notices()
    world.provider.cancel(other.ref, "r1")
    assert world.notices()
    opened = world.provider.open_checkout(world.order(), "k9")
    world.provider.close_checkout(opened.ref, "x9")
    assert world.notices()


def test_a_webhook_about_an_account_names_it(world: World) -> None:
    ref = world.provider.create_account(AccountOrder(new_id(), "Muster AG", "", "CH"), "account:1")
    world.confirm_account(ref)
    ((raw, signature),) = world.notices()
    notice = world.provider.verify_webhook(raw, signature)
    assert (notice.account_ref, notice.payment_id) == (ref, None)


def test_stripe_gets_a_destination_charge_with_our_own_key_on_every_step(stripe_world: World) -> None:
    order = stripe_world.order()
    opened = stripe_world.provider.open_checkout(order, "payment:1:checkout:v1")
    stripe_world.pay(opened.ref, GOOD)
    hold = stripe_world.provider.read_hold(opened.ref)
    assert hold.ref
    stripe_world.provider.capture(hold.ref, 1234, 123, "payment:1:capture:v1")
    server: StripeServer = stripe_world.notices.__self__  # type: ignore[attr-defined]  # the server's own method
    asked = {request.call: request for request in server.requests}
    data = asked["POST /v1/checkout/sessions"].parameters["payment_intent_data"]
    assert data["transfer_data"] == {"destination": order.account_ref}
    assert data["on_behalf_of"] == order.account_ref
    assert data["capture_method"] == "manual"
    assert data["metadata"] == {"payment_id": str(order.payment_id)}
    assert asked["POST /v1/checkout/sessions"].key == "payment:1:checkout:v1"
    capture = asked["POST /v1/payment_intents/:id/capture"]
    assert capture.key == "payment:1:capture:v1"
    assert (capture.parameters["amount_to_capture"], capture.parameters["application_fee_amount"]) == ("1234", "123")
