"""RFID tags of an account."""

from datetime import datetime

from sqlalchemy import select

from accounts.access import Actor, allowed, allowed_in
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import Tag
from charging.values import TagId, TagState
from kit import clock, db
from kit.errors import Invalid
from kit.use_case import use_case

LONGEST_TAG, LONGEST_NAME = 36, 80


@use_case
def add_tag(
    actor: Actor, account_id: AccountId, id_tag: str, *, name: str = "", expires_at: datetime | None = None
) -> Tag:
    """Let an RFID tag start sessions at the account's stations. Raises Invalid(id_tag=, name=)."""
    allowed_in(actor, Right.MANAGE_STATIONS, account_id)
    number, words = id_tag.strip().upper(), " ".join(name.split())
    if not number or len(number) > LONGEST_TAG:
        raise Invalid(id_tag="too_long" if number else "required")
    if len(words) > LONGEST_NAME:
        raise Invalid(name="too_long")
    session = db.session()
    if session.scalar(select(Tag.id).where(Tag.account_id == account_id, Tag.id_tag == number)) is not None:
        raise Invalid(id_tag="taken")
    tag = Tag(
        account_id=account_id,
        id_tag=number,
        name=words,
        state=TagState.VALID,
        expires_at=expires_at,
        created_at=clock.now(),
    )
    session.add(tag)
    session.flush()
    return tag


@use_case
def block_tag(actor: Actor, tag_id: TagId) -> Tag:
    """Take the right to start sessions from a tag; what runs goes on."""
    tag = allowed(actor, Right.MANAGE_STATIONS, Tag, tag_id)
    tag.state = TagState.BLOCKED
    return tag
