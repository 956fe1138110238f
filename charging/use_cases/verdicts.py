"""What a tag may do at a charger: a permission of ours, an RFID tag of the account or one above it, or nothing."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, bindparam, case, select

from accounts.access import Actor
from charging.models import Authorisation, ChargingSession, HandStart
from charging.tag_rules import LONGEST_TOLD, canonical, info_of_tags, state_then
from charging.use_cases.control import TAG_BYTES
from charging.use_cases.expected import TagRow, expect_tag, tags_of
from charging.values import AuthorisationState, SessionKind, SessionState, TagInfo, TagState, TagVerdict
from kit import clock, db
from kit.use_case import hot_use_case
from stations.queries.sockets import StationFacts
from stations.station_clock import RIGHT
from stations.use_cases.sockets import facts_of

_permissions: Table = db.Base.metadata.tables[Authorisation.__tablename__]
_PERMISSION = select(*(_permissions.c[name] for name in ("id", "kind", "state", "connector_id", "account_id"))).where(
    _permissions.c.id_tag == bindparam("id_tag"), _permissions.c.station_id == bindparam("station_id")
)
_LOCKED_PERMISSION = _PERMISSION.with_for_update()
_BY_HAND = (
    select(HandStart.id)
    .outerjoin(ChargingSession, ChargingSession.id == HandStart.session_id)
    .where(
        HandStart.station_id == bindparam("station_id"),
        HandStart.id_tag == bindparam("id_tag"),
        case(
            (HandStart.session_id.is_(None), HandStart.expires_at > bindparam("at", type_=db.UtcDateTime())),
            else_=ChargingSession.state == SessionState.ACTIVE,
        ),
    )
    .limit(1)
)

_RUNS = (
    select(ChargingSession.id)
    .where(
        ChargingSession.station_id == bindparam("station_id"),
        ChargingSession.id_tag == bindparam("id_tag"),
        ChargingSession.state == SessionState.ACTIVE,
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a tag with its group and expiry, and what a session started with it would be.

    `account_id`: where it was permitted, if that is not where the station is now; the session belongs there. `by_now`:
    what the tag is worth now, where a session began with it earlier and rightly.
    """

    verdict: TagVerdict
    kind: SessionKind
    authorisation_id: UUID | None = None
    connector_id: UUID | None = None
    parent_id_tag: str = ""
    expires_at: datetime | None = None
    account_id: UUID | None = None
    by_now: TagInfo | None = None

    @property
    def info(self) -> TagInfo:
        """What the charger is told of it, and goes by from then on."""
        return self.by_now or TagInfo(self.verdict, self.parent_id_tag, self.expires_at)


@hot_use_case
def authorize_tag(actor: Actor, *, id_tag: str) -> TagInfo:
    """Whether this tag may charge here. A tag whose session runs stays accepted, so that it can end it."""
    facts = facts_of(actor)
    tag = told_tag(facts, id_tag)
    judged = judge(facts, tag)
    by_hours = within_hours(facts, judged, clock.now())
    return _told(judged if by_hours is not judged and _charges(facts, tag) else by_hours)


@hot_use_case
def tag_info_or_yes(actor: Actor, *, id_tag: str) -> TagInfo:
    """The same for a start that could not be stored. Where that can't be found out either, yes: it charges already."""
    try:
        with db.session().begin_nested():
            return authorize_tag(actor, id_tag=id_tag)
    except Exception:
        return TagInfo(TagVerdict.ACCEPTED)


@hot_use_case
def expect_authorize(actor: Actor, *, id_tag: str) -> None:
    """An `authorize_tag` is about to come."""
    facts = facts_of(actor)
    expect_tag(facts, told_tag(facts, id_tag))


