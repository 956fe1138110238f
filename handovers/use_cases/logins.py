"""A new owner who has no login yet. The slow hash is computed between two doors, never inside a transaction."""

from accounts.access import ANYONE, Actor
from accounts.passwords import hash_password
from handovers.models import HandOver
from handovers.queries import hand_over_of_link
from handovers.use_cases.agreeing import store_new_owner


def accept_as_new_owner(actor: Actor, *, link_token: str, name: str, password: str) -> HandOver:
    """Make a login by the link, and agree. Raises LinkExpired, LinkBroken, KnownAlready, Invalid."""
    offered = hand_over_of_link(ANYONE, link_token)
    hashed = hash_password(password, email=offered.email, name=name)
    return store_new_owner(actor, link_token, password_hash=hashed, name=name)
