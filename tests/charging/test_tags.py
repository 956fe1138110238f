"""RFID tags: added, changed, blocked, forgotten, imported; only by those who may."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import Tag
from charging.queries import tag, tag_page
from charging.use_cases import add_tag, block_tag, delete_tag, import_tags, unblock_tag, update_tag
from charging.values import NewTag, TagId, TagState
from kit import clock
from kit.errors import Forbidden, Invalid, NotFound
from kit.events import OutboxRow
from tests import scene

pytestmark = pytest.mark.usefixtures("database", "program")
DAY = timedelta(days=1)


def home() -> AccountId:
    return AccountId(scene.account().id)


def told() -> int:
    return len(scene.rows(OutboxRow, OutboxRow.kind == "TagsChanged"))


def test_a_tag_changes_only_in_what_is_said() -> None:
    made = add_tag(SYSTEM, home(), "04aabb", name="Anna", parent_id_tag=" family ")
    soon = clock.now() + DAY
    update_tag(SYSTEM, TagId(made.id), expires_at=soon)
    block_tag(SYSTEM, TagId(made.id))
    row: Tag = scene.row(Tag, made.id)
    assert (row.name, row.parent_id_tag, row.expires_at, row.state) == ("Anna", "FAMILY", soon, TagState.BLOCKED)
    unblock_tag(SYSTEM, TagId(made.id))
    update_tag(SYSTEM, TagId(made.id), name=" Beat  Meier ", remove_expiry=True, parent_id_tag="")
    row = scene.row(Tag, made.id)
    assert (row.name, row.parent_id_tag, row.expires_at, row.state) == ("Beat Meier", "", None, TagState.VALID)
    assert told() == 5


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"name": "n" * 81}, {"name": "too_long"}),
        ({"parent_id_tag": "g" * 21}, {"parent_id_tag": "too_long"}),
        ({"expires_at": datetime(2027, 1, 1)}, {"expires_at": "without_zone"}),  # noqa: DTZ001  # that is the point
    ],
)
def test_what_can_not_be_taken_is_named(facts: dict[str, Any], problem: dict[str, str]) -> None:
    made = add_tag(SYSTEM, home(), "FF")
    deeds: list[Callable[[], Tag]] = [
        lambda: add_tag(SYSTEM, home(), "EE", **facts),
        lambda: update_tag(SYSTEM, TagId(made.id), **facts),
    ]
    for deed in deeds:
        with pytest.raises(Invalid) as refusal:
            deed()
        assert refusal.value.fields == problem
    assert len(scene.rows(Tag)) == 1


def test_a_tag_expires_by_the_clock_and_blocked_is_blocked() -> None:
    account, soon = home(), clock.now() + DAY
    add_tag(SYSTEM, account, "A", expires_at=soon)
    add_tag(SYSTEM, account, "B", expires_at=soon, blocked=True)
    add_tag(SYSTEM, account, "C")

    def states() -> list[TagState]:
        return [row.state for row in tag_page(SYSTEM, account).items]

    def numbers(state: TagState) -> list[str]:
        return [row.tag.id_tag for row in tag_page(SYSTEM, account, state=state).items]

    assert states() == [TagState.VALID, TagState.BLOCKED, TagState.VALID]
    with clock.moved_to(soon):
        assert states() == [TagState.EXPIRED, TagState.BLOCKED, TagState.VALID]
        assert [numbers(state) for state in (TagState.VALID, TagState.BLOCKED, TagState.EXPIRED)] == [
            ["C"],
            ["B"],
            ["A"],
        ]


def test_the_list_finds_by_name_number_and_group_and_tells_the_last_use() -> None:
    people = scene.people()
    account = AccountId(people.property.id)
    for number, name, group in (("04AA", "Anna", "HAUS"), ("04BB", "Beat", ""), ("04CC", "", "HAUS")):
        add_tag(SYSTEM, account, number, name=name, parent_id_tag=group)
    connector = scene.connector(scene.station(property=people.property))
    old = scene.session(connector=connector, ended=True, id_tag="04AA", started_at=clock.now() - 3 * DAY)
    new = scene.session(connector=connector, ended=True, id_tag="04AA", started_at=clock.now() - DAY)
    assert old.started_at < new.started_at

    def found(text: str) -> list[str]:
        return [row.tag.id_tag for row in tag_page(people.vera, account, text=text).items]

    assert found("ann") == ["04AA"]
    assert found("04b") == ["04BB"]
    assert found("haus") == ["04CC", "04AA"]
    assert found("%") == []
    uses = {row.tag.id_tag: row.last_used_at for row in tag_page(people.vera, account).items}
    assert uses == {"04AA": new.started_at, "04BB": None, "04CC": None}
    second = tag_page(people.vera, account, number=2, size=2)
    assert ([row.tag.id_tag for row in second.items], second.total, second.next) == (["04BB"], 3, None)


def test_a_removed_tag_is_unknown_and_its_sessions_stay() -> None:
    station = scene.station()
    made = add_tag(SYSTEM, AccountId(station.account_id), "04AA")
    session = scene.session(connector=scene.connector(station), id_tag="04AA")
    delete_tag(SYSTEM, TagId(made.id))
    assert scene.rows(Tag) == []
    assert scene.row(type(session), session.id).id_tag == "04AA"
    assert told() == 2


def test_only_who_manages_stations_may_change_tags() -> None:
    people = scene.people()
    made = add_tag(people.bob, AccountId(people.property.id), "FF")
    for actor, refused in ((people.charlie, NotFound), (people.vera, Forbidden)):
        for deed in (unblock_tag, delete_tag, update_tag):
            with pytest.raises(refused):
                deed(actor, TagId(made.id))
        with pytest.raises(refused):
            import_tags(actor, AccountId(people.property.id), [NewTag("EE")])
    with pytest.raises(NotFound):
        tag(people.charlie, TagId(made.id))
    assert tag(people.vera, TagId(made.id)).tag.id_tag == "FF"
    assert len(scene.rows(Tag)) == 1


def test_an_import_adds_and_changes_all_or_nothing() -> None:
    account, end = home(), datetime(2027, 4, 1, tzinfo=UTC)
    add_tag(SYSTEM, account, "KNOWN", name="Old")
    rows = [NewTag("known", "New", end), NewTag(" fresh ", parent_id_tag="g"), NewTag("third", blocked=True)]
    done = import_tags(SYSTEM, account, rows)
    assert (done.added, done.changed, done.refused) == (2, 1, ())
    again = import_tags(SYSTEM, account, rows)
    assert (again.added, again.changed) == (0, 0)
    stored = {row.id_tag: (row.name, row.expires_at, row.parent_id_tag, row.state) for row in scene.rows(Tag)}
    assert stored == {
        "KNOWN": ("New", end, "", TagState.VALID),
        "FRESH": ("", None, "G", TagState.VALID),
        "THIRD": ("", None, "", TagState.BLOCKED),
    }
    refused = import_tags(SYSTEM, account, [NewTag("GOOD"), NewTag(""), NewTag("good"), NewTag("X", "n" * 81)])
    assert [(one.row, one.field, one.code) for one in refused.refused] == [
        (2, "id_tag", "required"),
        (3, "id_tag", "twice"),
        (4, "name", "too_long"),
    ]
    for rows in ([], [NewTag("X")] * 5001):
        with pytest.raises(Invalid):
            import_tags(SYSTEM, account, rows)
    assert len(scene.rows(Tag)) == 3
    assert told() == 2
