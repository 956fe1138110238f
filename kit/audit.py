"""Who did what: one line per deed, written in the deed's own transaction, never changed afterwards."""

import dataclasses
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from kit import clock, db
from kit.masking import mask

LONGEST_TEXT = 200


class AuditLine(db.WithId, db.Base):
    """One deed. `account_id` is the account whose row was asked for, where there was one."""

    __tablename__ = "audit_lines"

    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[UUID | None] = mapped_column(index=True)
    actor: Mapped[str]
    door: Mapped[str]
    arguments: Mapped[dict[str, Any]]


def write(*, actor: str, account_id: UUID | None, door: str, arguments: dict[str, Any]) -> None:
    """Add the line of the deed that is being done."""
    line = AuditLine(at=clock.now(), account_id=account_id, actor=actor, door=door, arguments=plain(mask(arguments)))
    db.session().add(line)


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
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(mask(dataclasses.asdict(value)))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)[:LONGEST_TEXT]
