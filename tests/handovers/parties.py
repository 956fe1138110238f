"""Two owners: somebody who gives a property away, step by step, and somebody who takes it."""

from datetime import date
from typing import Any

from accounts.access import ANYONE, Actor, ActorKind
from accounts.presence import PersonHere
from accounts.values import AccountId
from handovers import links, use_cases
from handovers.models import HandOver
from handovers.values import Side
from kit import clock
from tests import make

NEW_EMAIL = "nora@example.org"


def here(actor: Actor) -> PersonHere:
    """The same person in a browser, who has just proved it."""
    return PersonHere(ActorKind.USER, actor.id, actor.grants, actor.staff, checked_at=clock.now())


def token(row: HandOver, side: Side) -> str:
    """What stands at the end of the link in the letter."""
    return links.link(row, side).rsplit("/", 1)[1]


def offer(owner: Actor, account_id: Any, *, email: str = NEW_EMAIL, on: date | None = None) -> HandOver:
    """Asked for and confirmed by the old owner."""
    row = use_cases.request_hand_over(here(owner), AccountId(account_id), email=email, on=on)
    return use_cases.confirm_hand_over(here(owner), token(row, Side.OLD))


def take(row: HandOver) -> HandOver:
    """Accepted by somebody who had no login."""
    return use_cases.accept_as_new_owner(
        ANYONE, link_token=token(row, Side.NEW), name="Nora Neu", password=make.PASSWORD
    )
