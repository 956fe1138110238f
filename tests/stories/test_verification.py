"""An operator who lets the time run out, and what can be earned on the way to be verified."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.values import AccountId
from billing import checkout, jobs, onboarding, queries, reactions
from billing.payments import sandbox
from billing.payments.sandbox import Outcome
from billing.use_cases import set_price
from billing.values import Earning, PaymentStage, VerificationState
from charging import reactions as charging_reactions
from kit import clock, mail, settings, worker
from kit.errors import Conflict
from stations.values import ConnectorStatus
from tests import make, scene
from tests.billing.shop import Shop

IBAN = "CH93 0076 2011 6238 5295 7"
BACK = "http://localhost:8000/back"


@pytest.fixture
def shop(database: str, tmp_path: Path) -> Shop:
    """A garage of somebody who has just registered; its station is up, and has no price yet."""
    make.settings_for(tmp_path)
    worker.bind([reactions.REACTIONS, charging_reactions.REACTIONS], [])
    owned = make.account(name="Garage Muster AG", email="olga@example.org", language="en")
    made = make.station(property=owned.account, owner=owned.owner)
    scene.says(made.station, ConnectorStatus.AVAILABLE)
    return Shop(owned.account, made.station, made.connector, owned.owner)


def price(shop: Shop, energy: str) -> None:
    """Sell at so much a kWh."""
    free = Decimal(0)
    set_price(shop.owner, shop.connector.id, energy_price=Decimal(energy), time_price=free, session_fee=free)


def state(shop: Shop) -> VerificationState:
    """How far the operator is."""
    return queries.verification(shop.owner, AccountId(shop.account.id)).state


def subjects() -> list[str]:
    """What was mailed, oldest first; and forgotten."""
    found = [letter.subject.rpartition(" – ")[0].strip() for letter in reversed(mail.letters())]
    for path in settings.current().mail_dir.glob("*.eml"):
        path.unlink()
    return found


def a_day_passes() -> None:
    """What the worker does."""
    jobs.watch_verifications()
    jobs.deliver_sandbox_notices()
    worker.drain()


def test_money_flows_only_where_the_operator_is_verified(shop: Shop) -> None:
    account_id, began = AccountId(shop.account.id), clock.now()
    price(shop, "0")
    a_day_passes()
    known = queries.verification(shop.owner, account_id)
    assert (known.begun, known.due_at) == (False, None), "charging free of charge needs no verification"
    free = shop.scan()
    checkout.start(free)
    worker.drain()
    shop.unplug(shop.plug_in(free), 10_000)
    worker.drain()
    assert shop.view(free).stage is PaymentStage.NOTHING_DUE

    price(shop, "0.45")
    known = queries.verification(shop.owner, account_id)
    assert (known.state, known.begun) == (VerificationState.UNVERIFIED, True)
    assert known.due_at is not None
    assert known.blocked == {Earning.PAID_CHARGING, Earning.PAYOUTS}
    with pytest.raises(Conflict, match="operator_cannot_be_paid"):
        shop.scan()
    due_at = known.due_at
    assert timedelta(days=29) < due_at - began < timedelta(days=31)

    subjects()
    for days_left, reminded in ((15, False), (14, True), (13, False), (7, True), (6, False), (1, True)):
        with clock.moved_to(due_at - timedelta(days=days_left) + timedelta(minutes=1)):
            a_day_passes()
            a_day_passes()
            assert [one.startswith("Please have Garage Muster AG verified by") for one in subjects()] == [
                True
            ] * reminded

    with clock.moved_to(due_at + timedelta(minutes=1)):
        restricted_story(shop)


def restricted_story(shop: Shop) -> None:
    """From the end of the time on."""
    scene.says(shop.station, ConnectorStatus.AVAILABLE)
    a_day_passes()
    assert state(shop) is VerificationState.RESTRICTED
    assert subjects() == ["Garage Muster AG is restricted"]
    with pytest.raises(Conflict, match="verification_restricted"):
        price(shop, "0.50")
    with pytest.raises(Conflict, match="operator_cannot_be_paid"):
        shop.scan()
    price(shop, "0")
    shop.scan()
    assert queries.prices_of(shop.owner, [shop.connector.id])[shop.connector.id].energy_price == 0
    with clock.moved_to(clock.now() + timedelta(minutes=40)):
        verified_story(shop)


def verified_story(shop: Shop) -> None:
    """The operator does at last what was asked of him."""
    account_id = AccountId(shop.account.id)
    jobs.look_at_checkouts()
    scene.says(shop.station, ConnectorStatus.AVAILABLE)
    make.legal_data(account_id=account_id, owner=shop.owner)
    ref = onboarding.start(shop.owner, account_id, BACK).rsplit("/", 1)[1]
    for outcome in (Outcome.BY_HAND, Outcome.MISSING, Outcome.REFUSED):
        sandbox.confirm_account(ref, outcome)
        a_day_passes()
        assert state(shop) is VerificationState.RESTRICTED, "only a verified operator gets out of it"
    sandbox.confirm_account(ref, Outcome.APPROVED)
    a_day_passes()
    assert state(shop) is VerificationState.VERIFIED_WITHOUT_BANK
    assert subjects()[-1] == "Garage Muster AG is verified, the bank account is missing"
    price(shop, "0.50")
    running = shop.hold()
    session = shop.plug_in(running)

    onboarding.set_bank_account(shop.owner, account_id, IBAN)
    a_day_passes()
    known = queries.verification(shop.owner, account_id)
    assert (known.state, known.iban, known.blocked) == (VerificationState.VERIFIED, "CH93 •••• 2957", frozenset())
    assert subjects()[-1] == "Garage Muster AG is verified"

    sandbox.confirm_account(ref, Outcome.REFUSED)
    a_day_passes()
    assert state(shop) is VerificationState.RESTRICTED
    with pytest.raises(Conflict, match=r"operator_cannot_be_paid|occupied"):
        shop.scan()
    with clock.moved_to(session.started_at + timedelta(minutes=30)):
        shop.unplug(session, 10_000, clock.now())
        worker.drain()
        assert shop.view(running).captured_minor == 500, "what runs ends normally, and is paid"
