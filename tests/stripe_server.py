"""A server that speaks the part of Stripe's API that we use, over real HTTP, and is as strict about it.

It knows every parameter of each call and refuses the others, checks the API key, stores answers under idempotency keys,
keeps objects with their states, and signs webhooks with a real HMAC. `tests.stripe_driver` is the person at its pages.
"""

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.answering import answer, answering
from tests.stripe_wire import CALLS, INTENT_DATA, Json, Refused, bad, call_of, nested, only

WEEK_S = 7 * 86_400
SHORTEST_CHECKOUT_S = 30 * 60


@dataclass
class Trouble:
    """What goes wrong with the next calls whose path contains `path`."""

    path: str
    times: int
    answer_lost: bool
    status: int | None


@dataclass
class Request:
    """A call as it arrived."""

    call: str
    parameters: Json
    key: str | None
    version: str | None


@dataclass
class StripeServer:
    """The objects, the answers under their keys, and what happened."""

    api_key: str = field(default_factory=lambda: f"sk_test_{secrets.token_hex(12)}")
    webhook_secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(16)}")
    url: str = ""
    objects: dict[str, Json] = field(default_factory=dict)
    answers: dict[str, tuple[str, int, Json]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def trouble(self, path: str, *, times: int = 1, answer_lost: bool = False, status: int | None = None) -> None:
        """Let calls fail: cut off before or (`answer_lost`) after they were done, or answered with a status."""
        self.troubles.append(Trouble(path, times, answer_lost, status))

    def webhooks(self) -> list[tuple[bytes, str]]:
        """What was not delivered yet, signed now: raw bytes and the value of Stripe-Signature."""
        events, self.events = self.events, []
        return [self.signed(event) for event in events]

    def signed(self, event: Json, *, age_s: int = 0, secret: str | None = None) -> tuple[bytes, str]:
        """An event as bytes with its signature."""
        raw = json.dumps(event).encode()
        sent_at = int(time.time()) - age_s
        digest = hmac.new((secret or self.webhook_secret).encode(), f"{sent_at}.".encode() + raw, hashlib.sha256)
        return raw, f"t={sent_at},v1={digest.hexdigest()},v0=0000"

    def make(self, prefix: str, kind: str, **facts: Any) -> Json:
        """A new object."""
        made = {"id": f"{prefix}_{secrets.token_hex(12)}", "object": kind, "created": int(time.time()), **facts}
        self.objects[made["id"]] = made
        return made

    def find(self, object_id: str, kind: str) -> Json:
        found = self.objects.get(object_id)
        if found is None or found["object"] != kind:
            raise bad("resource_missing", f"No such {kind}: '{object_id}'", 404)
        return found

    def announce(self, kind: str, about: Json) -> None:
        """Have a webhook sent; its snapshot is of this moment."""
        event_id = f"evt_{secrets.token_hex(12)}"
        snapshot = json.loads(json.dumps(about))
        self.events.append({"id": event_id, "object": "event", "type": kind, "data": {"object": snapshot}})

    # ------------------------------------------------------------------------------------------ the calls
    def answer(self, method: str, path: str, parameters: Json, headers: Any) -> tuple[int, Json]:
        """Judge and do one call."""
        if headers.get("Authorization") != f"Bearer {self.api_key}":
            return 401, Refused(401, "invalid_request_error", None, "Invalid API Key provided").body
        call, object_id = call_of(method, path)
        key = headers.get("Idempotency-Key")
        with self.lock:
            self.requests.append(Request(call, parameters, key, headers.get("Stripe-Version")))
            fingerprint = json.dumps([method, path, parameters], sort_keys=True)
            if method == "POST" and key in self.answers:
                before, status, body = self.answers[key]
                if before != fingerprint:
                    message = "Keys for idempotent requests can only be used with the same parameters."
                    return 400, Refused(400, "idempotency_error", None, message).body
                return status, body
            try:
                status, body = 200, self._do(call, object_id, parameters)
            except Refused as refused:
                status, body = refused.status, refused.body
            if method == "POST" and key:
                self.answers[key] = fingerprint, status, json.loads(json.dumps(body))
            return status, body

    def _do(self, call: str, object_id: str, given: Json) -> Json:
        if call not in CALLS:
            raise bad("url_invalid", f"Unrecognized request URL ({call})", 404)
        only(given, CALLS[call])
        deeds: dict[str, Callable[[], Json]] = {
            "POST /v1/checkout/sessions": lambda: self._open(given),
            "GET /v1/checkout/sessions/:id": lambda: self.session(object_id),
            "POST /v1/checkout/sessions/:id/expire": lambda: self._expire(object_id),
            "POST /v1/payment_intents": lambda: self._charge(given),
            "POST /v1/payment_methods/:id/detach": lambda: self._detach(object_id),
            "POST /v1/payment_intents/:id/capture": lambda: self._capture(object_id, given),
            "POST /v1/payment_intents/:id/cancel": lambda: self._cancel(object_id),
            "POST /v1/refunds": lambda: self._refund(given),
            "POST /v1/accounts": lambda: self._make_account(given),
            "POST /v1/accounts/:id": lambda: self._update_account(object_id, given),
            "GET /v1/accounts/:id": lambda: self.find(object_id, "account"),
            "POST /v1/accounts/:id/external_accounts": lambda: self._add_bank(object_id, given),
            "POST /v1/account_links": lambda: self._link(given),
        }
        return self._expanded(deeds[call](), given.get("expand", {}))

    def _expanded(self, about: Json, paths: Json) -> Json:
        shown: Json = json.loads(json.dumps({name: value for name, value in about.items() if name[0] != "_"}))
        for path in paths.values():
            at = shown
            for name in path.split("."):
                if isinstance(at.get(name), str):
                    at[name] = json.loads(json.dumps(self.objects[at[name]]))
                if at.get(name) is None:
                    break
                at = at[name]
        return shown

    def _open(self, given: Json) -> Json:
        if given.get("mode") == "setup":
            return self._open_setup(given)
        if given.get("mode") != "payment" or list(given.get("allowed_payment_method_types", {}).values()) != ["card"]:
            raise bad("parameter_invalid", "this server knows card payments only")
        data, item = given["payment_intent_data"], given["line_items"]["0"]
        only(data, INTENT_DATA)
        if data.get("capture_method") != "manual":
            raise bad("parameter_invalid", "capture_method")
        if "transfer_data" in data:  # else the money is the platform's own
            account = self.find(data["transfer_data"]["destination"], "account")
            if data.get("on_behalf_of") != account["id"] or not account["charges_enabled"]:
                raise bad("account_invalid", "the destination can't take charges")
        if int(given["expires_at"]) < time.time() + SHORTEST_CHECKOUT_S:
            raise bad("parameter_invalid", "expires_at must be at least 30 minutes from now")
        price = item["price_data"]
        if (
            item["quantity"] != "1"
            or not price["product_data"]["name"]
            or price["currency"] != price["currency"].lower()
        ):
            raise bad("parameter_invalid", "line_items")
        session = self.make("cs_test", "checkout.session", status="open", payment_intent=None, mode="payment")
        session |= {
            "amount_total": int(price["unit_amount"]),
            "currency": price["currency"],
            "client_reference_id": given["client_reference_id"],
            "metadata": given["metadata"],
            "expires_at": int(given["expires_at"]),
            "success_url": given["success_url"],
            "cancel_url": given["cancel_url"],
            "url": f"https://checkout.stripe.test/c/pay/{session['id']}",
            "_intent": data,
        }
        return session

    def _open_setup(self, given: Json) -> Json:
        if given["customer_creation"] != "always" or "line_items" in given:
            raise bad("parameter_invalid", "a card is stored for a customer and costs nothing")
        only(given["setup_intent_data"], ["description", "metadata"])
        session = self.make(
            "cs_test", "checkout.session", status="open", setup_intent=None, mode="setup", customer=None
        )
        names = ("client_reference_id", "metadata", "success_url", "cancel_url")
        session |= {"expires_at": int(given["expires_at"]), **{name: given[name] for name in names}}
        session["url"] = f"https://checkout.stripe.test/c/setup/{session['id']}"
        return session

    def _charge(self, given: Json) -> Json:
        card = self.find(given["payment_method"], "payment_method")
        if (given["off_session"], given["confirm"]) != ("true", "true") or card["customer"] != given["customer"]:
            raise bad("parameter_invalid", "only the customer's own card, and while he is away")
        if code := card["_refusal"]:
            message = "Your card was declined."
            raise Refused(402, "card_error", code, message)
        facts = {"amount": int(given["amount"]), "currency": given["currency"], "metadata": given["metadata"]}
        intent = self.make("pi", "payment_intent", status="succeeded", latest_charge=None, **facts)
        self.announce("payment_intent.succeeded", intent)
        return intent

    def _detach(self, card_id: str) -> Json:
        card = self.find(card_id, "payment_method")
        if card["customer"] is None:
            raise bad("payment_method_not_attached", "the card belongs to no customer")
        card["customer"] = None
        return card

    def session(self, session_id: str) -> Json:
        session = self.find(session_id, "checkout.session")
        if session["status"] == "open" and session["expires_at"] < time.time():
            session |= {"status": "expired", "url": None}
        return session

    def _expire(self, session_id: str) -> Json:
        session = self.session(session_id)
        if session["status"] != "open":
            raise bad("", f"Only Checkout Sessions with a status in [open] can be expired: {session['status']}")
        session |= {"status": "expired", "url": None}
        self.announce("checkout.session.expired", session)
        return session

    def _capture(self, intent_id: str, given: Json) -> Json:
        intent = self._intent_in(intent_id, ("requires_capture",))
        amount = int(given.get("amount_to_capture") or intent["amount"])
        fee = int(given.get("application_fee_amount", 0))
        if not 0 < amount <= intent["amount_capturable"]:
            raise bad("amount_too_large", "amount_to_capture")
        if not 0 <= fee <= amount:
            raise bad("amount_too_large", "application_fee_amount must be less than the amount captured")
        charge = self.objects[intent["latest_charge"]]
        booked = self.make("txn", "balance_transaction", amount=amount, available_on=int(time.time()) + WEEK_S)
        charge |= {"captured": True, "amount_captured": amount, "balance_transaction": booked["id"]}
        if fee:
            taken = self.make("fee", "application_fee", amount=fee, amount_refunded=0, charge=charge["id"])
            charge |= {"application_fee": taken["id"], "application_fee_amount": fee}
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        self.announce("payment_intent.succeeded", intent)
        return intent

    def _cancel(self, intent_id: str) -> Json:
        intent = self._intent_in(intent_id, ("requires_capture", "requires_payment_method", "requires_action"))
        intent |= {"status": "canceled", "amount_capturable": 0, "canceled_at": int(time.time())}
        self.announce("payment_intent.canceled", intent)
        return intent

    def _intent_in(self, intent_id: str, states: tuple[str, ...]) -> Json:
        intent = self.find(intent_id, "payment_intent")
        if intent["status"] not in states:
            raise bad("payment_intent_unexpected_state", f"This PaymentIntent has a status of {intent['status']}")
        return intent

    def _refund(self, given: Json) -> Json:
        intent = self._intent_in(given["payment_intent"], ("succeeded",))
        charge = self.objects[intent["latest_charge"]]
        amount = int(given["amount"])
        if not 0 < amount <= charge["amount_captured"] - charge["amount_refunded"]:
            raise bad("charge_already_refunded", "Refund amount is greater than unrefunded amount on charge")
        if (given.get("reverse_transfer"), given.get("refund_application_fee")) != ("true", "true"):
            raise bad("parameter_missing", "the operator's transfer and our fee have to go back, too")
        charge["amount_refunded"] += amount
        if charge["application_fee"]:
            fee = self.objects[charge["application_fee"]]
            fee["amount_refunded"] = round(fee["amount"] * charge["amount_refunded"] / charge["amount_captured"])
        made = self.make("re", "refund", amount=amount, charge=charge["id"], status="succeeded")
        made["payment_intent"] = intent["id"]
        self.announce("charge.refunded", charge)
        return made

    def _make_account(self, given: Json) -> Json:
        if given["controller"]["stripe_dashboard"]["type"] != "express" or len(given["country"]) != 2:
            raise bad("parameter_invalid", "controller, country")
        if set(given["capabilities"]) != {"card_payments", "transfers"}:
            raise bad("parameter_invalid", "capabilities")
        if given["business_type"] not in ("company", "individual"):
            raise bad("parameter_invalid", "business_type")
        facts: Json = {"details_submitted": False, "charges_enabled": False, "payouts_enabled": False}
        facts |= {"external_accounts": {"object": "list", "data": []}, "metadata": given.get("metadata", {})}
        asked: Json = {"currently_due": [], "past_due": [], "current_deadline": None, "disabled_reason": None}
        account = self.make("acct", "account", requirements=asked, **facts)
        account["settings"] = {"payouts": {"schedule": {"interval": "daily", "delay_days": 7}}}
        _reschedule(account, given)
        return account

    def _update_account(self, account_id: str, given: Json) -> Json:
        account = self.find(account_id, "account")
        _reschedule(account, given)
        self.announce("account.updated", account)
        return account

    def _add_bank(self, account_id: str, given: Json) -> Json:
        account, told = self.find(account_id, "account"), given["external_account"]
        if told["object"] != "bank_account" or told["account_number"][:2] != told["country"]:
            raise bad("parameter_invalid", "external_account")
        bank = self.make("ba", "bank_account", last4=told["account_number"][-4:], default_for_currency=True)
        account["external_accounts"]["data"] = [bank]
        account["payouts_enabled"] = account["charges_enabled"]
        self.announce("account.updated", account)
        return bank

    def _link(self, given: Json) -> Json:
        self.find(given["account"], "account")
        if given["type"] != "account_onboarding" or not given["return_url"] or not given["refresh_url"]:
            raise bad("parameter_invalid", "type")
        return {"object": "account_link", "url": f"https://connect.stripe.test/setup/{given['account']}"}


def _reschedule(account: Json, given: Json) -> None:
    """Another schedule of payouts; each interval knows its own day, and says it in one of two ways."""
    told = given["settings"]["payouts"]["schedule"]
    days = {"daily": [], "manual": [], "weekly": ["weekly_anchor", "weekly_payout_days"]}
    known = days.get(told["interval"], ["monthly_anchor", "monthly_payout_days"])
    only(told, ["interval", *known])
    if len(told) != (2 if known else 1):
        raise bad("parameter_invalid", "settings[payouts][schedule]")
    schedule = {name: list(value.values()) if isinstance(value, dict) else value for name, value in told.items()}
    account["settings"]["payouts"]["schedule"] = {"delay_days": 7, **schedule}


def _handler(server: StripeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._serve("POST", self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

        def _serve(self, method: str, form: str) -> None:
            path = urlsplit(self.path).path
            trouble = next((one for one in server.troubles if one.times and one.path in path), None)
            if trouble is not None:
                trouble.times -= 1
                if trouble.status is not None:
                    self._send(trouble.status, {"error": {"type": "api_error", "message": "trouble"}})
                    return
                if trouble.answer_lost:
                    server.answer(method, path, nested(parse_qsl(form, keep_blank_values=True)), self.headers)
                self.close_connection = True
                return
            self._send(*server.answer(method, path, nested(parse_qsl(form, keep_blank_values=True)), self.headers))

        def _send(self, status: int, body: Json) -> None:
            answer(self, status, body, {"Request-Id": f"req_{secrets.token_hex(6)}"})

    return Handler


@contextmanager
def stripe_server() -> Iterator[StripeServer]:
    """The server on a free port of this machine, for the time of the block."""
    server = StripeServer()
    with answering(_handler(server)) as server.url:
        yield server
