"""Functions that are switched on step by step."""

from dataclasses import replace

import pytest

from accounts import flags
from accounts.access import ANYONE
from accounts.errors import NotSwitchedOn
from accounts.flags import Flag, Switch, must_be_on, switched_on
from accounts.models import FlagShare
from accounts.queries import flags as rows
from accounts.queries import functions_on, tenants_named
from accounts.use_cases import set_flag
from accounts.values import AccountId
from kit import bus, db
from kit.errors import Invalid, NotFound
from kit.ids import new_id
from tests import scene
from tests.people import People

STAFF = replace(ANYONE, staff=True)
NAME = Flag.OWN_IMPORT.value


def on(people: People) -> dict[str, bool]:
    with db.transaction(writing=False):
        accounts = {"master": people.master.account, "home": people.home, "next_door": people.next_door}
        return {name: switched_on(Flag.OWN_IMPORT, one.id) for name, one in accounts.items()}


def test_it_is_off_until_staff_switches_it_on_for_everybody(everybody: People) -> None:
    assert not any(on(everybody).values())
    with db.transaction(writing=False), pytest.raises(NotSwitchedOn):
        must_be_on(Flag.OWN_IMPORT, everybody.home.id)
    set_flag(STAFF, NAME, percent=100)
    assert all(on(everybody).values())
    assert functions_on(everybody.alice, AccountId(everybody.home.id)) == [Flag.OWN_IMPORT]
    set_flag(STAFF, NAME, percent=0)
    assert not any(on(everybody).values())


def test_chosen_accounts_have_it_with_all_below_them(everybody: People) -> None:
    set_flag(STAFF, NAME, percent=0, account_ids=[everybody.home.id])
    assert on(everybody) == {"master": False, "home": True, "next_door": False}
    set_flag(STAFF, NAME, percent=0, account_ids=[everybody.master.id])
    assert all(on(everybody).values())
    assert [[one.name for one in row.accounts] for row in rows(STAFF)] == [["Immobilien Test AG"]]


def test_a_larger_share_contains_the_smaller_one() -> None:
    ids = [new_id() for _ in range(2000)]
    having = [{one for one in ids if Switch(percent).is_on(Flag.OWN_IMPORT, one)} for percent in (0, 20, 50, 100)]
    assert having[0] == set()
    assert having[1] < having[2] < having[3] == set(ids)
    assert 300 < len(having[1]) < 500


def test_it_costs_no_statement_until_a_note_tells_that_it_changed(everybody: People) -> None:
    on(everybody)
    with scene.statements() as sent:
        on(everybody)
    assert sent == []
    with db.transaction(writing=True) as unit:
        unit.session.add(FlagShare(flag=NAME, percent=100))  # as another process would
    assert not any(on(everybody).values())
    bus.current().publish("flags")
    assert all(on(everybody).values())


def test_flags_that_the_code_does_not_know_are_refused_and_left_out(everybody: People) -> None:
    with pytest.raises(Invalid) as refused:
        set_flag(STAFF, "teleport", percent=100)
    assert refused.value.fields == {"flag": "unknown"}
    with db.transaction(writing=True) as unit:
        unit.session.add(FlagShare(flag="long_gone", percent=100))
    assert [row.flag for row in rows(STAFF)] == list(Flag)
    assert set(flags.FLAGS) == set(Flag), "each says what it does"


def test_it_is_for_staff_alone(everybody: People) -> None:
    with pytest.raises(NotFound):
        rows(everybody.alice)
    with pytest.raises(NotFound):
        set_flag(everybody.alice, NAME, percent=100)
    with pytest.raises(Invalid):
        set_flag(STAFF, NAME, percent=101)
    with pytest.raises(Invalid):
        set_flag(STAFF, NAME, percent=0, account_ids=[new_id()])


def test_accounts_are_found_by_name_or_code_and_nothing_else(everybody: People) -> None:
    code = everybody.next_door.code
    assert [one.name for one in tenants_named(STAFF, ["haus am see", "", code])] == ["Haus am Berg", "Haus am See"]
    for wrong in ("Haus", "%"):
        with pytest.raises(Invalid):
            tenants_named(STAFF, [wrong])
