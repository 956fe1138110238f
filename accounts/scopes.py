"""Whether a role may count on a station: a room above knows whose it is, and says so at the start (wsgi.py).

For this room, within its doors.
"""

from collections.abc import Callable
from uuid import UUID

from kit.errors import Invalid

OwnerOf = Callable[[UUID], UUID | None]
_owner_of: OwnerOf | None = None


def bind(owner_of: OwnerOf) -> None:
    """This tells from now on to which account a station belongs; None: there is no such station."""
    global _owner_of
    _owner_of = owner_of


def judge_station(station_id: UUID, account_id: UUID) -> None:
    """Refuse a station of another account, or of none. Raises Invalid(station_id=)."""
    if _owner_of is not None and _owner_of(station_id) != account_id:
        raise Invalid(station_id="unknown")
