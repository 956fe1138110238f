"""Audit lines are only added. A job seals what is committed, account by account, into a chain: each seal covers its
line and the seal before, so that whoever changes, removes or slips in a line breaks every later seal.

The database itself refuses to change and to delete lines and seals (triggers, see the migration). It lets go only of
what is older than the instant in `audit_retention`, where `forget` puts it for as long as it deletes. A trigger notes
each new line as pending, so a line is sealed once, however late its transaction commits.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, CursorResult, UniqueConstraint, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from kit import clock, db
from kit.audit import AuditLine, AuditOrigin

PLATFORM = UUID(int=0)  # the chain of lines that belong to no account
BATCH, STRETCH = 1000, 5000
BEGINNING, LAST = "0" * 64, 2**62
_CUT = {"synchronize_session": False}


class PendingLine(db.Base):
    """A line that has no seal yet."""

    __tablename__ = "audit_pending"

    line_id: Mapped[UUID] = mapped_column(primary_key=True)


class AuditSeal(db.Base):
    """The seal of one line. `number` counts within the chain of an account, without a gap."""

    __tablename__ = "audit_seals"
    __table_args__ = (UniqueConstraint("chain", "number"),)

    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    chain: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
    sealed_at: Mapped[datetime] = mapped_column(index=True)


class Retention(db.Base):
    """While lines are being forgotten: those before this instant may be deleted. Otherwise the table is empty."""

    __tablename__ = "audit_retention"

    before: Mapped[datetime] = mapped_column(primary_key=True)


@dataclass(frozen=True)
class Anchor:
    """The newest seal of a chain, to be kept where nobody who reaches the database reaches it."""

    chain: UUID
    number: int
    hash: str
    sealed_at: datetime


@dataclass(frozen=True)
class Finding:
    """What a look at a chain found: how many lines are as they were sealed, and the first that is not, with why."""

    chain: UUID
    good: int
    forgotten: int = 0
    broken_number: int | None = None
    broken_line: UUID | None = None
    reason: str = ""

    def __str__(self) -> str:
        name = "platform" if self.chain == PLATFORM else str(self.chain)
        forgotten = f", {self.forgotten} older ones forgotten in time" if self.forgotten else ""
        if not self.reason:
            return f"{name}: {self.good} lines as they were sealed{forgotten}"
        where = f"number {self.broken_number}" if self.broken_number else "a line without a number"
        line = f", line {self.broken_line}" if self.broken_line else ""
        return f"{name}: BROKEN at {where}{line}: {self.reason}; {self.good} lines before it are good{forgotten}"


def content(line: AuditLine) -> bytes:
    """Everything a line says, in the one way in which it can be written."""
    facts: dict[str, Any] = {column.name: getattr(line, column.name) for column in AuditLine.__table__.columns}
    facts["at"] = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)


def digest(previous: str, number: int, line: AuditLine) -> str:
    """The seal of a line."""
    return hashlib.sha256(f"{previous}\n{number}\n".encode() + content(line)).hexdigest()


def any_pending() -> bool:
    """Whether a line waits for its seal."""
    return db.session().scalar(select(PendingLine.line_id).limit(1)) is not None


def seal() -> int:
    """Seal a batch of what is pending, oldest first; how many lines. Two at once wait for each other."""
    session = db.session()
    pending = select(PendingLine.line_id).order_by(PendingLine.line_id).limit(BATCH).with_for_update()
    ids = list(session.scalars(pending))
    if not ids:
        return 0
    heads = {head.chain: head for head in anchors()}
    now, rows = clock.now(), []
    for line in session.scalars(select(AuditLine).where(AuditLine.id.in_(ids)).order_by(AuditLine.id)):
        chain = line.account_id or PLATFORM
        head = heads.get(chain) or Anchor(chain, 0, BEGINNING, now)
        made = digest(head.hash, head.number + 1, line)
        heads[chain] = Anchor(chain, head.number + 1, made, now)
        rows.append({"line_id": line.id, "chain": chain, "number": head.number + 1, "hash": made, "sealed_at": now})
    if rows:
        session.execute(insert(AuditSeal), rows)
    session.execute(delete(PendingLine).where(PendingLine.line_id.in_(ids)), execution_options=_CUT)
    return len(rows)


def anchors(chains: Collection[UUID] | None = None) -> list[Anchor]:
    """The newest seal of each chain, or of these."""
    newest = select(AuditSeal.chain, func.max(AuditSeal.number).label("number")).group_by(AuditSeal.chain)
    if chains is not None:
        newest = newest.where(AuditSeal.chain.in_(chains))
    found = newest.subquery()
    heads = select(AuditSeal).join(found, (AuditSeal.chain == found.c.chain) & (AuditSeal.number == found.c.number))
    return [Anchor(row.chain, row.number, row.hash, row.sealed_at) for row in db.session().scalars(heads)]


def check(chain: UUID, *, kept_from: datetime, anchored: Anchor | None = None) -> Finding:
    """Whether everything in a chain is as it was sealed. Lines may be missing at its beginning only, if the retention
    took them: the last of those was sealed before `kept_from`, and its seal is still there.
    """
    good, forgotten, previous, expected = 0, 0, BEGINNING, 1
    for seal_row, line, origin in _walk(chain):
        if good == forgotten == 0 and line is None and seal_row.sealed_at < kept_from:
            forgotten, previous, expected = seal_row.number, seal_row.hash, seal_row.number + 1
        else:
            reason = _wrong(seal_row, line, origin, previous, expected)
            if reason:
                at = expected if reason == "seal_missing" else seal_row.number
                lost = None if reason == "seal_missing" else seal_row.line_id
                return Finding(chain, good, forgotten, at, lost, reason)
            good, previous, expected = good + 1, seal_row.hash, expected + 1
        if anchored is not None and seal_row.number == anchored.number and seal_row.hash != anchored.hash:
            return Finding(chain, good, forgotten, seal_row.number, seal_row.line_id, "not_as_anchored")
    if anchored is not None and expected <= anchored.number:
        return Finding(chain, good, forgotten, expected, None, "end_missing")
    stray = _unsealed(chain)
    if stray is not None:
        return Finding(chain, good, forgotten, None, stray, "never_sealed")
    return Finding(chain, good, forgotten)


def _wrong(found: AuditSeal, line: AuditLine | None, origin: AuditOrigin | None, previous: str, expected: int) -> str:
    if found.number != expected:
        return "seal_missing"
    if line is None:
        return "line_missing"
    if (line.account_id or PLATFORM) != found.chain or digest(previous, found.number, line) != found.hash:
        return "line_changed"
    if origin is not None and origin.digest != line.origin:
        return "origin_changed"
    return ""


def _walk(chain: UUID) -> Iterator[tuple[AuditSeal, AuditLine | None, AuditOrigin | None]]:
    """The seals of a chain by number, a stretch at a time, with their lines and what is still known of their origin."""
    after = 0
    session = db.session()
    while True:
        stretch = (
            select(AuditSeal, AuditLine, AuditOrigin)
            .outerjoin(AuditLine, AuditLine.id == AuditSeal.line_id)
            .outerjoin(AuditOrigin, AuditOrigin.line_id == AuditSeal.line_id)
            .where(AuditSeal.chain == chain, AuditSeal.number > after)
            .order_by(AuditSeal.number)
            .limit(STRETCH)
        )
        rows: Sequence[Any] = session.execute(stretch).all()
        if not rows:
            return
        for row in rows:
            yield row[0], row[1], row[2]
        after = rows[-1][0].number
        session.expunge_all()


def _unsealed(chain: UUID) -> UUID | None:
    """A line of this chain that has no seal and waits for none: somebody slipped it in."""
    owner = AuditLine.account_id.is_(None) if chain == PLATFORM else AuditLine.account_id == chain
    stray = (
        select(AuditLine.id)
        .outerjoin(AuditSeal, AuditSeal.line_id == AuditLine.id)
        .outerjoin(PendingLine, PendingLine.line_id == AuditLine.id)
        .where(owner, AuditSeal.line_id.is_(None), PendingLine.line_id.is_(None))
    )
    return db.session().scalar(stray.order_by(AuditLine.id).limit(1))


def forget(before: datetime) -> int:
    """Delete a bite of the lines that were sealed before an instant: always the beginning of a chain, and of its seals
    all but the last, which the next one builds upon. How many lines.
    """
    session = db.session()
    old = select(AuditSeal.chain).join(AuditLine, AuditLine.id == AuditSeal.line_id)
    chains = set(session.scalars(old.where(AuditSeal.sealed_at < before).order_by(AuditSeal.sealed_at).limit(BATCH)))
    session.execute(insert(Retention), {"before": before})
    gone = sum(_forget_beginning(chain, before) for chain in chains)
    session.execute(delete(Retention), execution_options=_CUT)
    return gone


def _forget_beginning(chain: UUID, before: datetime) -> int:
    session = db.session()
    of_chain = AuditSeal.chain == chain
    kept = session.scalar(select(func.min(AuditSeal.number)).where(of_chain, AuditSeal.sealed_at >= before))
    sealed = select(AuditSeal.line_id).where(of_chain, AuditSeal.number < (kept or LAST))
    ids = list(session.scalars(sealed.order_by(AuditSeal.number).limit(BATCH)))
    gone = session.execute(delete(AuditLine).where(AuditLine.id.in_(ids)), execution_options=_CUT)
    session.execute(delete(AuditSeal).where(AuditSeal.line_id.in_(ids[:-1])), execution_options=_CUT)
    return cast("CursorResult[Any]", gone).rowcount


def forget_origins(before: datetime) -> None:
    """Delete the addresses and browsers of older lines; the lines stay, and so do their seals."""
    db.session().execute(delete(AuditOrigin).where(AuditOrigin.at < before), execution_options=_CUT)
