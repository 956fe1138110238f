"""Another e-mail address for a login, on its way."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from accounts import access, links
from accounts.access import Actor, ActorKind
from accounts.models import EmailChange, User
from accounts.values import EmailSide
from kit import clock, db
from kit.errors import NotFound
from kit.signing import LinkExpired
from kit.use_case import query


@dataclass(frozen=True)
class EmailWish:
    """From which address to which, and who has agreed. `side`: whose link was opened, where one was."""

    old_email: str
    new_email: str
    old_agreed_at: datetime | None
    new_agreed_at: datetime | None
    side: EmailSide | None = None

    @property
    def agreed(self) -> bool:
        """Whether the side whose link was opened has agreed already."""
        return (self.old_agreed_at if self.side is EmailSide.OLD else self.new_agreed_at) is not None


@query
def my_email_wish(actor: Actor) -> EmailWish | None:
    """The actor's own wish for another address, if there is one."""
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    valid = (EmailChange.ended_at.is_(None), EmailChange.requested_at > clock.now() - links.EMAIL_CHANGE_VALID)
    row = db.session().scalar(select(EmailChange).where(EmailChange.user_id == actor.id, *valid))
    return _wish(row, None) if row is not None else None


@query
def email_wish_of_link(actor: Actor, link_token: str) -> EmailWish:
    """What a mailed link is about. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    change_id, side = links.read_email_change(link_token)
    row = db.session().get(EmailChange, change_id)
    if row is None or row.ended_at is not None:
        raise LinkExpired()
    return _wish(row, side)


@query
def email_change_facts(actor: Actor, change_id: UUID) -> tuple[User, EmailChange, bool]:
    """Whose wish it is, the wish, and whether the new address is somebody else's; for letters. Raises NotFound."""
    access.system(actor)
    change = db.session().get(EmailChange, change_id)
    if change is None:
        raise NotFound()
    taken = db.session().scalar(select(exists().where(User.email == change.new_email, User.id != change.user_id)))
    return db.session().get_one(User, change.user_id), change, bool(taken)


def _wish(row: EmailChange, side: EmailSide | None) -> EmailWish:
    return EmailWish(row.old_email, row.new_email, row.old_agreed_at, row.new_agreed_at, side)
