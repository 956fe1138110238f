"""The sandbox's own rows: found, judged and told as the port tells them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.models import SandboxAccount, SandboxHold
from billing.payments.port import Hold, ProviderAccount, ProviderRefused
from billing.values import HoldState
from kit import clock

_INSTANTS = ("ends_at", "available_at")


def checkout_row(session: Session, checkout_ref: str) -> SandboxHold:
    """By the reference of the page; locked where something is to change. Raises ProviderRefused."""
    return _one(session, SandboxHold.checkout_ref == checkout_ref)


def hold_row(session: Session, hold_ref: str) -> SandboxHold:
    """By the reference of the reservation. Raises ProviderRefused."""
    return _one(session, SandboxHold.hold_ref == hold_ref)


def held_row(session: Session, hold_ref: str) -> SandboxHold:
    """A reservation that stands now. Raises ProviderRefused("unexpected_state")."""
    row = hold_row(session, hold_ref)
    if state_of(row) is not HoldState.HELD:
        raise ProviderRefused("unexpected_state")
    return row


def account_row(session: Session, ref: str) -> SandboxAccount:
    """By its reference. Raises ProviderRefused."""
    row = session.get(SandboxAccount, ref)
    if row is None:
        raise ProviderRefused("no_such_object")
    return row


def account_of(row: SandboxAccount) -> ProviderAccount:
    """The row as the port tells it."""
    return ProviderAccount(
        ref=row.ref,
        charges_enabled=row.charges_enabled,
        payouts_enabled=row.charges_enabled and bool(row.bank_end),
        submitted=row.submitted,
        refused=row.refused,
        requirements=tuple(row.requirements),
        bank_end=row.bank_end,
        payouts_held=row.payouts_held,
        payout_schedule={} if row.payouts_held else {"interval": "daily"},
    )


def _one(session: Session, which: Any) -> SandboxHold:
    row = session.scalars(select(SandboxHold).where(which).with_for_update()).one_or_none()
    if row is None:
        raise ProviderRefused("no_such_object")
    return row


def state_of(row: SandboxHold) -> HoldState:
    """What holds now: pages and reservations lapse by themselves."""
    now = clock.now()
    if row.state in (HoldState.OPEN, HoldState.AUTHENTICATING) and now > row.expires_at:
        return HoldState.EXPIRED
    if row.state is HoldState.HELD and row.ends_at is not None and now > row.ends_at:
        return HoldState.RELEASED
    return row.state


def hold_of(row: SandboxHold) -> Hold:
    """The row as the port tells it."""
    return Hold(
        state=state_of(row),
        ref=row.hold_ref,
        amount_minor=row.amount_minor,
        currency=row.currency,
        card=row.card,
        decline=row.decline,
        ends_at=row.ends_at,
        captured_minor=row.captured_minor or 0,
        fee_minor=row.fee_minor or 0,
        refunded_minor=row.refunded_minor or 0,
        available_at=row.available_at,
    )


def packed(hold: Hold) -> dict[str, Any]:
    """A hold as JSON, to be answered again."""
    plain = asdict(hold) | {"state": hold.state.value}
    return plain | {name: plain[name] and plain[name].isoformat() for name in _INSTANTS}


def unpacked(plain: dict[str, Any]) -> Hold:
    """The same hold again."""
    instants = {name: plain[name] and datetime.fromisoformat(plain[name]) for name in _INSTANTS}
    return Hold(**plain | instants | {"state": HoldState(plain["state"])})
