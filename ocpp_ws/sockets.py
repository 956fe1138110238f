"""The gateway: chargers' sockets on one side, the writer on the other. Everything but jobs runs on the hub's thread."""

import socket
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from accounts.access import SYSTEM
from charging.use_cases import hand_transaction_ids, reserve_transaction_ids
from kit import clock
from kit.group_commit import GroupCommit, Job, Outcome, side_by_side
from kit.hub import Hub
from ocpp_ws import dispatch, frames, message_log, numbers
from ocpp_ws.caller import Caller
from ocpp_ws.charger import Charger, FrameJob
from ocpp_ws.deed import Deed
from ocpp_ws.lease import Lease, connected
from ocpp_ws.outbound import Outbound
from ocpp_ws.renewals import Renewals
from stations.messages import Exchange
from stations.queries import PendingCommand, SocketStation, pending_commands, pending_commands_of, unsent_commands
from stations.use_cases import (
    ask_how_it_is,
    log_exchanges,
    note_connection,
    note_connection_end,
    quirks_of_caller,
    read_arrivals,
    station_disconnected,
    stations_seen,
    waiting_disconnected,
)
from stations.values import Arrival, CommandId, Ending, StationId

log = structlog.get_logger()

SEEN_EVERY_S = 30.0
SEEN_AT_ONCE = 200
BATCH_ENDS_S = 0.7  # the one that is written while the process ends
OVERLAP_S = 1.0  # what is under way on a socket that was replaced still arrives
ASK_AFTER_S = 60.0  # a charger that came back and did not tell how it is
LOG_EVERY_S = 3.0
LOGGED_AT_ONCE, MOST_UNLOGGED = 500, 50_000
COMMANDS = "command"
LOOK_EVERY_S = 5.0  # for commands whose note was lost
FETCHED_AT_ONCE = 200
AGAIN_AFTER_S = 30.0
IDS_AT_ONCE = 100  # of transactions


