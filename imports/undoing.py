"""Everything that an import made goes again, or nothing of it; within the running door."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete

from accounts.access import SYSTEM
from accounts.values import AccountId
from billing.use_cases import withdraw_person_prices
from billing.values import PersonPriceId
from charging.use_cases import delete_unused_tags, forget_past_sessions
from charging.values import TagId
from imports.errors import ImportUsed
from imports.models import ImportedSession, ImportRow
from imports.values import MADE_TAG, Outcome, What
from kit import db
from stations.use_cases import withdraw_unused_station


def undo(account_id: AccountId, rows: Sequence[ImportRow]) -> None:
    """What happened at stations first, then the stations. Raises ImportUsed with the row that is used by now."""
    numbers = {row.thing_id: row.number for row in rows if row.thing_id is not None}
    sessions = [row.thing_id for row in rows if row.what is What.HISTORY and row.thing_id is not None]
    for some in _portions(sessions):
        db.session().execute(delete(ImportedSession).where(ImportedSession.session_id.in_(some)))
        forget_past_sessions(SYSTEM, some)
    priced = [row for row in rows if row.key.startswith("price:") and row.thing_id is not None]
    withdraw_person_prices(SYSTEM, account_id, [PersonPriceId(row.thing_id) for row in priced if row.thing_id])
    tags = [row.thing_id for row in rows if row.what in (What.TAGS, What.PEOPLE) and row not in priced and row.thing_id]
    with_price = {UUID(row.facts[MADE_TAG]): row.number for row in priced if MADE_TAG in row.facts}
    numbers |= with_price
    tags += with_price
    for some in _portions(tags):
        used = delete_unused_tags(SYSTEM, account_id, [TagId(one) for one in some])
        if used:
            raise ImportUsed(row=str(numbers[used[0]]))
    for station_id in dict.fromkeys(row.thing_id for row in rows if row.what is What.STATIONS):
        if station_id is not None and not withdraw_unused_station(SYSTEM, station_id):
            raise ImportUsed(row=str(numbers[station_id]))
    for row in rows:
        row.outcome, row.thing_id = Outcome.UNDONE, None


def _portions(ids: Sequence[UUID], size: int = 500) -> list[Sequence[UUID]]:
    return [ids[begin : begin + size] for begin in range(0, len(ids), size)]
