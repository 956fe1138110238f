"""The rules of this room where stations are put into accounts (`stations.admission`)."""

from uuid import UUID

from kit.errors import Conflict
from smart_me import cloud, rules
from smart_me.queries.links import link_of
from stations.kinds import StationKind


def judge(account_id: UUID, kind: StationKind) -> None:
    """Refuse an OCPP station in an account that is one of smart-me. Raises Conflict(ocpp_in_smart_me)."""
    found = link_of(account_id) if cloud.offered() else None
    reason = rules.refusal(kind, linked=found is not None and found.linked)
    if reason is not None:
        raise Conflict(reason)
