"""RFID tags: the list with search, one of them, and what each was last used for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from accounts.access import Actor, allowed, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import ChargingSession, Tag
from charging.values import TagId, TagState
from kit import clock, db
from kit.paging import Page, follows
from kit.use_case import query

_BY_NAME = (func.lower(Tag.name), Tag.id)


@dataclass(frozen=True)
class TagRow:
    """A tag in a list: what it is worth now, and when it last started a session that the reader may see."""

    tag: Tag
    account_name: str
    time_zone: str
    state: TagState
    last_used_at: datetime | None


@query
def tag_page(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    text: str = "",
    state: TagState | None = None,
    number: int = 1,
    size: int = 50,
) -> Page[TagRow]:
    """The tags of the accounts where the actor sees sessions, by name. `text` is looked for in name, number, group."""
    wanted = _wanted(account_id, text, state)
    counted = visible(actor, Right.VIEW_SESSIONS, select(func.count()).select_from(Tag), Tag).where(*wanted)
    total = db.session().scalar(counted) or 0
    number = max(1, min(number, -(-total // size)))
    found = _with_account(actor).where(*wanted).order_by(*_BY_NAME).limit(size).offset((number - 1) * size)
    return Page(_rows(actor, found), number, size, total)


@query
def tags_after(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    text: str = "",
    state: TagState | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> Sequence[TagRow]:
    """The same tags without their count: those that follow `after`, the name and id of one."""
    found = _with_account(actor).where(*_wanted(account_id, text, state))
    if after is not None:
        found = found.where(follows(Tag.name, Tag.id, after))
    return _rows(actor, found.order_by(*_BY_NAME).limit(limit))


@query
def tag(actor: Actor, tag_id: TagId) -> TagRow:
    """One tag. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_SESSIONS, Tag, tag_id)
    return _rows(actor, _with_account(actor).where(Tag.id == tag_id))[0]


def _wanted(account_id: AccountId | None, text: str, state: TagState | None) -> list[ColumnElement[bool]]:
    wanted = [] if account_id is None else [within(Tag, account_id)]
    if text:
        columns = (Tag.name, Tag.id_tag, Tag.parent_id_tag)
        wanted.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if state is not None:
        wanted.append(_is(state, clock.now()))
    return wanted


def _is(state: TagState, now: datetime) -> ColumnElement[bool]:
    """The condition for what `Tag.state_at` says."""
    if state is TagState.BLOCKED:
        return Tag.state == TagState.BLOCKED
    over = and_(Tag.expires_at.is_not(None), Tag.expires_at <= now)
    return and_(Tag.state == TagState.VALID, over if state is TagState.EXPIRED else ~over)


def _with_account(actor: Actor) -> Select[Tag, str, str]:
    joined = select(Tag, Account.name, Account.time_zone).join(Account, Account.id == Tag.account_id)
    return visible(actor, Right.VIEW_SESSIONS, joined, Tag)


def _rows(actor: Actor, found: Select[Tag, str, str]) -> tuple[TagRow, ...]:
    now, rows = clock.now(), db.session().execute(found).all()
    uses = visible(
        actor,
        Right.VIEW_SESSIONS,
        select(ChargingSession.id_tag, func.max(ChargingSession.started_at).label("last"))
        .where(ChargingSession.id_tag.in_([tag.id_tag for tag, _, _ in rows]))
        .group_by(ChargingSession.id_tag),
        ChargingSession,
    )
    used: dict[str, datetime] = {row.id_tag: row.last for row in db.session().execute(uses)}
    return tuple(TagRow(tag, name, zone, tag.state_at(now), used.get(tag.id_tag)) for tag, name, zone in rows)
