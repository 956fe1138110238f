"""Double entry: always balanced, each deed once."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from billing import ledger
from billing.ledger import Sale
from billing.models import LedgerEntry
from billing.values import LedgerAccount
from kit import db
from kit.money import percent_minor
from tests.billing.rows import add_account, add_operator, add_payment, agreed_terms

SOON, AVAILABLE = LedgerAccount.PROVIDER_SOON, LedgerAccount.PROVIDER_AVAILABLE
FEE, REVENUE, VAT = LedgerAccount.PLATFORM_FEE, LedgerAccount.REVENUE, LedgerAccount.VAT

pytestmark = pytest.mark.usefixtures("database")


def books(account_id: UUID) -> dict[LedgerAccount, int]:
    with db.transaction(writing=False):
        assert ledger.unbalanced_entries() == []
        return {side: total for (_, side), total in ledger.balances([account_id]).items() if total}


def test_a_capture_is_split_into_revenue_tax_and_fee() -> None:
    operator = add_operator()
    payment_id = add_payment(operator, agreed_terms())
    with db.transaction(writing=True):
        assert ledger.book_capture(operator.account_id, payment_id, "CHF", Sale(977, 79, 106))
        assert not ledger.book_capture(operator.account_id, payment_id, "CHF", Sale(977, 79, 106))
    assert books(operator.account_id) == {SOON: 950, FEE: 106, REVENUE: -977, VAT: -79}


def test_money_becomes_available_once_and_a_refund_leaves_from_where_it_is() -> None:
    operator = add_operator()
    payment_id = add_payment(operator, agreed_terms())
    account_id = operator.account_id
    with db.transaction(writing=True):
        ledger.book_capture(account_id, payment_id, "CHF", Sale(977, 79, 106))
        ledger.book_refund(account_id, payment_id, "CHF", Sale(463, 37, 50), refund_key="1")
    assert books(account_id) == {SOON: 500, FEE: 56, REVENUE: -514, VAT: -42}
    with db.transaction(writing=True):
        assert ledger.book_available(account_id, payment_id, "CHF")
        assert not ledger.book_available(account_id, payment_id, "CHF")
    assert books(account_id) == {AVAILABLE: 500, FEE: 56, REVENUE: -514, VAT: -42}
    with db.transaction(writing=True):
        assert ledger.book_refund(account_id, payment_id, "CHF", Sale(514, 42, 56), refund_key="2")
        assert not ledger.book_refund(account_id, payment_id, "CHF", Sale(514, 42, 56), refund_key="2")
    assert books(account_id) == {}


def test_a_booking_that_does_not_add_up_is_refused() -> None:
    account_id = add_account()
    with pytest.raises(AssertionError, match="debits and credits differ"), db.transaction(writing=True):
        ledger.post(account_id, "wrong", "CHF", {SOON: 100, REVENUE: -99})
    with db.transaction(writing=False) as unit:
        assert unit.session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


def test_eight_threads_book_the_same_deed_once() -> None:
    account_id = add_account()

    def book(_: int) -> bool:
        with db.transaction(writing=True):
            return ledger.post(account_id, "capture:1", "CHF", {SOON: 100, REVENUE: -100})

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(book, range(40))) == [False] * 39 + [True]
    assert books(account_id) == {SOON: 100, REVENUE: -100}


def test_currencies_are_never_added_up() -> None:
    account_id = add_account()
    with db.transaction(writing=True):
        ledger.post(account_id, "a", "CHF", {SOON: 100, REVENUE: -100})
        ledger.post(account_id, "b", "EUR", {SOON: 50, REVENUE: -50})
        assert ledger.balances([account_id]) == {
            ("CHF", SOON): 100,
            ("CHF", REVENUE): -100,
            ("EUR", SOON): 50,
            ("EUR", REVENUE): -50,
        }


amounts = st.integers(50, 20_000)


@given(gross=amounts, parts=st.lists(st.tuples(amounts, st.booleans()), max_size=5))
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_refunded_when_the_books_balance_and_end_at_what_is_left(
    gross: int, parts: list[tuple[int, bool]]
) -> None:
    operator = add_operator()
    payment_id = add_payment(operator, agreed_terms())
    fee = percent_minor(gross, Decimal(10))
    left, left_fee = gross, fee
    with db.transaction(writing=True):
        ledger.book_capture(operator.account_id, payment_id, "CHF", Sale(gross, 0, fee))
        for number, (part, move_first) in enumerate(parts):
            if move_first:
                ledger.book_available(operator.account_id, payment_id, "CHF")
            back = min(part, left)
            back_fee = left_fee - percent_minor(left - back, Decimal(10))
            ledger.book_refund(operator.account_id, payment_id, "CHF", Sale(back, 0, back_fee), refund_key=str(number))
            left, left_fee = left - back, left_fee - back_fee
    sums = books(operator.account_id)
    assert sum(sums.values()) == 0
    assert sums.get(SOON, 0) + sums.get(AVAILABLE, 0) == left - left_fee
    assert -sums.get(REVENUE, 0) == left