def told_tag(facts: StationFacts, id_tag: str) -> str:
    """A tag as it is compared and stored: without what this charger adds to its number."""
    tag, quirks = canonical(id_tag), facts.quirks
    added = [canonical(quirks.tag_suffix), canonical(facts.serial) if quirks.tag_ends_with_serial else ""]
    for suffix in filter(None, added):
        tag = tag.removesuffix(suffix).rstrip(" -_:") if tag != suffix else tag
    if prefix := canonical(quirks.tag_prefix):
        tag = tag.removeprefix(prefix) or tag
    return tag[:LONGEST_TOLD]


def info_of(facts: StationFacts, id_tag: str) -> TagInfo:
    """What a charger is told of a canonical tag where no session is about to start."""
    return _told(judge(facts, id_tag))


def within_hours(facts: StationFacts, judged: Judged, at: datetime, number: int | None = None) -> Judged:
    """The same verdict, unless the plug, or each of them, is closed to tags. What was permitted before stays so."""
    new = judged.verdict is TagVerdict.ACCEPTED and judged.authorisation_id is None
    if not new or facts.admits(number, at):
        return judged
    return replace(judged, verdict=TagVerdict.BLOCKED, kind=SessionKind.UNAUTHORISED, by_now=None)


def _told(judged: Judged) -> TagInfo:
    return TagInfo(TagVerdict.ACCEPTED) if judged.verdict is TagVerdict.CONCURRENT else judged.info


def judge(facts: StationFacts, id_tag: str, *, at: datetime | None = None, lock: bool = False) -> Judged:
    """The verdict on a canonical tag at a station. `lock`: the permission is about to be used.

    `at`: when the session began, as it may be told hours later; a tag of the account is judged by what it was then.
    """
    session = db.session()
    permission = None
    if len(id_tag) == 2 * TAG_BYTES:  # no other tag can be one of ours
        statement = _LOCKED_PERMISSION if lock else _PERMISSION
        permission = session.execute(statement, {"id_tag": id_tag, "station_id": facts.id}).first()
    if permission is not None:
        if permission.state is AuthorisationState.WAITING:
            _, kind, _, connector_id, account_id = permission
            return Judged(TagVerdict.ACCEPTED, kind, permission.id, connector_id, account_id=account_id)
        used = permission.state is AuthorisationState.USED
        return Judged(TagVerdict.CONCURRENT if used else TagVerdict.EXPIRED, SessionKind.UNAUTHORISED)
    tags = tags_of(facts, id_tag)
    now = clock.now()
    if not tags and _started_by_hand(facts, id_tag, at or now):
        return Judged(TagVerdict.ACCEPTED, SessionKind.OPERATOR)
    info = by_now = info_of_tags([tag[:3] for tag in tags], now)
    if at is not None and now - at > RIGHT:
        info = info_of_tags([_then(tag, at) for tag in tags], at)
    told = by_now if info.verdict is TagVerdict.ACCEPTED and info != by_now else None
    kind = SessionKind.TAG if info.verdict is TagVerdict.ACCEPTED else SessionKind.UNAUTHORISED
    return Judged(info.verdict, kind, parent_id_tag=info.parent_id_tag, expires_at=info.expires_at, by_now=told)


def _then(tag: TagRow, at: datetime) -> tuple[TagState, datetime | None, str]:
    return state_then(tag.state, tag.blocked_at, tag.unblocked_at, at), tag.expires_at, tag.parent_id_tag


def _charges(facts: StationFacts, id_tag: str) -> bool:
    """Whether a session of this tag runs at the station."""
    db.current().flush()
    return db.session().execute(_RUNS, {"station_id": facts.id, "id_tag": id_tag}).first() is not None


def _started_by_hand(facts: StationFacts, id_tag: str, at: datetime) -> bool:
    """Whether somebody had just sent a remote start with this tag, which no account knows."""
    wanted = {"station_id": facts.id, "id_tag": id_tag, "at": at}
    db.current().flush()  # its session may have ended in this very batch
    return db.session().execute(_BY_HAND, wanted).first() is not None
