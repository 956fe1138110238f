"""Links that need no login: to a copy of an account, and to documents of a closed one. Whoever has them can fetch the
files until they expire.
"""

from uuid import UUID

from closures.models import Export, HandOut
from closures.values import EXPORT_KEPT, HAND_OUT_GOOD
from kit import settings, signing


def link(export: Export) -> str:
    """Where the file is fetched, without a login: after the account is closed nobody has one there."""
    signed = signing.sign("account-export", {"export": str(export.id)})
    return f"{settings.current().public_url}/exports/{signed}"


def read(link_token: str) -> UUID:
    """Which copy a link is about. Raises LinkExpired, LinkBroken."""
    return UUID(signing.read("account-export", link_token, valid_for=EXPORT_KEPT)["export"])


def hand_out_link(hand_out: HandOut) -> str:
    """Where documents are fetched that staff handed out."""
    signed = signing.sign("hand-out", {"hand_out": str(hand_out.id)})
    return f"{settings.current().public_url}/hand-outs/{signed}"


def read_hand_out(link_token: str) -> UUID:
    """Which documents a link is about. Raises LinkExpired, LinkBroken."""
    return UUID(signing.read("hand-out", link_token, valid_for=HAND_OUT_GOOD)["hand_out"])
