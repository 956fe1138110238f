"""The desk of ends without a session: an operator says what each one was. Once, and no energy twice."""

from datetime import datetime

from sqlalchemy import Exists, exists, select, update

from accounts.access import Actor, allowed
from accounts.models import AccountLineage
from accounts.rights import Right
from charging.metering import ceiling_w, possible_step
from charging.models import ChargingSession, MeterValue, OrphanStop, Tag
from charging.queries.orphans import fits
from charging.tag_rules import LONGEST_TOLD, canonical, info_of_tags
from charging.use_cases.endings import announce_end
from charging.values import OrphanId, OrphanState, SessionId, SessionKind, SessionState, TagVerdict
from kit import clock, db
from kit.errors import Conflict, Invalid
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Connector
from stations.queries.sockets import station_facts
from stations.values import ConnectorId

LONGEST_NOTE = 500


@use_case
def attach_orphan(actor: Actor, orphan_id: OrphanId, session_id: SessionId) -> OrphanStop:
    """This is the true end of a session that we had ended with its last reading: its register and time count now.

    Raises Conflict: `resolved_already`; `does_not_fit` where the session is another station's, was not ended by us, or
    can't have come to this register. What was charged for the session already stays as it is.
    """
    orphan = _open(actor, orphan_id)
    session = allowed(actor, Right.CONTROL_SESSIONS, ChargingSession, session_id, lock=True)
    if not fits(orphan, session) or not _reached(orphan, session):
        raise Conflict("does_not_fit")
    assert orphan.meter_stop_wh is not None, "an end without a register fits nothing"
    session.ended_at = max(orphan.ended_at, session.started_at)
    session.meter_stop_wh = session.last_wh = orphan.meter_stop_wh
    session.last_at, session.estimated = session.ended_at, False
    session.energy_wh = orphan.meter_stop_wh - session.meter_start_wh
    session.stop_reason = orphan.reason or None
    if orphan.session_id is not None:
        moved = update(MeterValue).where(MeterValue.session_id == orphan.session_id)
        db.session().execute(moved.values(session_id=session.id, connector_id=session.connector_id))
    _resolve(actor, orphan, OrphanState.ATTACHED, session)
    return orphan


@use_case
def accept_orphan(
    actor: Actor,
    orphan_id: OrphanId,
    *,
    connector_id: ConnectorId,
    started_at: datetime,
    meter_start_wh: int,
    id_tag: str = "",
) -> OrphanStop:
    """It was a session of its own: here it began, with this register in Wh; an empty tag leaves the one that was told.

    Raises Conflict(`resolved_already`, `counted_already`: another session at the connector has this time), Invalid.
    """
    orphan = _open(actor, orphan_id)
    if orphan.session_id is None:
        raise Conflict("counted_already")  # it is the end of a session that is counted
    session = db.session().get_one(ChargingSession, orphan.session_id, with_for_update=True)
    connector = allowed(actor, Right.CONTROL_SESSIONS, Connector, connector_id, lock=True)
    _judge_begin(orphan, connector, started_at, meter_start_wh)
    if db.session().scalar(select(_others_at_that_time(orphan, connector_id, started_at))):
        raise Conflict("counted_already")
    session.connector_id, session.started_at, session.meter_start_wh = connector.id, started_at, meter_start_wh
    if len(canonical(id_tag)) > LONGEST_TOLD:
        raise Invalid(id_tag="too_long")
    session.id_tag = canonical(id_tag) or session.id_tag
    session.kind = _kind_of(session)
    session.energy_wh = (orphan.meter_stop_wh or 0) - meter_start_wh
    _resolve(actor, orphan, OrphanState.ACCEPTED, session)
    return orphan


@use_case
def dismiss_orphan(actor: Actor, orphan_id: OrphanId, *, reason: str) -> OrphanStop:
    """It stands for no session; `reason` says why. Raises Conflict(`resolved_already`), Invalid(reason=)."""
    orphan = _open(actor, orphan_id)
    note = " ".join(reason.split())
    if not note or len(note) > LONGEST_NOTE:
        raise Invalid(reason="too_long" if note else "required")
    orphan.note = note
    _resolve(actor, orphan, OrphanState.DISMISSED, None)
    return orphan


def _open(actor: Actor, orphan_id: OrphanId) -> OrphanStop:
    orphan = allowed(actor, Right.CONTROL_SESSIONS, OrphanStop, orphan_id, lock=True)
    if orphan.state is not OrphanState.OPEN:
        raise Conflict("resolved_already")
    return orphan


def _resolve(actor: Actor, orphan: OrphanStop, state: OrphanState, session: ChargingSession | None) -> None:
    orphan.state, orphan.resolved_at, orphan.resolved_by = state, clock.now(), actor.reference
    db.session().flush()
    if session is None:
        tell("account", orphan.account_id)
        return
    orphan.attached_session_id = session.id
    assert session.ended_at is not None, "an ended session has an end"
    facts, energy_wh = station_facts(orphan.station_id), session.energy_wh or 0
    announce_end(facts, session.id, session.connector_id, session.authorisation_id, session.ended_at, energy_wh)


def _reached(orphan: OrphanStop, session: ChargingSession) -> bool:
    """Whether the session's plug can have come to the register of this end."""
    stop_wh, rated_w = orphan.meter_stop_wh or 0, db.session().get_one(Connector, session.connector_id).max_power_w
    until = max(orphan.ended_at, session.last_at)
    return possible_step(session.last_wh, session.last_at, stop_wh, until, ceiling_w(rated_w, session.last_power_w))


def _judge_begin(orphan: OrphanStop, connector: Connector, started_at: datetime, meter_start_wh: int) -> None:
    if connector.station_id != orphan.station_id or connector.number == 0:
        raise Invalid(connector_id="unknown")
    if started_at.tzinfo is None:
        raise Invalid(started_at="without_zone")
    if started_at > orphan.ended_at:
        raise Invalid(started_at="after_the_end")
    if orphan.meter_stop_wh is None or not 0 <= meter_start_wh <= orphan.meter_stop_wh:
        raise Invalid(meter_start_wh="out_of_range")
    most_w = ceiling_w(connector.max_power_w, None)
    if not possible_step(meter_start_wh, started_at, orphan.meter_stop_wh, orphan.ended_at, most_w):
        raise Invalid(meter_start_wh="too_high")


def _others_at_that_time(orphan: OrphanStop, connector_id: ConnectorId, started_at: datetime) -> Exists:
    over = (ChargingSession.state == SessionState.ACTIVE) | (ChargingSession.ended_at > started_at)
    return exists().where(
        ChargingSession.connector_id == connector_id,
        ChargingSession.id != orphan.session_id,
        ChargingSession.kind != SessionKind.ORPHAN,
        ChargingSession.started_at < orphan.ended_at,
        over,
    )


def _kind_of(session: ChargingSession) -> SessionKind:
    """What the tag makes of it, as tags of the account are today."""
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == session.account_id)
    found = select(Tag.state, Tag.expires_at, Tag.parent_id_tag).where(
        Tag.id_tag == session.id_tag, Tag.account_id.in_(above)
    )
    tags = [(state, expires_at, parent) for state, expires_at, parent in db.session().execute(found)]
    info = info_of_tags(tags, session.started_at)
    return SessionKind.TAG if info.verdict is TagVerdict.ACCEPTED else SessionKind.UNAUTHORISED
