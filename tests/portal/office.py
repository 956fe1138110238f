"""Alice, Bob and Charlie at their desks, reading English."""

from dataclasses import dataclass

from flask import Flask

from tests import people
from tests.made import Login
from tests.people import People
from tests.portal.desk import Desk, at_a_desk


@dataclass(frozen=True)
class Office:
    """Alice owns the master account, Bob is technician of `people.home`, Charlie is a stranger."""

    people: People
    alice: Desk
    bob: Desk
    charlie: Desk


def office(app: Flask) -> Office:
    """Everybody, signed in."""
    everybody = people.everybody()
    logins = (everybody.alice_login, everybody.bob_login, everybody.charlie_login)
    return Office(everybody, *(_english(app, login) for login in logins))


def _english(app: Flask, login: Login) -> Desk:
    desk = at_a_desk(app, login.email)
    desk.post("/language", at="/me", language="en", next="/me")
    return desk
