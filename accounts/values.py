"""The vocabulary of accounts."""

from enum import Enum
from typing import NewType
from uuid import UUID

AccountId = NewType("AccountId", UUID)
UserId = NewType("UserId", UUID)
GrantId = NewType("GrantId", UUID)
ApiTokenId = NewType("ApiTokenId", UUID)


class AccountKind(Enum):
    """A master holds accounts below it; a property holds stations and earns its own income."""

    MASTER = "master"
    PROPERTY = "property"


LANGUAGES = ("de", "fr", "it", "en")
