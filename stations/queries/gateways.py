"""Which processes hold chargers' sockets, and which of them are silent."""

from datetime import timedelta

from sqlalchemy import ColumnElement, exists, select

from accounts.access import Actor, system
from kit import clock, db
from kit.use_case import query
from stations.models import GatewayRun

GONE_AFTER = timedelta(seconds=60)


def silent() -> ColumnElement[bool]:
    """The condition for a gateway that is taken for gone. For rooms, within their door."""
    return GatewayRun.heard_at < clock.now() - GONE_AFTER


@query
def any_silent_gateway(actor: Actor) -> bool:
    """Whether there is one to be forgotten."""
    system(actor)
    return bool(db.session().scalar(select(exists().where(silent()))))
