"""The sandbox's webhooks: kept until delivered, signed over time and bytes, sometimes late, sometimes twice."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from billing.models import SandboxHold, SandboxNotice
from billing.payments.port import NotGenuine, ProviderNotice
from kit import clock, db, settings

TOLERANCE = timedelta(minutes=5)
LATE_BY = timedelta(seconds=60)
LONGEST_PAUSE_S = 3600
AT_ONCE = 50
log = structlog.get_logger()


@dataclass(frozen=True)
class Delivery:
    """One webhook on its way: the bytes, and the header that vouches for them."""

    notice_id: UUID
    copies: int
    raw: bytes
    signature: str


def announce(session: Session, row: SandboxHold, kind: str) -> None:
    """Something about a checkout changed. Its card decides whether the news comes late or twice."""
    late = LATE_BY if row.trick == "late_notice" else timedelta(0)
    notice = SandboxNotice(
        kind=kind,
        object_ref=row.checkout_ref,
        payment_id=row.payment_id,
        copies=2 if row.trick == "double_notice" else 1,
        attempts=0,
        due_at=clock.now() + late,
    )
    session.add(notice)


def announce_account(session: Session, account_ref: str) -> None:
    """An operator's account may take payments now, or not any more."""
    notice = SandboxNotice(
        kind="account.changed",
        object_ref=account_ref,
        account_ref=account_ref,
        copies=1,
        attempts=0,
        due_at=clock.now(),
    )
    session.add(notice)


def due() -> list[Delivery]:
    """What is to be delivered now, newest first: order is nothing that a receiver may count on."""
    now = clock.now()
    wanted = (
        select(SandboxNotice)
        .where(SandboxNotice.delivered_at.is_(None), SandboxNotice.due_at <= now)
        .order_by(SandboxNotice.due_at.desc(), SandboxNotice.id.desc())
        .limit(AT_ONCE)
    )
    with db.transaction(writing=False) as unit:
        return [_delivery(notice) for notice in unit.session.scalars(wanted)]


def deliver_due(receive: Callable[[bytes, str], None]) -> int:
    """Hand every due webhook to the door for them; what is not taken comes again, ever later. How many were taken."""
    taken = 0
    for delivery in due():
        try:
            for _ in range(delivery.copies):
                receive(delivery.raw, delivery.signature)
        except Exception:
            log.exception("sandbox.notice_not_taken", notice_id=str(delivery.notice_id))
            _settle(delivery.notice_id, delivered=False)
            continue
        _settle(delivery.notice_id, delivered=True)
        taken += 1
    return taken


def verified(raw: bytes, signature: str) -> ProviderNotice:
    """Judge time and signature before anything of the bytes is read. Raises NotGenuine."""
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    sent_at = parts.get("t", "")
    if not sent_at.isdigit() or not hmac.compare_digest(_digest(sent_at, raw), parts.get("v1", "")):
        raise NotGenuine()
    if abs(int(clock.now().timestamp()) - int(sent_at)) > TOLERANCE.total_seconds():
        raise NotGenuine()
    told = json.loads(raw)
    payment_id = told["payment_id"]
    return ProviderNotice(
        ref=told["id"],
        kind=told["kind"],
        object_ref=told["object"],
        payment_id=None if payment_id is None else UUID(payment_id),
        account_ref=told["account"],
    )


def _delivery(notice: SandboxNotice) -> Delivery:
    told = {
        "id": f"sbx_event_{notice.id.hex}",
        "kind": notice.kind,
        "object": notice.object_ref,
        "payment_id": None if notice.payment_id is None else str(notice.payment_id),
        "account": notice.account_ref,
    }
    raw = json.dumps(told).encode()
    sent_at = str(int(clock.now().timestamp()))
    return Delivery(notice.id, notice.copies, raw, f"t={sent_at},v1={_digest(sent_at, raw)}")


def _digest(sent_at: str, raw: bytes) -> str:
    key = hashlib.sha256(b"sandbox webhook:" + settings.current().secret_key.encode()).digest()
    return hmac.new(key, sent_at.encode() + b"." + raw, hashlib.sha256).hexdigest()


def _settle(notice_id: UUID, *, delivered: bool) -> None:
    with db.transaction(writing=True) as unit:
        notice = unit.session.get_one(SandboxNotice, notice_id)
        pause = timedelta(seconds=min(2**notice.attempts, LONGEST_PAUSE_S))
        values = {"delivered_at": clock.now()} if delivered else {"due_at": clock.now() + pause}
        mine = update(SandboxNotice).where(SandboxNotice.id == notice_id)
        unit.session.execute(mine.values(attempts=SandboxNotice.attempts + 1, **values))
