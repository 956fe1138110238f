"""What charging announces."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class SessionStarted(Event):
    """A charger began a transaction; it is recorded whatever we think of its tag.

    `reservation_number` is the reservation that it uses, as the charger says.
    """

    session_id: UUID
    account_id: UUID
    connector_id: UUID
    authorisation_id: UUID | None
    started_at: datetime
    reservation_number: int | None = None


@dataclass(frozen=True)
class SessionEnded(Event):
    """A session is over and its registers are final. `energy_wh` is never negative."""

    session_id: UUID
    account_id: UUID
    connector_id: UUID
    authorisation_id: UUID | None
    ended_at: datetime
    energy_wh: int


@dataclass(frozen=True)
class TagsChanged(Event):
    """Tags of an account were added, changed or removed: stations here and below may know too much or too little."""

    account_id: UUID


@dataclass(frozen=True)
class AuthorisationFailed(Event):
    """A permission came to nothing: the charger refused, did not answer, or nobody plugged in. `failure` is a code."""

    authorisation_id: UUID
    account_id: UUID
    failure: str
