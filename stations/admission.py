"""Whether an account may take a station: rooms above have rules, and bring them at the start of the program (wsgi.py).
And for the room below, whose a station is.

For rooms, within their doors.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select

from kit import db
from stations.kinds import StationKind
from stations.models import Station

Judge = Callable[[UUID, StationKind], None]
_judges: Sequence[Judge] = ()


def bind(judges: Sequence[Judge]) -> None:
    """These judge from now on: each refuses by raising."""
    global _judges
    _judges = judges


def owner_of(station_id: UUID) -> UUID | None:
    """The account of a station; None: there is no such station."""
    return db.session().scalar(select(Station.account_id).where(Station.id == station_id))


def admit(account_id: UUID, kind: StationKind) -> None:
    """Ask all of them before a station of this kind belongs to an account."""
    for judge in _judges:
        judge(account_id, kind)
