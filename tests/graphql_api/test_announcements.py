"""Programs read what the platform announces."""

from dataclasses import replace
from datetime import timedelta

from accounts.access import ANYONE
from accounts.use_cases import set_flag
from announcements.use_cases import write_announcement
from announcements.values import Draft
from kit import clock
from tests.graphql_api.conftest import Ask
from tests.people import People

STAFF = replace(ANYONE, staff=True)


def test_an_account_reads_what_is_announced_and_which_functions_it_has(ask: Ask, people: People) -> None:
    now = clock.now()
    write_announcement(STAFF, Draft({"de": "Wartung", "en": "Maintenance"}, now, now + timedelta(days=1), link="/me"))
    reading = """query($account: UUID!) { functionsOn(accountId: $account)
        announcements(accountId: $account) { severity link texts { language text } } }"""
    found = ask(reading, account=str(people.home.id))["data"]
    assert found["announcements"] == [
        {
            "severity": "INFO",
            "link": "/me",
            "texts": [{"language": "de", "text": "Wartung"}, {"language": "en", "text": "Maintenance"}],
        }
    ]
    assert found["functionsOn"] == []
    set_flag(STAFF, "own_import", percent=100)
    assert ask(reading, account=str(people.home.id))["data"]["functionsOn"] == ["own_import"]
