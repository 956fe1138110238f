"""A provider that does not answer, or refuses: what the jobs and the platform's staff do about it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from accounts.access import SYSTEM, Actor, ActorKind
from billing import jobs, queries, use_cases
from billing.models import Document, Payment, SandboxCall
from billing.payments.port import Hold, ProviderDown, ProviderRefused
from billing.payments.sandbox.adapter import SandboxProvider
from billing.payments.sandbox.faults import faults
from billing.queries import leftovers
from billing.values import PaymentId, PaymentState
from kit import clock, db, worker
from kit.audit import AuditLine
from kit.errors import Conflict, NotFound
from kit.ids import new_id
from tests import scene
from tests.billing.shop import Shop, holds_at_provider, open_shop, payment_of

pytestmark = pytest.mark.usefixtures("database", "program")
STAFF = Actor(ActorKind.USER, new_id(), staff=True)


@pytest.fixture(autouse=True)
def _no_faults() -> Iterator[None]:
    yield
    faults.clear()


def refuse(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The provider says no, whatever it is asked."""

    def no(*_: object) -> Hold:
        raise ProviderRefused("account_closed")

    monkeypatch.setattr(SandboxProvider, name, no)


def refused_capture(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> PaymentId:
    with monkeypatch.context() as for_now:
        refuse(for_now, "capture")
        return shop.charge(email="")


def test_staff_find_a_refused_capture_and_take_the_money_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop()
    payment_id = refused_capture(shop, monkeypatch)
    assert (payment_of(payment_id).state, payment_of(payment_id).failure) == (PaymentState.FAILED, "capture_refused")
    (found,) = queries.failed_payments(STAFF).items
    assert (found.payment.id, found.account_name, found.priced, found.can_try) == (payment_id, "Lindenhof", True, True)
    assert queries.failed_count(SYSTEM) == 1
    use_cases.try_again(STAFF, payment_id)
    worker.drain()
    paid = payment_of(payment_id)
    assert (paid.state, paid.captured_minor, paid.failure) == (PaymentState.CAPTURED, 610, None)
    assert len(scene.rows(Document)) == 1
    assert holds_at_provider(payment_id) == [("captured", 610, 61)]
    with db.transaction(writing=False) as unit:
        assert unit.session.get(SandboxCall, f"payment:{payment_id}:capture:v2") is not None
    (line,) = scene.rows(AuditLine, AuditLine.door == "billing.use_cases.failures.try_again")
    assert (line.actor, line.arguments) == (STAFF.reference, {"payment_id": str(payment_id)})
    assert queries.failed_payments(STAFF).items == ()
    with pytest.raises(Conflict, match="not_failed"):
        use_cases.try_again(STAFF, payment_id)


def test_a_refused_release_is_released_at_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop()
    payment_id = shop.hold(email="")
    with monkeypatch.context() as for_now:
        refuse(for_now, "cancel")
        use_cases.stop_charging(Actor.payer(payment_id), payment_id)
        worker.drain()
    assert payment_of(payment_id).failure == "release_refused"
    use_cases.try_again(STAFF, payment_id)
    worker.drain()
    assert payment_of(payment_id).state is PaymentState.RELEASED
    assert holds_at_provider(payment_id) == [("released", 0, 0)]


def test_what_is_still_charging_or_was_never_held_is_not_tried_again() -> None:
    shop = open_shop()
    payment_id = shop.hold(email="")
    shop.plug_in(payment_id)
    use_cases.payment_failed(SYSTEM, payment_id, "hold_lost")
    with pytest.raises(Conflict, match="session_active"):
        use_cases.try_again(STAFF, payment_id)
    other = open_shop()
    never = other.scan(email="")
    use_cases.payment_failed(SYSTEM, never, "checkout_refused")
    with pytest.raises(Conflict, match="nothing_held"):
        use_cases.try_again(STAFF, never)


def test_only_staff_see_failed_payments_and_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop()
    payment_id = refused_capture(shop, monkeypatch)
    for actor in (shop.owner, Actor.payer(payment_id)):
        with pytest.raises(NotFound):
            queries.failed_payments(actor)
        with pytest.raises(NotFound):
            use_cases.try_again(actor, payment_id)
    assert payment_of(payment_id).state is PaymentState.FAILED


def stuck_captures(many: int) -> list[PaymentId]:
    """Payments whose capture nobody carries any more."""
    found = []
    for _ in range(many):
        shop = open_shop()
        faults.arrange("capture", times=99)  # a slow machine comes to the next attempt while it is still at the first
        found.append(shop.charge(email=""))
        faults.clear()
    assert {payment_of(each).state for each in found} == {PaymentState.CAPTURING}
    return found


def test_a_provider_that_is_down_is_asked_once_a_round_and_another_one_first_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def silent(_: object, hold_ref: str, *__: object) -> Hold:
        asked.append(hold_ref)
        raise ProviderDown()

    stuck_captures(3)
    monkeypatch.setattr(SandboxProvider, "capture", silent)
    for minutes in (32, 33, 34, 35):
        with clock.moved_to(clock.now() + timedelta(minutes=minutes)):
            jobs.settle_leftovers()
    refs = [row.provider_ref for row in scene.rows(Payment)]
    assert asked == [*refs, refs[0]]


def test_what_fails_again_and_again_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "AT_ONCE", 1)
    bad, good = stuck_captures(2)
    real = SandboxProvider.capture
    bad_ref = payment_of(bad).provider_ref

    def half(self: SandboxProvider, hold_ref: str, amount_minor: int, fee_minor: int, key: str) -> Hold:
        if hold_ref == bad_ref:
            raise RuntimeError("a bug")
        return real(self, hold_ref, amount_minor, fee_minor, key)

    monkeypatch.setattr(SandboxProvider, "capture", half)
    for minutes in (32, 33):
        with clock.moved_to(clock.now() + timedelta(minutes=minutes)):
            jobs.settle_leftovers()
    assert [payment_of(each).state for each in (bad, good)] == [PaymentState.CAPTURING, PaymentState.CAPTURED]


def test_income_that_was_moved_is_not_looked_at_again() -> None:
    shop = open_shop()
    payment_id = shop.charge(email="")
    with clock.moved_to(clock.now() + timedelta(days=30)):
        assert use_cases.move_available_income(SYSTEM) == 1
        assert use_cases.move_available_income(SYSTEM) == 0
    assert payment_of(payment_id).moved_at is not None
    assert "ix_payments_to_move" in plan_of_the_move()


def plan_of_the_move() -> str:
    """How the database looks for income to move, once it has many payments."""
    seen: list[str] = []
    with db.transaction(writing=True) as unit:
        connection = unit.session.connection()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")

        def listen(_c: object, _cu: object, statement: str, parameters: Any, _x: object, _m: object) -> None:
            if statement.lstrip().startswith("SELECT payments"):
                seen.append(statement)
                found.append(parameters)

        found: list[Any] = []
        event.listen(connection, "before_cursor_execute", listen)
        use_cases.move_available_income(SYSTEM)
        event.remove(connection, "before_cursor_execute", listen)
        verb = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        return str(connection.exec_driver_sql(f"{verb} {seen[0]}", found[0]).all())
