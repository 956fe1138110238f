"""The links by which both sides agree, and which hand-over still waits for an answer."""

from uuid import UUID

from sqlalchemy import or_, select

from handovers.models import HandOver
from handovers.values import ANSWER_WITHIN, OPEN, HandOverState, Side
from kit import clock, db, settings, signing

_WAITS_FOR = {Side.OLD: HandOverState.REQUESTED, Side.NEW: HandOverState.OFFERED}


def link(hand_over: HandOver, side: Side) -> str:
    """The address of the page on which one side agrees."""
    signed = signing.sign("hand-over", {"hand_over": str(hand_over.id), "side": side.value})
    return f"{settings.current().public_url}/hand-over/{signed}"


def read(link_token: str) -> tuple[UUID, Side]:
    """Which hand-over a link is about, and for whom it speaks. Raises LinkExpired, LinkBroken."""
    payload = signing.read("hand-over", link_token, valid_for=ANSWER_WITHIN)
    return UUID(payload["hand_over"]), Side(payload["side"])


def waiting(link_token: str, side: Side, *, lock: bool = False) -> HandOver:
    """The hand-over that waits for this side's answer. Raises LinkExpired, LinkBroken."""
    hand_over_id, spoken_for = read(link_token)
    found = db.session().get(HandOver, hand_over_id, with_for_update=lock or None)
    if spoken_for is not side or found is None or not _waits(found, side):
        raise signing.LinkExpired()
    return found


def under_way(account_id: UUID) -> HandOver | None:
    """The hand-over of an account that somebody can still answer, or that waits for its day."""
    lasts = or_(HandOver.state == HandOverState.AGREED, HandOver.expires_at > clock.now())
    wanted = select(HandOver).where(HandOver.account_id == account_id, HandOver.state.in_(OPEN), lasts)
    return db.session().scalars(wanted.limit(1)).one_or_none()


def _waits(found: HandOver, side: Side) -> bool:
    return found.state is _WAITS_FOR[side] and found.expires_at > clock.now()
