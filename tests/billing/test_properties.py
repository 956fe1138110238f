"""The overview of a master's properties: every figure as far as the reader's rights reach, in every order, by pages."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import update

from accounts.access import Actor
from accounts.models import Grant
from accounts.rights import Right, Role
from accounts.values import AccountId
from billing import ledger
from billing.queries import Figures, properties, property_totals
from billing.values import Attention, LedgerAccount, PropertySort
from kit import clock, db
from kit.errors import NotFound
from stations.values import ConnectorStatus, ShownState
from tests import scene
from tests.scene import People

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _middle_of_a_month() -> Iterator[None]:
    """What began an hour ago began this month."""
    with clock.moved_to(clock.now().replace(day=15, hour=12)):
        yield


@pytest.fixture
def people() -> People:
    """A master with two properties; at Bahnhofstrasse somebody charges, and at Seestrasse a station fell silent."""
    made = scene.people()
    station = scene.station(property=made.property, status=ConnectorStatus.CHARGING)
    scene.session(connector=scene.connector(station), energy_wh=7_000)
    scene.silent(scene.station(property=made.other_property))
    earn(made.property.id, 1_000)
    earn(made.other_property.id, 3_000)
    return made


def earn(account_id: UUID, gross_minor: int, currency: str = "CHF") -> None:
    sides = {LedgerAccount.PROVIDER_SOON: gross_minor, LedgerAccount.REVENUE: -gross_minor}
    with db.transaction(writing=True):
        ledger.post(AccountId(account_id), f"{account_id}:{gross_minor}", currency, sides)


def shown(actor: Actor, people: People) -> dict[str, Figures]:
    return {row.name: row.figures for row in properties(actor, AccountId(people.master.id))}


def test_every_property_says_what_stands_runs_and_was_earned(people: People) -> None:
    told = shown(people.alice, people)
    assert list(told) == ["Bahnhofstrasse 1", "Seestrasse 9"]
    here, there = told.values()
    assert (here.stations, here.troubled, here.states[ShownState.OCCUPIED], here.running) == (1, 0, 1, 1)
    assert (here.sessions, here.energy_wh, here.incomes["CHF"].gross_minor) == (1, 7_000, 1_000)
    assert (there.stations, there.troubled, there.states[ShownState.OUT_OF_SERVICE]) == (1, 1, 1)
    together = property_totals(people.alice, AccountId(people.master.id))
    assert (together.stations, together.troubled, together.running) == (2, 1, 1)
    assert together.incomes["CHF"].gross_minor == 4_000


def test_money_is_told_by_properties_that_share_it_only(people: People) -> None:
    """Seestrasse lets its master keep the stations going, and nothing more."""
    with db.transaction(writing=True) as unit:
        given = Grant.account_id == people.other_property.id, Grant.holder_id == people.master.id
        unit.session.execute(update(Grant).where(*given).values(role=Role.TECHNICIAN))
    there = shown(people.alice, people)["Seestrasse 9"]
    assert (there.stations, there.incomes) == (1, {})
    assert Right.VIEW_INCOME not in there.seen
    master = AccountId(people.master.id)
    assert property_totals(people.alice, master).incomes["CHF"].gross_minor == 1_000
    by_income = properties(people.alice, master, sort=PropertySort.INCOME)
    assert [row.place.value for row in by_income] == [1_000, 0], "nor does the order tell"


def test_what_a_property_took_back_is_not_there_any_more(people: People) -> None:
    with db.transaction(writing=True) as unit:
        given = Grant.account_id == people.other_property.id, Grant.holder_id == people.master.id
        unit.session.execute(update(Grant).where(*given).values(revoked_at=people.master.created_at))
    assert list(shown(people.alice, people)) == ["Bahnhofstrasse 1"]
    assert property_totals(people.alice, AccountId(people.master.id)).stations == 1


def test_strangers_and_people_of_one_property_see_no_master(people: People) -> None:
    for actor in (people.bob, people.charlie):
        for door in (properties, property_totals):
            with pytest.raises(NotFound):
                door(actor, AccountId(people.master.id))


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        (PropertySort.NAME, "Bahnhofstrasse 1"),
        (PropertySort.TROUBLE, "Seestrasse 9"),
        (PropertySort.INCOME, "Seestrasse 9"),
    ],
)
def test_pages_follow_each_other_in_every_order(people: People, sort: PropertySort, first: str) -> None:
    master = AccountId(people.master.id)
    for number in range(5):
        scene.account(name=f"haus {number}", parent=people.master)
    whole = [row.name for row in properties(people.alice, master, sort=sort)]
    assert (whole[0], len(whole)) == (first, 7)
    by_pages, after = [], None
    while page := properties(people.alice, master, sort=sort, after=after, limit=2):
        by_pages += [row.name for row in page]
        after = page[-1].place
    assert by_pages == whole


def test_the_list_is_narrowed_by_words_attention_and_choice(people: People) -> None:
    master = AccountId(people.master.id)
    empty = scene.account(name="Leer", parent=people.master, city="Genf")

    def names(**narrowed: object) -> list[str]:
        return [row.name for row in properties(people.alice, master, **narrowed)]  # type: ignore[arg-type]

    assert names(text="genf") == ["Leer"]
    assert names(attention=Attention.TROUBLE) == ["Seestrasse 9"]
    assert names(attention=Attention.EMPTY) == ["Leer"]
    assert names(attention=Attention.TASKS) == []
    assert names(chosen=[empty.id, people.master.id]) == ["Leer"]


def test_more_properties_take_no_more_statements(people: People) -> None:
    counts = []
    for _ in range(2):
        with scene.statements() as seen:
            shown(people.alice, people)
            property_totals(people.alice, AccountId(people.master.id))
        counts.append(len([one for one in seen if not one.startswith("BEGIN")]))
        for number in range(6):
            scene.station(property=scene.account(name=f"Haus {number}", parent=people.master))
    assert counts[0] == counts[1] <= 6
