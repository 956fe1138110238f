"""What an operator earned, and the move from soon to available."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.access import ANYONE, SYSTEM
from accounts.models import Grant
from accounts.rights import Role
from accounts.use_cases import revoke_grant
from accounts.values import GrantId
from billing import ledger
from billing.ledger import Sale
from billing.models import Payment
from billing.queries import Balance, Income, MonthIncome, income
from billing.use_cases import move_available_income
from billing.values import LedgerAccount
from kit import clock, db
from kit.errors import Forbidden, NotFound
from tests import make, scene
from tests.billing.rows import Operator, add_account, add_operator, sell

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def capture(operator: Operator, at: datetime, *, available_after: timedelta = timedelta(days=7)) -> None:
    """A captured sale of 13.96 with a fee of 1.40."""
    with clock.moved_to(at):
        payment_id = sell(operator)
        with db.transaction(writing=True) as unit:
            ledger.book_capture(operator.account_id, payment_id, "CHF", Sale(1_291, 105, 140))
            unit.session.get_one(Payment, payment_id).available_at = at + available_after


def test_money_is_soon_available_and_then_available() -> None:
    operator = add_operator()
    owner = operator.actor(Role.OWNER)
    capture(operator, NOW - timedelta(days=8))
    capture(operator, NOW)
    with clock.moved_to(NOW):
        assert income(owner).balances == (Balance("CHF", 0, 2_512),)
        assert move_available_income(SYSTEM) == 1
        assert move_available_income(SYSTEM) == 0
        assert income(owner, operator.account_id).balances == (Balance("CHF", 1_256, 1_256),)
    with clock.moved_to(NOW + timedelta(days=7, minutes=1)):
        assert move_available_income(SYSTEM) == 1
        assert income(owner).balances == (Balance("CHF", 2_512, 0),)


def test_months_are_those_of_the_property_and_refunds_count_where_they_happen() -> None:
    operator = add_operator()
    capture(operator, datetime(2026, 10, 31, 22, 55, tzinfo=UTC))
    capture(operator, datetime(2026, 10, 31, 23, 0, 1, tzinfo=UTC))
    capture(operator, datetime(2025, 12, 1, 0, 0, 1, tzinfo=UTC))
    capture(operator, datetime(2025, 11, 30, 12, 0, tzinfo=UTC))
    with clock.moved_to(NOW):
        refund = {
            LedgerAccount.PROVIDER_SOON: -450,
            LedgerAccount.PLATFORM_FEE: -50,
            LedgerAccount.REVENUE: 463,
            LedgerAccount.VAT: 37,
        }
        with db.transaction(writing=True):
            ledger.post(operator.account_id, "refund:x", "CHF", refund)
        months = income(operator.actor(Role.ACCOUNTANT), operator.account_id).months
    assert months == (
        MonthIncome(date(2026, 11, 1), "CHF", 896, 68, 90),
        MonthIncome(date(2026, 10, 1), "CHF", 1_396, 105, 140),
        MonthIncome(date(2025, 12, 1), "CHF", 1_396, 105, 140),
    )
    assert months[0].earned_minor == 806


def test_a_master_sees_the_sum_of_its_properties() -> None:
    master_id = add_account(name="Muster")
    first, second = add_operator(parent_id=master_id), add_operator(parent_id=master_id)
    for operator in (first, second, add_operator()):
        capture(operator, NOW)
    with clock.moved_to(NOW):
        assert income(SYSTEM, master_id).balances == (Balance("CHF", 0, 2_512),)
        assert income(first.actor(Role.OWNER)).balances == (Balance("CHF", 0, 1_256),)
        assert income(SYSTEM).balances == (Balance("CHF", 0, 3_768),)


def test_a_master_sees_no_income_of_a_property_that_took_its_role_back() -> None:
    master = make.account(name="Muster")
    kept, gone = (make.property(master=master, name=name) for name in ("Kept", "Gone"))
    for home in (kept, gone):
        with db.transaction(writing=True):
            sale = {LedgerAccount.PROVIDER_SOON: 100, LedgerAccount.REVENUE: -100}
            ledger.post(home.id, f"sale:{home.name}", "CHF", sale)
    make.login(account=gone)  # an owner stays
    mandate = scene.rows(Grant, Grant.account_id == gone.id, Grant.holder_id == master.id)[0]
    revoke_grant(SYSTEM, GrantId(mandate.id))
    assert income(master.owner, master.id).balances == (Balance("CHF", 0, 100),)


def test_income_is_for_those_who_may_see_it() -> None:
    operator = add_operator()
    capture(operator, NOW)
    with pytest.raises(Forbidden):
        income(operator.actor(Role.TECHNICIAN), operator.account_id)
    with pytest.raises(NotFound):
        income(ANYONE, operator.account_id)
    assert income(operator.actor(Role.TECHNICIAN)) == Income((), ())
    with pytest.raises(Forbidden):
        move_available_income(operator.actor(Role.OWNER))
