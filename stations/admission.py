"""Whether an account may take a station: rooms above have rules, and bring them at the start of the program (wsgi.py).

For rooms, within their doors.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from stations.kinds import StationKind

Judge = Callable[[UUID, StationKind], None]
_judges: Sequence[Judge] = ()


def bind(judges: Sequence[Judge]) -> None:
    """These judge from now on: each refuses by raising."""
    global _judges
    _judges = judges


def admit(account_id: UUID, kind: StationKind) -> None:
    """Ask all of them before a station of this kind belongs to an account."""
    for judge in _judges:
        judge(account_id, kind)
