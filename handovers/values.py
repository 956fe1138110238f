"""The vocabulary of hand-overs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import NewType
from uuid import UUID

HandOverId = NewType("HandOverId", UUID)

ANSWER_WITHIN = timedelta(days=14)
LONGEST_AHEAD = timedelta(days=366)


class HandOverState(Enum):
    """How far a hand-over is. It can be undone until the new owner has agreed."""

    REQUESTED = "requested"
    OFFERED = "offered"
    AGREED = "agreed"
    DONE = "done"
    DECLINED = "declined"
    CANCELLED = "cancelled"


OPEN = (HandOverState.REQUESTED, HandOverState.OFFERED, HandOverState.AGREED)
UNDOABLE = (HandOverState.REQUESTED, HandOverState.OFFERED)


class Side(Enum):
    """For which of the two owners somebody speaks."""

    OLD = "old"
    NEW = "new"


class Part(Enum):
    """What goes along, or ends."""

    STATIONS = "stations"
    CONNECTORS = "connectors"
    TAGS = "tags"
    PRICES = "prices"
    PERSON_PRICES = "person_prices"
    SESSIONS = "sessions"
    GROUPS = "groups"
    OWN_ROLES = "own_roles"
    LICENCES = "licences"
    MASTER = "master"
    PEOPLE = "people"
    COMPANIES = "companies"
    INVITATIONS = "invitations"
    TOKENS = "tokens"
    API_CLIENTS = "api_clients"
    COMPANY_LOGIN = "company_login"
    WEBHOOKS = "webhooks"
    SMART_ME = "smart_me"
    PAYOUT = "payout"
    LEGAL_DATA = "legal_data"
    DOCUMENTS = "documents"


@dataclass(frozen=True)
class Item:
    """So many of something, with the names of some of them."""

    part: Part
    count: int
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Preview:
    """What a hand-over would do now. `running`: sessions that would end under the old owner."""

    goes: Sequence[Item]
    ends: Sequence[Item]
    running: int
