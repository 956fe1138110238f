"""How requests to Stripe are written, which parameters each of its calls knows, and how it refuses."""

import re
from typing import Any

Json = dict[str, Any]
SESSION_PARAMETERS = [
    "mode",
    "allowed_payment_method_types",
    "client_reference_id",
    "metadata",
    "line_items",
    "payment_intent_data",
    "locale",
    "expires_at",
    "success_url",
    "cancel_url",
    "customer_email",
    "customer_creation",
    "setup_intent_data",
    "expand",
]
CHARGE_PARAMETERS = ["amount", "currency", "customer", "payment_method", "allowed_payment_method_types", "off_session"]
INTENT_DATA = ["capture_method", "on_behalf_of", "transfer_data", "description", "metadata"]
CALLS: dict[str, list[str]] = {
    "POST /v1/checkout/sessions": SESSION_PARAMETERS,
    "GET /v1/checkout/sessions/:id": ["expand"],
    "POST /v1/checkout/sessions/:id/expire": ["expand"],
    "POST /v1/payment_intents": [*CHARGE_PARAMETERS, "confirm", "description", "metadata"],
    "POST /v1/payment_methods/:id/detach": [],
    "POST /v1/payment_intents/:id/capture": ["amount_to_capture", "application_fee_amount", "expand"],
    "POST /v1/payment_intents/:id/cancel": ["cancellation_reason", "expand"],
    "POST /v1/refunds": ["payment_intent", "amount", "reverse_transfer", "refund_application_fee", "expand"],
    "POST /v1/accounts": [
        "business_type",
        "country",
        "controller",
        "capabilities",
        "business_profile",
        "metadata",
        "email",
        "settings",
        "expand",
    ],
    "POST /v1/accounts/:id": ["settings", "expand"],
    "GET /v1/accounts/:id": ["expand"],
    "POST /v1/accounts/:id/external_accounts": ["external_account", "default_for_currency", "expand"],
    "POST /v1/account_links": ["account", "type", "return_url", "refresh_url", "expand"],
}


class Refused(Exception):
    """An error answer as Stripe words it."""

    def __init__(self, status: int, kind: str, code: str | None, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message} | ({"code": code} if code else {})}


def bad(code: str, message: str, status: int = 400) -> Refused:
    """The usual refusal."""
    return Refused(status, "invalid_request_error", code, message)


def call_of(method: str, path: str) -> tuple[str, str]:
    """The call with its object's id taken out, and that id."""
    found = re.search(r"/((?:cs_test|pi|pm|acct|re)_[0-9a-f]+)", path)
    object_id = found.group(1) if found else ""
    return f"{method} {path.replace(object_id, ':id') if object_id else path}", object_id


def only(given: Json, known: list[str]) -> None:
    """Refuse any other parameter."""
    for name in given:
        if name not in known:
            raise bad("parameter_unknown", f"Received unknown parameter: {name}")


def nested(pairs: list[tuple[str, str]]) -> Json:
    """`a[b][0]=c` as {"a": {"b": {"0": "c"}}}."""
    tree: Json = {}
    for name, value in pairs:
        head, *rest = re.findall(r"[^\[\]]+", name)
        at = tree
        for part in [head, *rest][:-1]:
            at = at.setdefault(part, {})
        at[[head, *rest][-1]] = value
    return tree
