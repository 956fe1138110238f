"""Who did what: one line per deed, written in the deed's own transaction, never changed afterwards (`kit.seals`)."""

import dataclasses
import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Insert, event, false, insert
from sqlalchemy import inspect as inspected
from sqlalchemy.orm import InstanceState, Mapped, PassiveFlag, Session, mapped_column

from kit import clock, db
from kit.encryption import EncryptedJson
from kit.ids import new_id
from kit.masking import MASK, mask

LONGEST_TEXT = 200
_CHANGES, _TOLD = "audited_changes", "audited_rows_told"


class Audited:
    """Mixed into a model: what becomes of its rows stands in the line of the deed, before and after."""


class AuditLine(db.WithId, db.Base):
    """One deed. `account_id`: the account whose row was asked for, or else changed, where there was one; `through_id`:
    the account by which the actor had the right, where it was another one. `by_staff`: it was done as staff of the
    platform. `thing`: what it was done to, as `stations:018f…`. `surface` and `credential` tell from where: through
    what it came, and the login or token; empty: from inside of the program. `origin` is the digest of the row in
    `AuditOrigin`. `on_behalf_of`: for whom somebody looked in.
    """

    __tablename__ = "audit_lines"
    __table_args__ = (Index("ix_audit_lines_account_id_id", "account_id", "id"),)

    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[UUID | None]
    through_id: Mapped[UUID | None]
    by_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    actor: Mapped[str]
    door: Mapped[str]
    thing: Mapped[str] = mapped_column(default="", server_default="")
    arguments: Mapped[dict[str, Any]]
    changes: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    surface: Mapped[str] = mapped_column(default="", server_default="")
    credential: Mapped[str] = mapped_column(default="", server_default="")
    origin: Mapped[str] = mapped_column(default="", server_default="")
    on_behalf_of: Mapped[str] = mapped_column(default="", server_default="")


class AuditOrigin(db.Base):
    """The network address and the browser of a line. They are personal data and go before the line does; the digest in
    the sealed line shows whether they are true for as long as they are here, and tells nothing of them afterwards,
    since `salt` is gone with them.
    """

    __tablename__ = "audit_origins"

    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    salt: Mapped[str]
    address: Mapped[str]
    agent: Mapped[str]

    @property
    def digest(self) -> str:
        """What the line keeps of it."""
        return digest_of(self.salt, self.address, self.agent)


def digest_of(salt: str, address: str, agent: str) -> str:
    """A mark of where somebody was, of no use without the salt."""
    return hashlib.sha256("\n".join((salt, address, agent)).encode()).hexdigest()


_insert = insert(db.Base.metadata.tables[AuditLine.__tablename__])
_insert_origin = insert(db.Base.metadata.tables[AuditOrigin.__tablename__])


@dataclasses.dataclass(frozen=True)
class Origin:
    """From where a deed comes."""

    surface: str = ""
    address: str = ""
    agent: str = ""
    credential: str = ""
    on_behalf_of: str = ""


@dataclasses.dataclass(frozen=True)
class Deed:
    """What a door knows of the deed that is being done."""

    actor: str
    door: str
    arguments: dict[str, Any]
    changes: list[dict[str, Any]]
    account_id: UUID | None = None
    through_id: UUID | None = None
    thing: str = ""
    by_staff: bool = False


_origin: Callable[[], Origin] = Origin


def on_write(origin: Callable[[], Origin]) -> None:
    """Ask `origin()` from where a deed comes; told once by `wsgi.py`, since only surfaces know of requests."""
    global _origin
    _origin = origin


def write(deed: Deed) -> None:
    """Add the line of the deed that is being done."""
    owner, thing = _place(deed)
    origin, line_id, now = _origin(), new_id(), clock.now()
    values = {
        "id": line_id,
        "at": now,
        "account_id": owner,
        "through_id": deed.through_id,
        "by_staff": deed.by_staff,
        "actor": deed.actor,
        "door": deed.door,
        "thing": thing,
        "arguments": plain(mask(deed.arguments)),
        "changes": [{name: one[name] for name in ("thing", "deed", "before", "after")} for one in deed.changes],
        "surface": origin.surface,
        "credential": origin.credential,
        "origin": _keep_apart(origin, line_id, now),
        "on_behalf_of": origin.on_behalf_of,
    }
    db.current().later(_insert, values)


