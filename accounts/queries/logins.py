"""Where a person is signed in."""

from uuid import UUID

from sqlalchemy import exists, select

from accounts import access
from accounts.access import Actor, ActorKind
from accounts.models import Login, User
from accounts.secrets import fingerprint
from kit import clock, db
from kit.errors import NotFound
from kit.use_case import query


@query
def my_logins(actor: Actor) -> list[Login]:
    """The actor's own logins that are valid, the one used last on top."""
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    valid = (Login.user_id == actor.id, Login.ended_at.is_(None), Login.expires_at > clock.now())
    return list(db.session().scalars(select(Login).where(*valid).order_by(Login.seen_at.desc(), Login.id.desc())))


@query
def knows_device(actor: Actor, *, email: str, device_secret: str) -> bool:
    """Whether the person with this address has signed in with this browser before, and still trusts it."""
    access.system(actor)
    here = (User.email == email.strip().lower(), Login.device_hash == fingerprint(device_secret))
    return bool(db.session().scalar(select(exists().where(Login.user_id == User.id, *here))))


@query
def login_facts(actor: Actor, login_id: UUID) -> tuple[User, Login]:
    """A login and whose it is, for a letter. Raises NotFound."""
    access.system(actor)
    row = (
        db.session()
        .execute(select(User, Login).join(Login, Login.user_id == User.id).where(Login.id == login_id))
        .first()
    )
    if row is None:
        raise NotFound()
    return row[0], row[1]