class Gateway:
    """All chargers of this process."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.lease = Lease(self)
        self._renewals = Renewals(self)
        self.writers = side_by_side(self._writer)
        self._unlogged: deque[Exchange] = deque(maxlen=MOST_UNLOGGED)
        self._logging = False
        self._looking = False
        self._chargers: dict[UUID, Charger] = {}
        self._outbound: dict[UUID, Outbound] = {}
        self._seen_until = 0.0
        self._ended = False

    def start(self) -> None:
        """Begin to serve chargers; what an earlier run of this process left open is closed."""
        global _gateway
        self.lease.take()
        numbers.SOCKETS.set_function(lambda: len(self._chargers))
        numbers.WAITING.set_function(lambda: self.writers.waiting)
        self.writers.start()
        self.hub.before_stop(self._drain)
        self.hub.call_soon(self._begin)
        _gateway = self

    def adopt(
        self,
        sock: socket.socket,
        early: bytes,
        station: SocketStation,
        arrival: Arrival = Arrival(),  # noqa: B008  # frozen
        *,
        flapping: bool = False,
    ) -> None:
        """From a request's thread: this socket speaks for this station from now on. `flapping`: once again."""
        charger = Charger(self, station, flapping=flapping)
        opened = partial(note_connection, charger.caller.actor, station.account_id, charger.id, arrival, self.lease.id)
        self.do(opened, of=station.id)
        self.hub.adopt(sock, charger, early=early)

    def do(
        self,
        deed: Callable[[], object],
        then: Callable[[Any], None] | None = None,
        *,
        of: UUID | None = None,
        connecting: bool = False,
    ) -> None:
        """Have a writer walk through a door; `then` gets the result (or the exception) on the hub's thread.

        What is `of` the same station is done in order. `connecting`: the station has a new socket by it.
        """
        if not self._ended:
            self.writers.of(of).put(Deed(deed, then, of if connecting else None))

    # ------------------------------------------------------------------ on the hub's thread

    def join(self, charger: Charger) -> None:
        """The newest socket of a station is the one that counts."""
        station_id = charger.caller.station_id
        before = self._chargers.get(station_id)
        if before is not None and before.id > charger.id:
            self.hub.call_later(OVERLAP_S, charger.drop, Ending.REPLACED)
            return
        self._chargers[station_id] = charger
        charger.joined_at = self.hub.time()
        outbound = self._outbound.get(station_id)
        if outbound is not None:
            outbound.attach(charger)
        if before is not None:
            self.hub.call_later(OVERLAP_S, before.drop, Ending.REPLACED)
        self._tell_joined(charger)

    def _tell_joined(self, charger: Charger) -> None:
        station_id = charger.caller.station_id
        if self._chargers.get(station_id) is charger:
            opened = partial(_connected, charger.caller, charger.id)
            then = partial(self._joined, charger)
            self.do(opened, then, of=station_id, connecting=not charger.caller.waiting)

    def _joined(self, charger: Charger, commands: Any) -> None:
        """On disk that it is here: what was kept for it follows."""
        if isinstance(commands, Exception):
            self.hub.call_later(AGAIN_AFTER_S, self._tell_joined, charger)
            return
        charger.await_boot()
        self._offer(charger.caller.station_id, commands)

    def went_on(self, station_id: UUID, connection_id: UUID) -> None:
        """A station has this socket now. Where it is not the one that it has here, it is another gateway's."""
        charger = self._chargers.get(station_id)
        if charger is None or charger.id >= connection_id:
            return
        self._let_go(charger)
        self.hub.call_later(OVERLAP_S, charger.drop, Ending.REPLACED)

    def held(self) -> list[Charger]:
        """The chargers that this gateway has."""
        return list(self._chargers.values())

    def leave(self, charger: Charger) -> None:
        """A socket is gone; the station with it, unless it has a newer one."""
        mine = self._chargers.get(charger.caller.station_id) is charger
        seen_at = clock.now() - timedelta(seconds=self._silent_s(charger)) if mine else None
        if mine:
            self._let_go(charger)
        gone = partial(_disconnected, charger.caller, charger.id, charger.ending, seen_at)
        self.do(gone, of=charger.caller.station_id)

    def _let_go(self, charger: Charger) -> None:
        """Nothing is sent to it any more, and it is not this gateway that knows how it is."""
        station_id = charger.caller.station_id
        del self._chargers[station_id]
        outbound = self._outbound.get(station_id)
        if outbound is not None:
            outbound.detach()

    def shut_out(self, station_id: UUID) -> None:
        """Close the socket of a station whose password was renewed."""
        charger = self._chargers.get(station_id)
        if charger is not None:
            charger.drop(Ending.SHUT_OUT)

    def idle(self, charger: Charger) -> None:
        """All calls of the charger are answered: our own may follow."""
        outbound = self._outbound.get(charger.caller.station_id)
        if outbound is not None:
            outbound.next()

    def answered(self, charger: Charger, frame: frames.Answer | frames.Failure, at: datetime) -> None:
        """A charger answered a command."""
        outbound = self._outbound.get(charger.caller.station_id)
        if outbound is None or not outbound.answered(frame):
            self.note(message_log.of_stray(charger.caller, frame, at))

    def note(self, exchange: Exchange) -> None:
        """Log something that changed no table: a little later, with others; a crash may take it."""
        self._unlogged.append(exchange)

    def _begin(self) -> None:
        self.hub.listen(COMMANDS, self._commanded)
        self.lease.begin()
        self._renewals.begin()
        self.hub.call_later(SEEN_EVERY_S, self._note_seen)
        self.hub.call_later(LOG_EVERY_S, self._write_log)
        self.hub.call_later(LOOK_EVERY_S, self._look_for_commands)

    def _write_log(self) -> None:
        """Have the oldest rows written; the next ones when these are on disk, so that they wait here and not there."""
        self.hub.call_later(LOG_EVERY_S, self._write_log)
        if self._unlogged and not self._logging:
            self._logging = True
            self._log_next(None)

    def _log_next(self, _outcome: object) -> None:
        some = self._some_unlogged()
        self._logging = bool(some)
        if some:
            self.do(partial(log_exchanges, SYSTEM, some), self._log_next)

    def _some_unlogged(self) -> list[Exchange]:
        waiting = self._unlogged
        return [waiting.popleft() for _ in range(min(len(waiting), LOGGED_AT_ONCE))]

    def _commanded(self, data: bytes) -> None:
        """A note on the bus: this station has a new command."""
        try:
            station_id = UUID(data.decode())
        except ValueError:
            return
        if station_id in self._chargers:
            self.hub.on_pool(self._fetch, station_id)

    def _fetch(self, station_id: UUID) -> None:
        """On a thread of the pool."""
        self.hub.call_soon(self._offer, station_id, pending_commands(SYSTEM, StationId(station_id)))

    def _look_for_commands(self) -> None:
        """Notes are lost when bus, database or the asking process is away: what nobody told of is found here."""
        self.hub.call_later(LOOK_EVERY_S, self._look_for_commands)
        if self._chargers and not self._looking:
            self._looking = True
            self.hub.on_pool(self._look)

    def _look(self) -> None:
        """On a thread of the pool."""
        found: list[tuple[StationId, CommandId]] = []
        try:
            found = unsent_commands(SYSTEM)
        finally:
            self.hub.call_soon(self._found, found)

    def _found(self, commands: list[tuple[StationId, CommandId]]) -> None:
        self._looking = False
        untold = {station_id for station_id, command_id in commands if self._untold(station_id, command_id)}
        for station_id in list(untold)[:FETCHED_AT_ONCE]:
            self.hub.on_pool(self._fetch, station_id)

    def _untold(self, station_id: UUID, command_id: UUID) -> bool:
        outbound = self._outbound.get(station_id)
        return station_id in self._chargers and not (outbound is not None and outbound.knows(command_id))

    def _offer(self, station_id: UUID, commands: list[PendingCommand]) -> None:
        charger = self._chargers.get(station_id)
        if charger is None or not commands:
            return
        outbound = self._outbound.get(station_id)
        if outbound is None:
            outbound = self._outbound[station_id] = Outbound(self, station_id)
            outbound.attach(charger)
        outbound.offer(commands)

    def _note_seen(self) -> None:
        """Write down who was heard since the last time; many at once, and not all in one commit."""
        now, present = self.hub.time(), clock.now()
        heard = {
            station_id: present - timedelta(seconds=self._silent_s(charger) if charger.connection.ponged else 0)
            for station_id, charger in self._chargers.items()
            if charger.connection is not None
            and (charger.connection.seen_at > self._seen_until or not charger.connection.ponged)
        }
        self._seen_until = now
        for turn, ids in enumerate(self.writers.apart(heard, SEEN_AT_ONCE)):
            deed = partial(stations_seen, SYSTEM, {station_id: heard[station_id] for station_id in ids})
            self.hub.call_later(turn * 0.05, partial(self.do, deed, of=ids[0]))
        self._ask_who_came_back(now)
        self.hub.call_later(SEEN_EVERY_S, self._note_seen)

    def _ask_who_came_back(self, now: float) -> None:
        """Chargers that came and did not tell how they are: asked once, and not all at the same time."""
        due = [one for one in self._chargers.values() if not one.asked and now - one.joined_at >= ASK_AFTER_S]
        for charger in due[:SEEN_AT_ONCE]:
            charger.asked = True
            if not (charger.caller.booted or charger.caller.told):
                station_id = charger.caller.station_id
                self.do(partial(ask_how_it_is, SYSTEM, StationId(station_id)), of=station_id)

    def _silent_s(self, charger: Charger) -> float:
        return 0.0 if charger.connection is None else max(0.0, self.hub.time() - charger.connection.seen_at)

    def _settled(self, outcomes: Iterable[Outcome]) -> None:
        for job, outcome in outcomes:
            if isinstance(job, FrameJob):
                job.charger.settled(job, outcome)
            elif isinstance(job, Deed):
                if isinstance(outcome, Exception):
                    log.error("gateway.deed_failed", exc_info=outcome)
                if job.then is not None:
                    job.then(outcome)

    # ------------------------------------------------------------------ on the writer's thread, and at the end

    def _settle(self, outcomes: list[Outcome]) -> None:
        self.hub.call_soon(self._settled, outcomes)

    def _writer(self) -> GroupCommit:
        """With transaction ids of its own: what the other one takes from it, it would miss in its transaction."""
        ids: deque[int] = deque()
        before = partial(self._reserve_ids, ids)
        return GroupCommit(self._settle, partial(self._prepare, ids), self._conclude, before=before)

    @staticmethod
    def _reserve_ids(ids: deque[int], jobs: Sequence[Job]) -> None:
        starts = sum(isinstance(job, FrameJob) and job.call.action == dispatch.START for job in jobs)
        if len(ids) < starts:
            ids.extend(reserve_transaction_ids(SYSTEM, max(starts, IDS_AT_ONCE)))

    @staticmethod
    def _prepare(ids: deque[int], jobs: Sequence[Job]) -> None:
        hand_transaction_ids(SYSTEM, ids)
        if len(jobs) > 1:
            read_arrivals(
                SYSTEM,
                connecting={job.connecting for job in jobs if isinstance(job, Deed) and job.connecting is not None},
                starting={
                    job.charger.caller.station_id
                    for job in jobs
                    if isinstance(job, FrameJob) and job.call.action == dispatch.BOOT
                },
            )
            dispatch.read_ahead((job.charger.caller, job.call) for job in jobs if isinstance(job, FrameJob))

    def _conclude(self, outcomes: list[Outcome]) -> None:
        now = clock.now()
        told = ((job, reply) for job, reply in outcomes if isinstance(job, FrameJob))
        self._hand_commands(outcomes)
        log_exchanges(SYSTEM, [message_log.of_call(j.charger.caller, j.call, reply, j.at, now) for j, reply in told])

    def _hand_commands(self, outcomes: list[Outcome]) -> None:
        """What waits for stations that connected in this transaction, read for all of them when all else is done."""
        arrived = {
            place: job.connecting
            for place, (job, _) in enumerate(outcomes)
            if isinstance(job, Deed) and job.connecting is not None
        }
        if arrived:
            pending = pending_commands_of(SYSTEM, set(arrived.values()))
            for place, station_id in arrived.items():
                outcomes[place] = outcomes[place][0], pending.get(station_id, [])

    def _drain(self, timeout_s: float) -> None:
        global _gateway
        _gateway = None
        while some := self._some_unlogged():
            self.do(partial(log_exchanges, SYSTEM, some))
        if not self.writers.drain(timeout_s):
            log.error("gateway.not_drained", waiting=self.writers.waiting)
        self._ended = True
        if self.writers.stop(BATCH_ENDS_S):
            self.lease.give_back()
        else:  # it would meet the writer's rows; other gateways see that this one is silent
            log.error("gateway.not_given_back")


def _connected(caller: Caller, connection_id: UUID) -> None:
    connected(caller, connection_id)
    if not caller.waiting:
        quirks_of_caller(caller.actor)  # from now on they are in mind


def _disconnected(caller: Caller, connection_id: UUID, ending: Ending, seen_at: datetime | None) -> None:
    """`seen_at`: when the station was heard last; None where it has a newer socket."""
    note_connection_end(caller.actor, connection_id, ending)
    if seen_at is not None:
        gone = waiting_disconnected if caller.waiting else station_disconnected
        gone(caller.actor, connection_id, seen_at=seen_at)


_gateway: Gateway | None = None


def current() -> Gateway | None:
    """The running gateway of this process; None where another process has the chargers."""
    return _gateway


def start(hub: Hub) -> Gateway:
    """Serve chargers on this hub."""
    gateway = Gateway(hub)
    gateway.start()
    return gateway
