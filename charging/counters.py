"""Numbers that chargers know things by: counted up for the whole platform, none given out twice."""

from sqlalchemy import Table, bindparam, update

from charging.models import Counter
from kit import db, upsert

RESERVATIONS, PROFILES = "reservations", "charging_profiles"
LAST_NUMBER = 2_147_483_647  # what a charger names beyond it is none of ours

_counters: Table = db.Base.metadata.tables[Counter.__tablename__]
_NEXT = (
    update(_counters)
    .where(_counters.c.name == bindparam("of"))
    .values(last=_counters.c.last + 1)
    .returning(_counters.c.last)
)


def next_number(name: str) -> int:
    """The next number of this kind, from 1. For rooms, within their door."""
    session = db.session()
    found = session.execute(_NEXT, {"of": name}).scalar_one_or_none()
    if found is None:
        session.execute(upsert.insert(_counters).values(name=name, last=0).on_conflict_do_nothing())
        found = session.execute(_NEXT, {"of": name}).scalar_one()
    return int(found)
