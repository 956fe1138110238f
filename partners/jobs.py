"""What partners does by the clock. Access ends by itself; here only what is left of it is put away."""

from datetime import timedelta

import structlog

from accounts.access import SYSTEM
from kit.errors import Conflict
from kit.worker import Job
from partners import queries, use_cases

log = structlog.get_logger()


def dissolve_assignments() -> None:
    """Put away the groups of stations of accesses that are over."""
    for assignment_id in queries.assignments_to_dissolve(SYSTEM):
        try:
            use_cases.dissolve_assignment(SYSTEM, assignment_id)
        except Conflict as refused:  # the operator gave another role on this group
            log.info("partners.group_kept", assignment_id=str(assignment_id), code=refused.code)


JOBS = [Job("partners.dissolve_assignments", timedelta(hours=1), dissolve_assignments)]
