"""The monthly statement of what the platform kept from the drivers' payments."""

from datetime import datetime
from uuid import UUID

from accounts.access import Actor, system
from kit.use_case import use_case
from licensing.models import Invoice
from licensing.use_cases.invoices import issue
from licensing.values import InvoiceKind, Line, LineKind


@use_case
def issue_fee_statement(
    actor: Actor,
    account_id: UUID,
    currency: str,
    *,
    month: str,
    span: tuple[datetime, datetime],
    payments: int,
    fees_minor: int,
    refunds: int,
    returned_minor: int,
) -> Invoice:
    """One statement per account, currency and month (`2026-11`); the money was kept already, so nothing is due."""
    system(actor)
    lines = [Line(LineKind.FEES, payments, fees_minor, *span)]
    if returned_minor:
        lines.append(Line(LineKind.FEES_RETURNED, refunds, -returned_minor, *span))
    key = f"{fee_key(account_id)}{currency}:{month}"
    return issue(account_id, InvoiceKind.FEES, lines, currency=currency, business_key=key)


def fee_key(account_id: UUID) -> str:
    """What the business keys of all statements of an account begin with."""
    return f"fees:{account_id}:"
