"""Who did what: sealing the lines, forgetting those that are too old, and whose they are after a hand-over."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from accounts.access import Actor, system
from accounts.models import AuditPeriod
from accounts.values import AccountId
from kit import clock, db, seals, settings
from kit.use_case import hot_use_case, use_case

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@hot_use_case
def seal_audit_lines(actor: Actor) -> bool:
    """Seal a batch of the lines that have no seal yet; whether more may be waiting. It leaves no line itself."""
    system(actor)
    return seals.seal() == seals.BATCH


@hot_use_case
def forget_audit_lines(actor: Actor) -> bool:
    """Remove a bite of the lines that were sealed more than AUDIT_DAYS ago; whether more may be waiting."""
    system(actor)
    return seals.forget(clock.now() - timedelta(days=settings.current().audit_days)) > 0


@hot_use_case
def forget_origins(actor: Actor) -> None:
    """Remove network addresses and browsers beside lines once they are older than ORIGIN_DAYS."""
    system(actor)
    seals.forget_origins(clock.now() - timedelta(days=settings.current().origin_days))


@use_case
def part_audit(actor: Actor, account_id: AccountId, reader_id: AccountId) -> None:
    """From now on lines written until now are read in another account, that of the former owner."""
    system(actor)
    last = select(func.max(AuditPeriod.until)).where(AuditPeriod.account_id == account_id)
    since = db.session().scalar(last) or _BEGINNING
    db.session().add(AuditPeriod(account_id=account_id, until=clock.now(), since=since, reader_id=reader_id))
    db.session().flush()
