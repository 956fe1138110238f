"""RFID tags of an account: who may start sessions at its stations without anybody's click."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, select

from accounts.access import Actor, allowed, allowed_in, system
from accounts.rights import Right
from accounts.values import AccountId
from charging.events import TagsChanged
from charging.models import ChargingSession, Tag
from charging.tag_rules import canonical
from charging.values import NewTag, SessionKind, TagId, TagState
from kit import clock, db
from kit.errors import Invalid
from kit.events import record
from kit.use_case import use_case

LONGEST_TAG, LONGEST_GROUP, LONGEST_NAME = 255, 20, 80  # a group is sent to chargers: OCPP's limit holds
MOST_IMPORTED = 5_000


@dataclass(frozen=True)
class RefusedTag:
    """A row of an import that can't be taken: its number from 1, the field and the code of its problem."""

    row: int
    field: str
    code: str


@dataclass(frozen=True)
class ImportedTags:
    """What an import did: nothing at all where a row was refused."""

    added: int
    changed: int
    refused: tuple[RefusedTag, ...] = ()


@use_case
def add_tag(
    actor: Actor,
    account_id: AccountId,
    id_tag: str,
    *,
    name: str = "",
    expires_at: datetime | None = None,
    parent_id_tag: str = "",
    blocked: bool = False,
) -> Tag:
    """Let an RFID tag start sessions at the account's stations. Raises Invalid(id_tag=, name=, parent_id_tag=)."""
    allowed_in(actor, Right.MANAGE_STATIONS, account_id)
    allowed_in(actor, Right.VIEW_SESSIONS, account_id)
    new = _cleaned(NewTag(id_tag, name, expires_at, parent_id_tag, blocked))
    session = db.session()
    if session.scalar(select(Tag.id).where(Tag.account_id == account_id, Tag.id_tag == new.id_tag)) is not None:
        raise Invalid(id_tag="taken")
    tag = _made(account_id, new)
    session.add(tag)
    session.flush()
    record(TagsChanged(account_id=account_id))
    return tag


@use_case
def update_tag(
    actor: Actor,
    tag_id: TagId,
    *,
    name: str | None = None,
    expires_at: datetime | None = None,
    remove_expiry: bool = False,
    parent_id_tag: str | None = None,
    blocked: bool | None = None,
) -> Tag:
    """Change what is known of a tag; None leaves a thing as it is. Raises Invalid(name=, parent_id_tag=)."""
    tag = _seen(actor, allowed(actor, Right.MANAGE_STATIONS, Tag, tag_id, lock=True))
    new = _cleaned(
        NewTag(
            tag.id_tag,
            tag.name if name is None else name,
            None if remove_expiry else expires_at or tag.expires_at,
            tag.parent_id_tag if parent_id_tag is None else parent_id_tag,
            tag.state is TagState.BLOCKED if blocked is None else blocked,
        )
    )
    _rewrite(tag, new)
    record(TagsChanged(account_id=tag.account_id))
    return tag


@use_case
def block_tag(actor: Actor, tag_id: TagId) -> Tag:
    """Take the right to start sessions from a tag; what runs goes on."""
    return _set_state(_seen(actor, allowed(actor, Right.MANAGE_STATIONS, Tag, tag_id)), TagState.BLOCKED)


@use_case
def unblock_tag(actor: Actor, tag_id: TagId) -> Tag:
    """Give a blocked tag its right back."""
    return _set_state(_seen(actor, allowed(actor, Right.MANAGE_STATIONS, Tag, tag_id)), TagState.VALID)


@use_case
def delete_tag(actor: Actor, tag_id: TagId) -> None:
    """Forget a tag: from now on it is unknown. Its sessions stay."""
    tag = _seen(actor, allowed(actor, Right.MANAGE_STATIONS, Tag, tag_id))
    db.session().delete(tag)
    record(TagsChanged(account_id=tag.account_id))


