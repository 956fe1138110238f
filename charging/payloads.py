"""Pieces of OCPP 1.6 payloads that this room writes: its limits hold for what we send, whatever we store."""

from typing import Any

from charging.values import TagInfo
from kit import clock

LONGEST_TAG = 20


def id_tag_info(info: TagInfo) -> dict[str, Any]:
    """IdTagInfo: the verdict; group and expiry only where there are any, as the standard wants optional fields."""
    told: dict[str, Any] = {"status": info.verdict.value}
    if info.parent_id_tag:
        told["parentIdTag"] = info.parent_id_tag[:LONGEST_TAG]
    if info.expires_at is not None:
        told["expiryDate"] = clock.text(info.expires_at)
    return told
