"""IdTagInfo: what a charger is told of a tag, in three of our answers."""

from typing import Any

from charging.values import TagInfo
from ocpp_ws.v16.heartbeat import written

LONGEST = 20  # OCPP's limit for what we send; a group with a longer name can't be told


def id_tag_info(info: TagInfo) -> dict[str, Any]:
    """The verdict; group and expiry only where there are any, as the standard wants optional fields."""
    told: dict[str, Any] = {"status": info.verdict.value}
    if info.parent_id_tag:
        told["parentIdTag"] = info.parent_id_tag[:LONGEST]
    if info.expires_at is not None:
        told["expiryDate"] = written(info.expires_at)
    return told
