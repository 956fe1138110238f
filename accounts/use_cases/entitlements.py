"""What whoever sells licences says an account may do."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, system
from accounts.functions import Function
from accounts.models import Entitlement
from kit import db
from kit.use_case import use_case

Ends = Mapping[tuple[UUID, Function], datetime | None]


@use_case
def entitle(actor: Actor, account_id: UUID | None, ends: Ends) -> int:
    """These functions, by scope, and no others: of an account, or (None) of everybody. How many changed."""
    system(actor)
    session = db.session()
    rows = session.scalars(select(Entitlement).where(Entitlement.account_id == account_id)).all()
    known = {(row.scope_id, row.function): row for row in rows}
    gone = [row for key, row in known.items() if key not in ends]
    for row in gone:
        session.delete(row)
    changed = len(gone)
    for (scope_id, function), ends_at in ends.items():
        here = known.get((scope_id, function))
        if here is None:
            session.add(Entitlement(scope_id=scope_id, function=function, account_id=account_id, ends_at=ends_at))
        elif here.ends_at != ends_at:
            here.ends_at = ends_at
        else:
            continue
        changed += 1
    session.flush()
    return changed
