"""What staff announces: for whom, when, in which language, and how it goes away."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.access import ANYONE, Actor
from accounts.values import AccountId
from announcements.queries import all_announcements, announcements_for, anything_announced
from announcements.use_cases import change_announcement, end_announcement, put_away, write_announcement
from announcements.values import AnnouncementId, Audience, Draft, Severity
from kit import clock
from kit.errors import Invalid, NotFound
from tests import make, scene
from tests.people import People

STAFF = replace(ANYONE, staff=True)


def draft(**given: Any) -> Draft:
    now = clock.now()
    told: dict[str, Any] = {
        "texts": {"de": "Wartung am Sonntag", "fr": "Maintenance dimanche"},
        "begins_at": now - timedelta(hours=1),
    }
    return Draft(**(told | {"ends_at": now + timedelta(days=2)} | given))


def told(actor: Actor, account_id: object) -> list[str]:
    return [one.words("de") for one in announcements_for(actor, AccountId(account_id))]  # type: ignore[arg-type]


def test_everybody_is_told_from_its_begin_to_its_end(people: People) -> None:
    write_announcement(STAFF, draft(begins_at=clock.now() + timedelta(hours=1)))
    assert told(people.alice, people.home.id) == []
    with clock.moved_to(clock.now() + timedelta(hours=2)):
        assert told(people.alice, people.home.id) == ["Wartung am Sonntag"]
        assert told(people.bob, people.home.id) == ["Wartung am Sonntag"]
    with clock.moved_to(clock.now() + timedelta(days=3)):
        assert told(people.alice, people.home.id) == []
    with pytest.raises(NotFound):
        announcements_for(people.charlie, AccountId(people.home.id))


def test_it_speaks_the_readers_language_or_the_next_best(people: People) -> None:
    write_announcement(STAFF, draft())
    (one,) = announcements_for(people.alice, AccountId(people.home.id))
    assert [one.words(code) for code in ("fr", "de", "it", "en")] == [
        "Maintenance dimanche",
        "Wartung am Sonntag",
        "Wartung am Sonntag",
        "Wartung am Sonntag",
    ]


def test_chosen_accounts_are_told_and_those_below_them(people: People) -> None:
    write_announcement(STAFF, draft(audience=Audience.ACCOUNTS, account_ids=[people.home.id]))
    write_announcement(STAFF, draft(texts={"de": "Alle"}, audience=Audience.ACCOUNTS, account_ids=[people.master.id]))
    assert sorted(told(people.alice, people.home.id)) == ["Alle", "Wartung am Sonntag"]
    assert told(people.alice, people.next_door.id) == ["Alle"]


def test_a_plan_is_told(people: People) -> None:
    free = make.account(name="Ohne Abo", plan="free")
    write_announcement(STAFF, draft(texts={"de": "Für Premium"}, audience=Audience.PLAN, plan="premium"))
    write_announcement(STAFF, draft(texts={"de": "Für Gratis"}, audience=Audience.PLAN, plan="free"))
    assert told(people.alice, people.home.id) == ["Für Premium"]
    assert told(free.owner, free.id) == ["Für Gratis"]


def test_the_weightiest_stands_first_and_a_person_puts_one_away(people: People) -> None:
    write_announcement(STAFF, draft(texts={"de": "Info"}))
    bad = write_announcement(STAFF, draft(texts={"de": "Störung"}, severity=Severity.DISRUPTION))
    assert told(people.alice, people.home.id) == ["Störung", "Info"]
    for _ in range(2):
        put_away(people.alice, AnnouncementId(bad.id))
    assert told(people.alice, people.home.id) == ["Info"]
    assert told(people.bob, people.home.id) == ["Störung", "Info"], "for himself only"


def test_staff_changes_and_ends_it_at_once(people: People) -> None:
    row = write_announcement(STAFF, draft())
    assert told(people.alice, people.home.id) == ["Wartung am Sonntag"]
    change_announcement(STAFF, AnnouncementId(row.id), draft(texts={"de": "Wartung am Montag"}))
    assert told(people.alice, people.home.id) == ["Wartung am Montag"]
    end_announcement(STAFF, AnnouncementId(row.id))
    assert told(people.alice, people.home.id) == []
    assert [one.notice.words("de") for one in all_announcements(STAFF).items] == ["Wartung am Montag"]
    with pytest.raises(NotFound):
        all_announcements(people.alice)


def test_where_nothing_is_announced_a_page_asks_no_statement(people: People) -> None:
    assert not anything_announced(people.alice)
    with scene.statements() as sent:
        assert not anything_announced(people.alice)
    assert sent == []
    write_announcement(STAFF, draft())
    assert anything_announced(people.alice)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"texts": {"de": " "}}, "text_de"),
        ({"texts": {"de": "x" * 601}}, "text_de"),
        ({"texts": {"xx": "Hallo"}}, "texts"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "//evil.example"}, "link"),
        ({"link": "https:// example"}, "link"),
        ({"audience": Audience.PLAN, "plan": "gold"}, "plan"),
        ({"audience": Audience.ACCOUNTS}, "accounts"),
        ({"ends_at": clock.now() - timedelta(days=1)}, "ends_at"),
    ],
)
def test_what_can_not_be_shown_is_refused(people: People, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        write_announcement(STAFF, draft(**given))
    assert set(refused.value.fields) == {field}
    assert all_announcements(STAFF).total == 0
