"""Stations that come (back) all at once: what each would read alone is read for all of a batch."""

from collections.abc import Collection
from uuid import UUID

from accounts.access import Actor, ActorKind
from kit.use_case import hot_use_case
from stations.queries.sockets import learn_stations
from stations.use_cases.file_jobs import keep_going_updates


@hot_use_case
def read_arrivals(actor: Actor, *, connecting: Collection[UUID], starting: Collection[UUID]) -> None:
    """These stations have a new socket, those tell that they started, in this transaction."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway knows its batch"
    learn_stations({*connecting, *starting})
    if starting:
        keep_going_updates(starting)
