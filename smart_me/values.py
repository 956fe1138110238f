"""The vocabulary of the link with smart-me."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NewType
from uuid import UUID

LinkId = NewType("LinkId", UUID)

ISSUER = "smart-me"  # the name under which logins of smart-me are known (`accounts.models.Identity`)


class LinkState(Enum):
    """How far an account and its namesake at smart-me have come together."""

    WANTED = "wanted"  # we ask smart-me for an account of the same name
    LINKED = "linked"
    TAKEN = "taken"  # the name is taken there: its owner proves it by signing in
    UNDECIDED = "undecided"  # smart-me told of an account, and its owner has a login here: he says which is which
    LOST = "lost"  # it was linked; smart-me does not take our tokens any more


@dataclass(frozen=True)
class Person:
    """Somebody as smart-me knows them: `subject` never changes there, the name is what they sign in with."""

    subject: str
    name: str
    email: str


@dataclass(frozen=True)
class Tokens:
    """What opens somebody's account at smart-me, until when, and what renews it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Forecast:
    """What adding stations would mean at smart-me: Professional licences there, now and afterwards. `linked`: whether
    the account is one of smart-me at all. `refusal`: the code that adding is refused with.
    """

    linked: bool
    zev: bool
    licences_now: int
    licences_then: int
    refusal: str | None = None

    @property
    def more(self) -> int:
        """How many licences this would cost."""
        return self.licences_then - self.licences_now
