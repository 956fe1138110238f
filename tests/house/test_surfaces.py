"""Every door of the surfaces is opened by everybody: addresses of the portal, fields of GraphQL; and chargers dial.

What shall happen stands in tables beside this file (`expected.py` tells how to read them). A door without a row fails.
"""

import sys
from collections.abc import Callable, Iterable, Iterator

import pytest

import ocpp_ws
from accounts.rights import Right, Role
from kit import db, hub, i18n
from tests.house import dialling, openings
from tests.house.cast import Cast, Somebody, cast
from tests.house.expected import roles, table


@pytest.fixture(scope="module", params=["sqlite"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """One place for all tests; nothing that happens in it lasts."""
    folder = tmp_path_factory.mktemp("cast")
    in_file = request.param == "sqlite"
    url = f"sqlite:///{folder / 'platform.db'}" if in_file else request.getfixturevalue("postgresql").create()
    running = hub.Hub()
    running.start()
    yield cast(folder, url)
    running.stop()
    i18n.set_language("en")
    db.disconnect()


Door = tuple[str, bool, bool, Callable[[Somebody], str]]


def judge(name: str, doors: Iterable[Door], everybody: Iterable[Somebody]) -> int:
    """Open each door as everybody; whoever belongs elsewhere comes to those only that lead into the account.

    To the keeper of another station a thing that hangs on this one is not there, and the account says what is missing.
    """
    rows, wrong, cells = table(name), [], 0
    for door, ids, programs, opened in doors:
        for who in everybody:
            elsewhere = (who.foreign and who.actor and who.name not in ("staff", "foreign owner")) or who.keeps_another
            if elsewhere and not ids:
                continue
            cells += 1
            found, wanted = opened(who), rows[door].outcome(who, ids=ids, programs=programs)
            if who.keeps_another and wanted.startswith("forbidden") and found == "not found":
                continue
            if found != wanted and not (door.startswith("LIVE") and wanted.startswith(found)):
                wrong.append(f"{door}: {who.name} is answered {found!r} and not {wanted!r}")
    assert wrong == [], "\n".join(wrong)
    return cells


def tell(capsys: pytest.CaptureFixture[str], what: str, doors: int, cells: int) -> None:
    """Print how much was tried."""
    with capsys.disabled():
        sys.stdout.write(f"\n  {what}: {doors} doors, {cells} cells\n")


def test_the_table_of_roles_says_what_the_ready_roles_may() -> None:
    assert set(roles()) == {role.value for role in Role} | {"clerk", "reader", "station_keeper", "group_keeper"}
    assert set().union(*roles().values()) == {right.value for right in Right}


def portal(here: Cast) -> list[Door]:
    """Every address."""
    doors = openings.doors(here.app)
    assert set(doors) == set(table("portal.txt")), "tests/house/portal.txt has a row for each address"

    def opened(door: str) -> Door:
        method, rule = doors[door]
        return door, openings.about_something(rule), False, lambda who: openings.open_page(who, method, rule, here)

    return list(map(opened, doors))


def graphql(here: Cast) -> list[Door]:
    """Every field."""
    fields = openings.fields()
    assert set(fields) == set(table("graphql.txt")), "tests/house/graphql.txt has a row for each field"

    def opened(door: str) -> Door:
        text, ids = openings.operation(door, here.ids)
        return door, ids, True, lambda who: openings.ask(who, text, here)

    return list(map(opened, fields))


def test_every_address_is_open_to_those_of_its_row(here: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    doors = portal(here)
    cells = judge("portal.txt", doors, here.everybody)
    assert cells > 4_000
    tell(capsys, "portal", len(doors), cells)


def test_every_field_is_open_to_those_of_its_row(here: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    doors = graphql(here)
    cells = judge("graphql.txt", doors, here.everybody)
    assert cells > 3_000
    tell(capsys, "GraphQL", len(doors), cells)


@pytest.mark.parametrize("here", ["postgresql"], indirect=True, scope="module")
def test_postgresql_answers_at_every_address_and_field(here: Cast) -> None:
    owner = [who for who in here.everybody if who.name == "owner"]
    assert judge("portal.txt", portal(here), owner) > 300
    assert judge("graphql.txt", graphql(here), owner) > 200


def test_chargers_come_in_where_the_table_says_so(here: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    owner = hub.current()
    assert owner is not None, "the fixture started it"
    ocpp_ws.start(owner)
    kinds, codes = dialling.chargers()
    found = {
        (form, kind, proof): dialling.dial(here.browser, form, codes.get(code, ""), identity, password)
        for form, code in dialling.FORMS.items()
        for kind, identity in kinds.items()
        for proof, password in dialling.PROOFS.items()
    }
    wanted = dialling.table()
    assert found == wanted, "\n".join(map(str, set(found.items()) ^ set(wanted.items())))
    tell(capsys, "OCPP", len(dialling.FORMS), len(found))
