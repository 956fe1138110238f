"""Every write of this room."""

from smart_me.use_cases.links import (
    connect_account,
    decide,
    dismiss,
    link_made,
    link_refused,
    lose,
    renewed,
    set_zev,
    unlink,
    want_account,
)
from smart_me.use_cases.provisioning import receive_account
from smart_me.use_cases.separation import account_beside, separate

__all__ = [
    "account_beside",
    "connect_account",
    "decide",
    "dismiss",
    "link_made",
    "link_refused",
    "lose",
    "receive_account",
    "renewed",
    "separate",
    "set_zev",
    "unlink",
    "want_account",
]
