"""The readings of many sessions, in one statement."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, visible
from accounts.rights import Right
from charging.models import MeterValue
from charging.queries.sessions import CurvePoint
from kit import db
from kit.use_case import query


@query
def session_curves(actor: Actor, session_ids: Collection[UUID]) -> dict[UUID, list[CurvePoint]]:
    """Every stored reading of these sessions in order, as far as the actor sees them."""
    readings = visible(
        actor,
        Right.VIEW_SESSIONS,
        select(MeterValue.session_id, MeterValue.at, MeterValue.energy_wh, MeterValue.power_w).where(
            MeterValue.session_id.in_(session_ids)
        ),
        MeterValue,
    )
    curves: dict[UUID, list[CurvePoint]] = defaultdict(list)
    for session_id, at, energy_wh, power_w in db.session().execute(readings.order_by(MeterValue.at, MeterValue.id)):
        if session_id is not None:
            curves[session_id].append(CurvePoint(at, energy_wh, power_w))
    return curves
