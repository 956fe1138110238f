"""The mailed link to a copy of an account: whoever has it can fetch the file until it goes."""

from uuid import UUID

from closures.models import Export
from closures.values import EXPORT_KEPT
from kit import settings, signing


def link(export: Export) -> str:
    """Where the file is fetched, without a login: after the account is closed nobody has one there."""
    signed = signing.sign("account-export", {"export": str(export.id)})
    return f"{settings.current().public_url}/exports/{signed}"


def read(link_token: str) -> UUID:
    """Which copy a link is about. Raises LinkExpired, LinkBroken."""
    return UUID(signing.read("account-export", link_token, valid_for=EXPORT_KEPT)["export"])
