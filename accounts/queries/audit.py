"""Who did what, for those who may know; newest first, a page at a time. And whether it is still as it was written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from accounts.access import Actor, ActorKind, allowed_in, system, visible, within
from accounts.models import Account, AccountLineage, AuditPeriod
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db, seals, settings
from kit.audit import AuditLine, AuditOrigin
from kit.errors import Invalid
from kit.seals import Anchor, AuditSeal, Finding
from kit.use_case import query

Columns = TypeVarTuple("Columns")
PAGE_SIZE = 50
LATELY = 3000  # the newest lines, of which people and deeds are offered to choose from
_PEOPLE = (ActorKind.USER.value, ActorKind.TOKEN.value)


@dataclass(frozen=True)
class AuditFilter:
    """What is looked for; what is left out lets everything through. `account_id`: the account and all below it.
    `by_people`: only what people and their keys did, nothing of chargers and the platform.
    """

    account_id: AccountId | None = None
    actor: str = ""
    door: str = ""
    thing: str = ""
    since: datetime | None = None
    until: datetime | None = None
    by_people: bool = False


EVERYTHING = AuditFilter()


@dataclass(frozen=True)
class AuditRow:
    """A line with the names around it; see `kit.audit.AuditLine`. `account_id`: who reads it, which is the former
    owner's account where it was handed over since. `address` and `agent` are empty once they were forgotten. `number`
    and `seal`: its place in the chain, None while it waits for one.
    """

    id: UUID
    at: datetime
    account_id: UUID
    account_name: str
    time_zone: str
    through_id: UUID | None
    through_name: str | None
    by_staff: bool
    actor: str
    door: str
    thing: str
    arguments: dict[str, Any]
    changes: list[Any]
    surface: str
    address: str
    agent: str
    credential: str
    on_behalf_of: str
    number: int | None
    seal: str | None

    @classmethod
    def of(
        cls,
        line: AuditLine,
        account: Account,
        through_name: str | None,
        origin: AuditOrigin | None,
        seal: AuditSeal | None,
    ) -> Self:
        """The line as those see it who may."""
        facts: dict[str, Any] = {
            name: getattr(line, name) for name in cls.__annotations__ if name in AuditLine.__table__.c
        }
        facts |= {"account_id": account.id, "account_name": account.name, "time_zone": account.time_zone}
        facts |= {"through_name": through_name, "number": seal and seal.number, "seal": seal and seal.hash}
        facts |= {"address": origin.address if origin else "", "agent": origin.agent if origin else ""}
        return cls(**facts)


@dataclass(frozen=True)
class AuditPage:
    """A part of the lines, newest first. `older`: ask for the next page `before` it; None at the end."""

    rows: tuple[AuditRow, ...]
    older: UUID | None = None


@dataclass(frozen=True)
class AuditChoices:
    """Who and which deeds appear in the newest lines."""

    actors: tuple[str, ...]
    doors: tuple[str, ...]


_PERIOD = and_(
    AuditPeriod.account_id == AuditLine.account_id,
    AuditPeriod.since < AuditLine.at,
    AuditLine.at <= AuditPeriod.until,
)


class _Read:
    """Lines by the account in which they are read, as `visible` and `within` want to know it."""

    account_id = func.coalesce(AuditPeriod.reader_id, AuditLine.account_id)


@query
def audit_lines(
    actor: Actor, wanted: AuditFilter = EVERYTHING, *, before: UUID | None = None, limit: int = PAGE_SIZE
) -> AuditPage:
    """The newest lines that fit; with `before` those next older than a line. Raises Invalid."""
    statement = _narrowed(visible(actor, Right.VIEW_AUDIT, _lines(), _Read), wanted)
    if before is not None:
        statement = statement.where(AuditLine.id < before)
    found = db.session().execute(statement.order_by(AuditLine.id.desc()).limit(limit + 1)).all()
    rows = tuple(AuditRow.of(*row) for row in found[:limit])
    return AuditPage(rows, rows[-1].id if len(found) > limit else None)


@query
def audit_choices(actor: Actor, account_id: AccountId) -> AuditChoices:
    """Who did something lately in the account and below it, and what, to choose from. Raises NotFound, Forbidden."""
    allowed_in(actor, Right.VIEW_AUDIT, account_id)
    read = select(AuditLine.actor, AuditLine.door).outerjoin(AuditPeriod, _PERIOD)
    lines = visible(actor, Right.VIEW_AUDIT, read, _Read)
    newest = lines.where(_read_in(account_id)).order_by(AuditLine.id.desc()).limit(LATELY).subquery()
    found = db.session().execute(select(newest.c.actor, newest.c.door).distinct()).all()
    people = {row.actor for row in found if row.actor.startswith(_PEOPLE)}
    return AuditChoices(tuple(sorted(people)), tuple(sorted({row.door for row in found})))


@query
def audit_anchor(actor: Actor, account_id: AccountId) -> Anchor | None:
    """The newest seal of an account's own lines, to be kept elsewhere; None before the first.

    Raises NotFound, Forbidden.
    """
    allowed_in(actor, Right.VIEW_AUDIT, account_id)
    return next(iter(seals.anchors([account_id])), None)


@query
def lines_wait_for_seal(actor: Actor) -> bool:
    """Whether there is a line without a seal."""
    system(actor)
    return seals.any_pending()


@query
def audit_anchors(actor: Actor) -> list[Anchor]:
    """The newest seal of every chain; for the command line."""
    system(actor)
    return seals.anchors()


@query
def checked_chain(actor: Actor, chain: UUID, anchored: Anchor | None = None) -> Finding:
    """Whether the lines of an account, or of none (`seals.PLATFORM`), are as they were sealed; for the command line."""
    system(actor)
    kept_from = clock.now() - timedelta(days=settings.current().audit_days)
    return seals.check(chain, kept_from=kept_from, anchored=anchored)


def _lines() -> Select[AuditLine, Account, str, AuditOrigin, AuditSeal]:
    holder = aliased(Account)
    return (
        select(AuditLine, Account, holder.name, AuditOrigin, AuditSeal)
        .outerjoin(AuditPeriod, _PERIOD)
        .join(Account, Account.id == _Read.account_id)
        .outerjoin(AuditOrigin, AuditOrigin.line_id == AuditLine.id)
        .outerjoin(holder, holder.id == AuditLine.through_id)
        .outerjoin(AuditSeal, AuditSeal.line_id == AuditLine.id)
    )


def _read_in(account_id: AccountId) -> ColumnElement[bool]:
    """For a WHERE: the line is read in this account or in one below it. The first half is there for the index."""
    here = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == account_id)
    handed_on = select(AuditPeriod.account_id).where(AuditPeriod.reader_id.in_(here))
    return and_(AuditLine.account_id.in_(here.union_all(handed_on)), within(_Read, account_id))


def _narrowed(statement: Select[*Columns], wanted: AuditFilter) -> Select[*Columns]:
    for name in ("since", "until"):
        instant = getattr(wanted, name)
        if instant is not None and instant.tzinfo is None:
            raise Invalid(**{name: "without_zone"})
    if wanted.account_id is not None:
        statement = statement.where(_read_in(wanted.account_id))
    for name in ("actor", "door", "thing"):
        if getattr(wanted, name):
            statement = statement.where(getattr(AuditLine, name) == getattr(wanted, name))
    if wanted.since is not None:
        statement = statement.where(AuditLine.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditLine.at < wanted.until)
    if wanted.by_people:
        statement = statement.where(or_(*(AuditLine.actor.startswith(f"{kind}:") for kind in _PEOPLE)))
    return statement
