"""What this room announces."""

from dataclasses import dataclass
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class AccountWanted(Event):
    """An account should get a namesake at smart-me."""

    link_id: UUID