def _keep_apart(origin: Origin, line_id: UUID, now: datetime) -> str:
    """Note address and browser beside the line; the digest for the line."""
    if not origin.address:
        return ""
    facts = {"salt": secrets.token_hex(16), "address": origin.address, "agent": origin.agent[:LONGEST_TEXT]}
    db.current().later(_insert_origin, {"line_id": line_id, "at": now, **facts})
    return digest_of(**facts)


def _place(deed: Deed) -> tuple[UUID | None, str]:
    """The account and the thing of a deed; where no single row was asked for, those of what came of it."""
    account_id, thing = deed.account_id, deed.thing
    made = next((change for change in deed.changes if change["deed"] != "deleted"), None)
    if made is not None and (not thing or thing.startswith("accounts:")):
        thing = made["thing"]
    if account_id is None:
        account_id = next((UUID(one["account"]) for one in deed.changes if one["account"]), None)
    return account_id, thing


def changes_so_far() -> list[dict[str, Any]]:
    """What became of audited rows since this was asked last; each row as it was and is, secrets masked."""
    unit = db.current()
    session = unit.session
    told = session.info.get(_TOLD, ())
    pending = chain(session.new, session.dirty, session.deleted)
    if any(isinstance(row, Audited) and row not in told for row in pending):
        unit.flush()
    taken: list[dict[str, Any]] = session.info.pop(_CHANGES, [])
    return taken


def store(row: Any) -> None:
    """Write a new row, or what changed of one, with others of its kind, at the latest before the commit; the line of
    the running deed tells of it already. All columns of a new one are filled in, or may be empty.
    """
    unit, state = db.current(), inspected(row)
    if (change := _change("created" if state.transient else "changed", state)) is None:
        return
    unit.session.info.setdefault(_CHANGES, []).append(change)
    if state.transient:
        filled = {name: getattr(row, name) for name, _ in state.mapper.columns.items()}
        unit.later(_insert_into(row.__tablename__), filled)
    else:
        unit.session.info.setdefault(_TOLD, set()).add(row)


@cache
def _insert_into(table: str) -> Insert:
    return insert(db.Base.metadata.tables[table])


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, _context: object) -> None:
    """Keys are known by now, and what was before still is."""
    told = session.info.pop(_TOLD, ())
    for kind, rows in (("created", session.new), ("changed", session.dirty), ("deleted", session.deleted)):
        for row in rows:
            if isinstance(row, Audited) and row not in told and (change := _change(kind, inspected(row))) is not None:
                session.info.setdefault(_CHANGES, []).append(change)


def _change(kind: str, state: InstanceState[Any]) -> dict[str, Any] | None:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, column in state.mapper.columns.items():
        history = state.get_history(name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        hidden = isinstance(column.type, EncryptedJson)
        if kind == "changed" and not history.has_changes():
            continue
        if kind != "created" and (old := _first(history.deleted or history.unchanged)) is not None:
            before[name] = MASK if hidden else old
        if kind != "deleted" and (new := _first(history.added or history.unchanged)) is not None:
            after[name] = MASK if hidden else new
    if before == after:
        return None
    owner = state.dict.get("id" if _table(state) == "accounts" else "account_id")
    return {
        "thing": thing_of(state.obj()),
        "account": str(owner) if owner else "",
        "deed": kind,
        "before": plain(mask(before)),
        "after": plain(mask(after)),
    }


def _first(values: Iterable[Any] | None) -> Any:
    return next(iter(values or ()), None)


def thing_of(row: Any) -> str:
    """A row as lines name it: its table and its key."""
    state: InstanceState[Any] = inspected(row)
    key = "/".join(str(getattr(row, column.name)) for column in state.mapper.primary_key)
    return f"{_table(state)}:{key}"


def _table(state: InstanceState[Any]) -> str:
    return str(state.mapper.class_.__tablename__)


def plain(value: Any) -> Any:
    """Anything a door takes, as JSON; long texts are cut, unknown things become their type's name."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(mask(dataclasses.asdict(value)))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)[:LONGEST_TEXT]