@use_case
def delete_unused_tags(actor: Actor, account_id: AccountId, tag_ids: Collection[TagId]) -> list[TagId]:
    """Forget tags with which nobody has charged here. Where there is one with which somebody has, none is forgotten:
    those are told.
    """
    system(actor)
    used = (
        select(Tag.id)
        .where(Tag.id.in_(tag_ids), Tag.account_id == account_id)
        .join(
            ChargingSession,
            and_(ChargingSession.id_tag == Tag.id_tag, ChargingSession.kind != SessionKind.IMPORTED),
        )
    )
    found = list(db.session().scalars(used.where(ChargingSession.account_id == account_id).distinct()))
    if not found and tag_ids:
        db.session().execute(delete(Tag).where(Tag.id.in_(tag_ids), Tag.account_id == account_id))
        record(TagsChanged(account_id=account_id))
    return found


@use_case
def import_tags(actor: Actor, account_id: AccountId, rows: Sequence[NewTag]) -> ImportedTags:
    """Add many tags, and change those that are known, all or none. Raises Invalid(rows=) for none or too many."""
    allowed_in(actor, Right.MANAGE_STATIONS, account_id)
    allowed_in(actor, Right.VIEW_SESSIONS, account_id)
    if not rows or len(rows) > MOST_IMPORTED:
        raise Invalid(rows="too_many" if rows else "required")
    cleaned, refused = _judged(rows)
    if refused:
        return ImportedTags(0, 0, tuple(refused))
    session = db.session()
    known = {tag.id_tag: tag for tag in session.scalars(select(Tag).where(Tag.account_id == account_id))}
    added = [_made(account_id, new) for new in cleaned if new.id_tag not in known]
    changed = [new for new in cleaned if new.id_tag in known and _rewrite(known[new.id_tag], new)]
    session.add_all(added)
    session.flush()
    if added or changed:
        record(TagsChanged(account_id=account_id))
    return ImportedTags(len(added), len(changed))


def _seen(actor: Actor, tag: Tag) -> Tag:
    """Whoever changes a tag must be able to see it: it names a person."""
    return allowed(actor, Right.VIEW_SESSIONS, Tag, tag.id)


def _judged(rows: Sequence[NewTag]) -> tuple[list[NewTag], list[RefusedTag]]:
    cleaned: dict[str, NewTag] = {}
    refused = []
    for number, row in enumerate(rows, start=1):
        try:
            new = _cleaned(row)
            if new.id_tag in cleaned:
                raise Invalid(id_tag="twice")
            cleaned[new.id_tag] = new
        except Invalid as problem:
            refused += [RefusedTag(number, field, code) for field, code in problem.fields.items()]
    return list(cleaned.values()), refused


def _cleaned(tag: NewTag) -> NewTag:
    number, group, words = canonical(tag.id_tag), canonical(tag.parent_id_tag), " ".join(tag.name.split())
    if not number or len(number) > LONGEST_TAG:
        raise Invalid(id_tag="too_long" if number else "required")
    if len(words) > LONGEST_NAME:
        raise Invalid(name="too_long")
    if len(group) > LONGEST_GROUP:
        raise Invalid(parent_id_tag="too_long")
    if tag.expires_at is not None and tag.expires_at.tzinfo is None:
        raise Invalid(expires_at="without_zone")
    return NewTag(number, words, tag.expires_at, group, tag.blocked)


def _made(account_id: AccountId, new: NewTag) -> Tag:
    state = TagState.BLOCKED if new.blocked else TagState.VALID
    tag = Tag(account_id=account_id, id_tag=new.id_tag, state=state, created_at=clock.now())
    _rewrite(tag, new)
    return tag


def _set_state(tag: Tag, state: TagState) -> Tag:
    tag.become(state, clock.now())
    record(TagsChanged(account_id=tag.account_id))
    return tag


def _rewrite(tag: Tag, new: NewTag) -> bool:
    """Write down what is new of a tag; False where nothing is."""
    state = TagState.BLOCKED if new.blocked else TagState.VALID
    facts = (new.name, new.expires_at, new.parent_id_tag)
    if (*facts, state) == (tag.name, tag.expires_at, tag.parent_id_tag, tag.state):
        return False
    tag.name, tag.expires_at, tag.parent_id_tag = facts
    tag.become(state, clock.now())
    return True
