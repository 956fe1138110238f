"""Alice, Bob and Charlie at their desks, reading English."""

from dataclasses import dataclass
from functools import cached_property

from flask import Flask

from tests import people
from tests.people import People
from tests.portal.desk import Desk, at_a_desk


@dataclass(frozen=True)
class Office:
    """Alice owns the master account, Bob is technician of `people.home`, Charlie is a stranger.

    Each signs in when a test first looks over their shoulder: most tests need one of the three.
    """

    people: People
    app: Flask

    @cached_property
    def alice(self) -> Desk:
        """Where Alice works."""
        return at_a_desk(self.app, self.people.alice_login.email)

    @cached_property
    def bob(self) -> Desk:
        """Where Bob works."""
        return at_a_desk(self.app, self.people.bob_login.email)

    @cached_property
    def charlie(self) -> Desk:
        """Where Charlie works."""
        return at_a_desk(self.app, self.people.charlie_login.email)


def office(app: Flask) -> Office:
    """Everybody who works there."""
    return Office(people.everybody(), app)
