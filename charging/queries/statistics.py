"""How much was charged on which day."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from accounts.access import Actor, visible, within
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import ChargingSession
from charging.values import SessionKind
from kit import db
from kit.hours import day_of, last_days, utc_hour
from kit.use_case import query


@dataclass(frozen=True)
class DayEnergy:
    """One calendar day: the sessions that began on it, and their energy in Wh."""

    day: date
    sessions: int
    energy_wh: int


@query
def daily_energy(
    actor: Actor, account_id: AccountId | None = None, *, zone: str = "Europe/Zurich", days: int = 30
) -> list[DayEnergy]:
    """The last days in order, today included, as calendar days of `zone`; days without a session are there too.

    Ends without a session count when their session was found, and then with it.
    """
    begin, calendar = last_days(days, zone)
    hour = utc_hour(ChargingSession.started_at).label("hour")
    used = func.coalesce(ChargingSession.energy_wh, ChargingSession.last_wh - ChargingSession.meter_start_wh)
    summed = visible(
        actor,
        Right.VIEW_SESSIONS,
        select(hour, func.count(), func.sum(used))
        .where(ChargingSession.started_at >= begin, ChargingSession.kind != SessionKind.ORPHAN)
        .group_by("hour"),
        ChargingSession,
    )
    if account_id is not None:
        summed = summed.where(within(ChargingSession, account_id))
    sums = {day: [0, 0] for day in calendar}
    for text, count, energy_wh in db.session().execute(summed):
        cell = sums.setdefault(day_of(text, zone), [0, 0])
        cell[0] += count
        cell[1] += max(0, int(energy_wh or 0))
    return [DayEnergy(day, *sums[day]) for day in calendar]
