"""What a tag may do at a charger: a permission of ours, an RFID tag of the account or one above it, or nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, bindparam, select

from accounts.access import Actor
from accounts.models import AccountLineage
from charging.models import Authorisation, Tag
from charging.use_cases.control import TAG_BYTES
from charging.values import AuthorisationState, SessionKind, TagState, TagVerdict
from kit import clock, db
from kit.use_case import hot_use_case
from stations.queries.sockets import StationFacts
from stations.use_cases.sockets import facts_of

_permissions: Table = db.Base.metadata.tables[Authorisation.__tablename__]
_tags: Table = db.Base.metadata.tables[Tag.__tablename__]
_lineage: Table = db.Base.metadata.tables[AccountLineage.__tablename__]
_PERMISSION = select(*(_permissions.c[name] for name in ("id", "kind", "state", "connector_id"))).where(
    _permissions.c.id_tag == bindparam("id_tag"), _permissions.c.station_id == bindparam("station_id")
)
_LOCKED_PERMISSION = _PERMISSION.with_for_update()
_TAG = select(_tags.c.state, _tags.c.expires_at).where(
    _tags.c.id_tag == bindparam("id_tag"),
    _tags.c.account_id.in_(select(_lineage.c.ancestor_id).where(_lineage.c.account_id == bindparam("account_id"))),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a tag, and what a session started with it would be."""

    verdict: TagVerdict
    kind: SessionKind
    authorisation_id: UUID | None = None
    connector_id: UUID | None = None


@hot_use_case
def authorize_tag(actor: Actor, *, id_tag: str) -> TagVerdict:
    """Whether this tag may charge here. A tag whose session runs stays accepted, so that it can end it."""
    judged = judge(facts_of(actor), canonical(id_tag))
    return TagVerdict.ACCEPTED if judged.verdict is TagVerdict.CONCURRENT else judged.verdict


def canonical(id_tag: str) -> str:
    """How tags are compared and stored: upper-case, without blanks around them."""
    return id_tag.strip().upper()


def judge(facts: StationFacts, id_tag: str, *, lock: bool = False) -> Judged:
    """The verdict on a canonical tag at a station. `lock`: the permission is about to be used."""
    session = db.session()
    permission = None
    if len(id_tag) == 2 * TAG_BYTES:  # no other tag can be one of ours
        statement = _LOCKED_PERMISSION if lock else _PERMISSION
        permission = session.execute(statement, {"id_tag": id_tag, "station_id": facts.id}).first()
    if permission is not None:
        if permission.state is AuthorisationState.WAITING:
            return Judged(TagVerdict.ACCEPTED, permission.kind, permission.id, permission.connector_id)
        used = permission.state is AuthorisationState.USED
        return Judged(TagVerdict.CONCURRENT if used else TagVerdict.EXPIRED, SessionKind.UNAUTHORISED)
    tags = session.execute(_TAG, {"id_tag": id_tag, "account_id": facts.account_id}).all()
    return Judged(*_of_tags([(row.state, row.expires_at) for row in tags]))


def _of_tags(tags: list[tuple[TagState, datetime | None]]) -> tuple[TagVerdict, SessionKind]:
    """The account's own tag and those of accounts above it may share a number: one that is valid is enough."""
    now = clock.now()
    valid = [expires_at for state, expires_at in tags if state is TagState.VALID]
    if any(expires_at is None or expires_at > now for expires_at in valid):
        return TagVerdict.ACCEPTED, SessionKind.TAG
    if valid:
        return TagVerdict.EXPIRED, SessionKind.UNAUTHORISED
    return TagVerdict.BLOCKED if tags else TagVerdict.INVALID, SessionKind.UNAUTHORISED
