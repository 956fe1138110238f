"""What hand-overs do by the clock."""

from datetime import timedelta

import structlog

from accounts.access import SYSTEM
from handovers.queries import due_hand_overs
from handovers.use_cases import carry_out
from handovers.values import HandOverId
from kit.worker import Job

log = structlog.get_logger()


def carry_out_due() -> None:
    """Those whose day has come; one that fails does not keep the others waiting."""
    for hand_over_id in due_hand_overs(SYSTEM):
        try:
            carry_out(SYSTEM, HandOverId(hand_over_id))
        except Exception:
            log.exception("handovers.carry_out_failed", hand_over_id=str(hand_over_id))


JOBS = [Job("handovers.carry_out_due", timedelta(seconds=20), carry_out_due)]
