"""Energy that went through a meter and that no session knows."""

from sqlalchemy import exists, select

from accounts.access import Actor, system
from charging.metering import SLACK_WH
from charging.models import ChargingSession, DoubtfulFact
from charging.values import Doubt, SessionId, SessionKind, SessionState
from kit import clock, db
from kit.use_case import use_case

GAP = "energy_between"


@use_case
def look_for_gap(actor: Actor, session_id: SessionId) -> bool:
    """Compare the first register of a session with the last one before it at the connector; note what is missing.

    A charger that keeps only its latest session while it is offline is found by this. Twice is once.
    """
    system(actor)
    session = db.session().get_one(ChargingSession, session_id)
    earlier = (
        select(ChargingSession)
        .where(
            ChargingSession.connector_id == session.connector_id,
            ChargingSession.id != session.id,
            ChargingSession.kind != SessionKind.ORPHAN,
            ChargingSession.state == SessionState.ENDED,
            ChargingSession.started_at < session.started_at,
        )
        .order_by(ChargingSession.started_at.desc())
        .limit(1)
    )
    before = db.session().scalars(earlier).one_or_none()
    if before is None or before.meter_stop_wh is None:
        return False
    missing_wh = session.meter_start_wh - before.meter_stop_wh
    noted = exists().where(DoubtfulFact.session_id == session.id, DoubtfulFact.code == GAP)
    if missing_wh <= SLACK_WH or db.session().scalar(select(noted)):
        return False
    db.session().add(
        DoubtfulFact(
            account_id=session.account_id,
            station_id=session.station_id,
            session_id=session.id,
            at=clock.now(),
            doubt=Doubt.GAP,
            action="StartTransaction",
            code=GAP,
            facts={"missing_wh": missing_wh, "before_wh": before.meter_stop_wh, "start_wh": session.meter_start_wh},
            detail="",
        )
    )
    return True
