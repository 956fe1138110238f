"""Who paid from this browser: a signed cookie that remembers the latest payments. It opens nothing else."""

from datetime import timedelta
from uuid import UUID

from flask import Response, current_app, request

from accounts.access import ANYONE, Actor
from billing.values import PaymentId
from kit.signing import LinkBroken, LinkExpired, read, sign

COOKIE = "payer"
REMEMBERED = timedelta(days=30)
MOST = 5  # one person may charge several cars; more would only be old ones


def own_payments() -> list[PaymentId]:
    """The payments made from this browser, the latest first. A cookie that is not ours, or too old, holds none."""
    text = request.cookies.get(COOKIE)
    if not text:
        return []
    try:
        kept = read("payer", text, valid_for=REMEMBERED).get("payments", "")
    except (LinkBroken, LinkExpired):
        return []
    return [PaymentId(UUID(hex=each)) for each in kept.split()]


def actor_for(payment_id: PaymentId | None) -> Actor:
    """The payer of this payment, or anyone."""
    return ANYONE if payment_id is None else Actor.payer(payment_id)


def remember(response: Response, payment_id: PaymentId) -> Response:
    """Let this browser find the payment again: when the code is scanned anew, and after the provider's page."""
    kept = [payment_id, *(other for other in own_payments() if other != payment_id)][:MOST]
    response.set_cookie(
        COOKIE,
        sign("payer", {"payments": " ".join(each.hex for each in kept)}),
        max_age=int(REMEMBERED.total_seconds()),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response
