"""A person who is here in a browser, and how lately they proved it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from accounts.access import Actor, ActorKind
from accounts.errors import CheckNeeded, PersonNeeded
from accounts.values import LoginId
from kit import clock

CHECK_VALID = timedelta(minutes=10)


@dataclass(frozen=True)
class PersonHere(Actor):
    """A signed-in person, with the login in which they are here. `checked_at`: the last password or passkey.

    `visit_until`: when a visit of support in this login ends by itself.
    """

    login_id: LoginId | None = field(default=None, compare=False)
    checked_at: datetime | None = field(default=None, compare=False)
    visit_until: datetime | None = field(default=None, compare=False)


def login_of(actor: Actor) -> UUID | None:
    """The login in which a person does this; None for everybody who is not in a browser."""
    return actor.login_id if isinstance(actor, PersonHere) else None


def is_fresh(actor: Actor) -> bool:
    """Whether the person proved who they are within the last ten minutes."""
    checked_at = actor.checked_at if isinstance(actor, PersonHere) else None
    return checked_at is not None and clock.now() - checked_at <= CHECK_VALID


def fresh(actor: Actor) -> None:
    """Only for a person who just proved who they are: what a browser left open must not be able to do.

    Raises CheckNeeded, and PersonNeeded for a key. It asks for no right; the door does that besides.
    """
    if actor.kind is ActorKind.TOKEN:
        raise PersonNeeded()
    if not is_fresh(actor):
        raise CheckNeeded()


def fresh_if_here(actor: Actor) -> None:
    """The same for doors that others than people in browsers walk through as well: programs, the program itself."""
    if isinstance(actor, PersonHere):
        fresh(actor)
