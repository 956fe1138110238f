"""Setting prices and reading them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from accounts.access import ANYONE, Actor, ActorKind
from accounts.models import Account
from accounts.rights import Role
from billing.models import Tariff, TariffAssignment
from billing.queries import prices_of, terms_of
from billing.use_cases import set_price
from kit import clock, db
from kit.errors import Forbidden, Invalid, NotFound
from kit.ids import new_id
from tests.billing.rows import Operator, add_operator

pytestmark = pytest.mark.usefixtures("database")

STRANGER = Actor(ActorKind.USER, new_id(), {new_id(): frozenset({Role.OWNER})})


def a_price(**changes: Any) -> dict[str, Any]:
    given = {"energy_price": Decimal("0.45"), "time_price": Decimal("0.02"), "session_fee": Decimal(1)}
    return {**given, "vat_percent": None, **changes}


def tariffs() -> int:
    with db.transaction(writing=False) as unit:
        return unit.session.scalar(select(func.count()).select_from(TariffAssignment)) or 0


def change(operator: Operator, **facts: Any) -> None:
    with db.transaction(writing=True) as unit:
        account = unit.session.get_one(Account, operator.account_id)
        for name, value in facts.items():
            setattr(account, name, value)


def test_a_price_is_what_a_driver_is_shown() -> None:
    operator = add_operator()
    assert terms_of(ANYONE, operator.connector_id) is None
    tariff = set_price(operator.actor(Role.MANAGER), operator.connector_id, **a_price())
    terms = terms_of(ANYONE, operator.connector_id)
    assert terms is not None
    assert terms.tariff_id == tariff.id
    assert (terms.energy_price, terms.time_price, terms.session_fee) == (Decimal("0.45"), Decimal("0.02"), Decimal(1))
    assert (terms.vat_percent, terms.currency, terms.time_zone) == (Decimal("8.1"), "CHF", "Europe/Zurich")
    assert terms_of(ANYONE, new_id()) is None


def test_a_new_price_is_a_new_version_and_the_same_price_is_none() -> None:
    operator, other = add_operator(), add_operator()
    manager = operator.actor(Role.MANAGER)
    first = set_price(manager, operator.connector_id, **a_price())
    assert set_price(manager, operator.connector_id, **a_price(session_fee=Decimal("1.00"))).id == first.id
    second = set_price(manager, operator.connector_id, **a_price(energy_price=Decimal("0.50")))
    assert (second.id != first.id, tariffs()) == (True, 2)
    assert prices_of(manager, [operator.connector_id, other.connector_id]).keys() == {operator.connector_id}
    assert prices_of(manager, [operator.connector_id])[operator.connector_id].energy_price == Decimal("0.50")
    with db.transaction(writing=False) as unit:
        assert unit.session.get_one(Tariff, first.id).energy_price == Decimal("0.45")


def test_a_price_holds_from_when_it_was_set() -> None:
    operator = add_operator()
    manager = operator.actor(Role.MANAGER)
    with clock.moved_to(datetime(2026, 10, 1, tzinfo=UTC)):
        set_price(manager, operator.connector_id, **a_price())
        with clock.moved_to(datetime(2026, 9, 30, tzinfo=UTC)):
            assert terms_of(ANYONE, operator.connector_id) is None
    with clock.moved_to(datetime(2026, 10, 2, tzinfo=UTC)):
        assert terms_of(ANYONE, operator.connector_id) is not None


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"energy_price": Decimal("-0.01")}, {"energy_price": "negative"}),
        ({"energy_price": Decimal("10.0001")}, {"energy_price": "too_high"}),
        ({"time_price": Decimal(11)}, {"time_price": "too_high"}),
        ({"session_fee": Decimal("100.01")}, {"session_fee": "too_high"}),
        ({"energy_price": Decimal("0.45001")}, {"energy_price": "too_precise"}),
        ({"session_fee": Decimal("NaN")}, {"session_fee": "not_a_number"}),
        ({"time_price": Decimal("Infinity")}, {"time_price": "not_a_number"}),
        ({"vat_percent": Decimal("7.7")}, {"vat_percent": "not_the_rate"}),
        (
            {"energy_price": Decimal(-1), "vat_percent": Decimal(19)},
            {"energy_price": "negative", "vat_percent": "not_the_rate"},
        ),
    ],
)
def test_a_wrong_price_is_refused_by_field(changes: dict[str, Any], problems: dict[str, str]) -> None:
    operator = add_operator()
    with pytest.raises(Invalid) as refused:
        set_price(operator.actor(Role.MANAGER), operator.connector_id, **a_price(**changes))
    assert refused.value.fields == problems
    assert tariffs() == 0


def test_the_highest_price_with_four_decimals_is_taken() -> None:
    operator = add_operator()
    prices = a_price(energy_price=Decimal("9.9999"), time_price=Decimal(10), vat_percent=Decimal("8.1"))
    assert set_price(operator.actor(Role.OWNER), operator.connector_id, **prices).energy_price == Decimal("9.9999")


def test_who_is_not_registered_sells_without_tax() -> None:
    operator = add_operator(vat_registered=False)
    manager = operator.actor(Role.MANAGER)
    with pytest.raises(Invalid) as refused:
        set_price(manager, operator.connector_id, **a_price(vat_percent=Decimal("8.1")))
    assert refused.value.fields == {"vat_percent": "not_registered"}
    assert set_price(manager, operator.connector_id, **a_price()).vat_percent is None
    terms = terms_of(ANYONE, operator.connector_id)
    assert terms is not None
    assert terms.vat_percent is None


def test_tax_follows_the_registration_at_once() -> None:
    operator = add_operator()
    set_price(operator.actor(Role.MANAGER), operator.connector_id, **a_price(vat_percent=Decimal("8.1")))
    change(operator, vat_registered=False)
    before = terms_of(ANYONE, operator.connector_id)
    change(operator, vat_registered=True)
    after = terms_of(ANYONE, operator.connector_id)
    assert before is not None
    assert after is not None
    assert (before.vat_percent, after.vat_percent) == (None, Decimal("8.1"))


def test_abroad_the_operator_states_the_rate() -> None:
    operator = add_operator(country="DE", uid="DE136695976")
    manager = operator.actor(Role.MANAGER)
    with pytest.raises(Invalid) as refused:
        set_price(manager, operator.connector_id, **a_price())
    assert refused.value.fields == {"vat_percent": "required"}
    with pytest.raises(Invalid) as too_much:
        set_price(manager, operator.connector_id, **a_price(vat_percent=Decimal(100)))
    assert too_much.value.fields == {"vat_percent": "not_the_rate"}
    assert set_price(manager, operator.connector_id, **a_price(vat_percent=Decimal(19))).vat_percent == Decimal(19)


@pytest.mark.parametrize(
    ("role", "refusal"),
    [(None, NotFound), (Role.TECHNICIAN, Forbidden), (Role.ACCOUNTANT, Forbidden), (Role.VIEWER, Forbidden)],
)
def test_only_who_may_manage_tariffs_sets_a_price(role: Role | None, refusal: type[Exception]) -> None:
    operator = add_operator()
    actor = STRANGER if role is None else operator.actor(role)
    with pytest.raises(refusal):
        set_price(actor, operator.connector_id, **a_price())
    assert tariffs() == 0
    assert prices_of(STRANGER, [operator.connector_id]) == {}


def test_an_unknown_connector_has_no_price_to_set() -> None:
    with pytest.raises(NotFound):
        set_price(add_operator().actor(Role.OWNER), UUID(int=7), **a_price())


def test_versions_set_in_the_same_moment_are_told_apart() -> None:
    operator = add_operator()
    manager = operator.actor(Role.MANAGER)
    for cents in range(40, 45):
        set_price(manager, operator.connector_id, **a_price(energy_price=Decimal(cents) / 100))
    with clock.moved_to(clock.now() + timedelta(seconds=1)):
        assert prices_of(manager, [operator.connector_id])[operator.connector_id].energy_price == Decimal("0.44")
