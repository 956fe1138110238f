"""The people at the pages of the test server for Stripe: a driver with his card, an operator who tells who he is."""

import time
from dataclasses import dataclass

from tests.stripe_server import WEEK_S, StripeServer
from tests.stripe_wire import Json

DECLINES = {"4000000000000002": "generic_decline", "4000000000009995": "insufficient_funds"}
NEEDS_AUTHENTICATION = "4000002500003155"


@dataclass
class Driver:
    """Whoever sits at the hosted pages."""

    server: StripeServer

    def pay(self, session_id: str, card: str) -> None:
        """Enter a card."""
        session = self.server.session(session_id)
        assert session["status"] == "open", "the page takes no card any more"
        if session["mode"] == "setup":
            self._store(session, card)
            return
        intent = self._intent(session)
        intent["_card"] = card
        if card in DECLINES:
            self._decline(intent, DECLINES[card])
        elif card == NEEDS_AUTHENTICATION:
            intent["status"] = "requires_action"
        else:
            self._take(session, intent)

    def authenticate(self, session_id: str, ok: bool) -> None:
        """Confirm at the bank, or not."""
        session = self.server.session(session_id)
        intent = self._intent(session)
        assert intent["status"] == "requires_action"
        if ok:
            self._take(session, intent)
        else:
            self._decline(intent, None)

    def confirm_account(self, account_id: str) -> None:
        """An operator told who he is and was checked."""
        account = self.server.find(account_id, "account")
        account |= {"details_submitted": True, "charges_enabled": True}
        account["payouts_enabled"] = bool(account["external_accounts"]["data"])
        self.server.announce("account.updated", account)

    def _store(self, session: Json, card: str) -> None:
        refusal = "authentication_required" if card == NEEDS_AUTHENTICATION else DECLINES.get(card)
        customer = self.server.make("cus", "customer")
        facts: Json = {"customer": customer["id"], "card": {"brand": "visa", "last4": card[-4:]}, "_refusal": refusal}
        method = self.server.make("pm", "payment_method", **facts)
        intent = self.server.make("seti", "setup_intent", status="succeeded", payment_method=method["id"])
        session |= {"status": "complete", "url": None, "setup_intent": intent["id"], "customer": customer["id"]}
        self.server.announce("checkout.session.completed", session)

    def _intent(self, session: Json) -> Json:
        if session["payment_intent"] is None:
            facts = {"amount": session["amount_total"], "currency": session["currency"], **session["_intent"]}
            facts |= {"latest_charge": None, "last_payment_error": None, "amount_capturable": 0, "amount_received": 0}
            session["payment_intent"] = self.server.make("pi", "payment_intent", status="", **facts)["id"]
        return self.server.objects[session["payment_intent"]]

    def _charge(self, intent: Json, status: str) -> Json:
        card = {"brand": "visa", "last4": intent["_card"][-4:], "capture_before": int(time.time()) + WEEK_S}
        facts = {"amount": intent["amount"], "amount_captured": 0, "amount_refunded": 0, "captured": False}
        facts |= {"application_fee": None, "application_fee_amount": None, "balance_transaction": None}
        facts |= {"metadata": intent["metadata"], "payment_intent": intent["id"], "status": status}
        facts["payment_method_details"] = {"type": "card", "card": card}
        charge = self.server.make("ch", "charge", **facts)
        intent["latest_charge"] = charge["id"]
        return charge

    def _take(self, session: Json, intent: Json) -> None:
        self._charge(intent, "succeeded")
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"], "last_payment_error": None}
        session |= {"status": "complete", "url": None}
        self.server.announce("payment_intent.amount_capturable_updated", intent)
        self.server.announce("checkout.session.completed", session)

    def _decline(self, intent: Json, decline_code: str | None) -> None:
        code = "card_declined" if decline_code else "payment_intent_authentication_failure"
        error = {"type": "card_error", "code": code} | ({"decline_code": decline_code} if decline_code else {})
        if decline_code:
            self._charge(intent, "failed")
        intent |= {"status": "requires_payment_method", "last_payment_error": error}
        self.server.announce("payment_intent.payment_failed", intent)
