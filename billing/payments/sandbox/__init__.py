"""The provider for demos, tests and development: no real money, else like a real one.

It lives in this process but keeps its state in tables of its own and its transactions apart from ours, so that a crash
between its answer and our next door leaves the two of them as far apart as a real provider would.
"""

from billing.payments.sandbox.adapter import NAME, SandboxProvider
from billing.payments.sandbox.faults import faults
from billing.payments.sandbox.notices import deliver_due, due
from billing.payments.sandbox.page import (
    CARDS,
    AccountFacts,
    CheckoutFacts,
    Outcome,
    PageStep,
    TestCard,
    account_facts,
    authenticate,
    checkout_facts,
    confirm_account,
    give_up,
    pay,
)

provider = SandboxProvider()

__all__ = [
    "CARDS",
    "NAME",
    "AccountFacts",
    "CheckoutFacts",
    "Outcome",
    "PageStep",
    "SandboxProvider",
    "TestCard",
    "account_facts",
    "authenticate",
    "checkout_facts",
    "confirm_account",
    "deliver_due",
    "due",
    "faults",
    "give_up",
    "pay",
    "provider",
]
