"""What happens at the demo's stations in a month: each visit is a small story that walks through the real doors.

A story is a generator: it yields the instant at which it goes on, so that many stories run side by side in order of
time. Nothing here writes a row.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.access import ANYONE, SYSTEM, Actor
from billing import checkout
from billing.payments import sandbox
from billing.use_cases import refund, request_payment, stop_charging
from billing.values import PaymentId
from charging import jobs as charging_jobs
from charging.metering import reading
from charging.use_cases import (
    Stop,
    authorize_tag,
    end_session,
    request_start,
    start_session,
    store_meter_values,
)
from demo.physics import Car, Current, Reading
from demo.plugs import some_car
from kit import clock, db
from stations.queries import pending_commands
from stations.use_cases import finish_command, mark_command_sent
from stations.use_cases.sockets import station_connected, station_disconnected, stations_seen, store_status
from stations.values import CommandId, CommandState, ConnectorId, ConnectorStatus, StationId

GOOD_CARD, REFUSED_CARD, CAREFUL_CARD = "4242424242424242", "4000000000000002", "4000002500003155"
IDLE_VALUES = timedelta(minutes=45)
Story = Iterator[datetime]


@dataclass
class Outlet:
    """One plug with its register."""

    connector_id: ConnectorId
    code: str
    number: int
    current: Current
    power_w: int
    register_wh: int


@dataclass
class Post:
    """One station, its owner and its plugs."""

    station_id: StationId
    identity: str
    password: str
    owner: Actor
    tags: tuple[str, ...]
    outlets: tuple[Outlet, ...]

    @property
    def actor(self) -> Actor:
        """The station as the hot doors see it."""
        return Actor.station(self.station_id)


@dataclass
class Visit:
    """A car at a plug: when, which, and how long it stays after it is full. `driver`: language and address."""

    post: Post
    outlet: Outlet
    at: datetime
    chance: random.Random
    most_wh: int
    stays: timedelta
    driver: tuple[str, str] = ("de", "")
    readings: list[tuple[datetime, Reading]] = field(default_factory=list)

    def later(self, low_s: float, high_s: float) -> datetime:
        """An instant a little after now."""
        return clock.now() + timedelta(seconds=self.chance.uniform(low_s, high_s))

    def says(self, status: ConnectorStatus) -> None:
        """The charger tells the state of the plug."""
        store_status(self.post.actor, number=self.outlet.number, status=status, error_code="NoError", at=clock.now())

    def measure(self, began: datetime) -> datetime:
        """Work out what the meter will show, and when the car leaves."""
        car = some_car(self.outlet.current, self.chance)
        step = timedelta(minutes=2 if self.outlet.current is Current.DC else 10)
        at, taken, register = began + timedelta(seconds=30), 0.0, float(self.outlet.register_wh)
        while not car.full and taken < self.most_wh:
            power = car.wants_w(self.outlet.current, self.outlet.power_w) * self.chance.uniform(0.985, 1.0)
            self.readings.append((at, self._reading(car, register, power)))
            whole = power * step.total_seconds() / 3600
            energy = min(whole, self.most_wh - taken)
            at, taken, register = at + step * (energy / whole), taken + energy, register + energy
            car.take(energy)
        self.readings.append((at, self._reading(car, register, 0.0)))
        self.outlet.register_wh = int(register)
        left = at + max(self.stays, timedelta(seconds=40))
        while (at := at + IDLE_VALUES) < left:
            self.readings.append((at, self._reading(car, register, 0.0)))
        return left

    def _reading(self, car: Car, register_wh: float, power_w: float) -> Reading:
        charge = car.charge if self.outlet.current is Current.DC else None
        return Reading(self.outlet.current, int(register_wh), round(power_w), charge)


def paid(visit: Visit, *, card: str = GOOD_CARD, stops_himself: bool = False, refund_minor: int = 0) -> Story:
    """A driver scans, pays, charges, leaves; the operator may pay something back on the next day."""
    yield visit.at
    payment_id, page = _checkout(visit)
    yield visit.later(25, 70)
    _pay(payment_id, page, card)
    yield visit.later(1, 2)
    tag = _answer(visit.post, CommandState.ACCEPTED)
    yield visit.later(15, 60)
    transaction_id = _start(visit, tag)
    yield from _charge(visit, transaction_id)
    if stops_himself:
        stop_charging(Actor.payer(payment_id), payment_id)
        yield visit.later(1, 2)
        _answer(visit.post, CommandState.ACCEPTED)
    _stop(visit, transaction_id, tag, "Remote" if stops_himself else "EVDisconnected")
    yield visit.later(30, 240)
    visit.says(ConnectorStatus.AVAILABLE)
    if refund_minor:
        yield visit.later(50_000, 90_000)
        refund(visit.post.owner, payment_id, refund_minor)


def turned_away(visit: Visit) -> Story:
    """The card is refused, and the driver gives up."""
    yield visit.at
    payment_id, page = _checkout(visit)
    yield visit.later(25, 70)
    sandbox.pay(page, REFUSED_CARD)
    yield visit.later(20, 40)
    checkout.cancelled(payment_id)


def refused_by_charger(visit: Visit) -> Story:
    """The hold stands, but the charger does not start: the driver gets everything back at once."""
    yield visit.at
    payment_id, page = _checkout(visit)
    yield visit.later(25, 70)
    _pay(payment_id, page, GOOD_CARD)
    yield visit.later(1, 2)
    _answer(visit.post, CommandState.REFUSED)


def never_plugged_in(visit: Visit) -> Story:
    """The driver paid and walked away."""
    yield visit.at
    payment_id, page = _checkout(visit)
    yield visit.later(25, 70)
    _pay(payment_id, page, GOOD_CARD)
    yield visit.later(1, 2)
    _answer(visit.post, CommandState.ACCEPTED)
    yield visit.later(92, 96)
    charging_jobs.end_lapsed_authorisations()


def by_tag(visit: Visit, *, forgets_stop: bool = False) -> Story:
    """A resident charges with his tag; once the charger forgets to tell the end."""
    yield visit.at
    tag = visit.chance.choice(visit.post.tags)
    authorize_tag(visit.post.actor, id_tag=tag)
    yield visit.later(5, 30)
    transaction_id = _start(visit, tag)
    yield from _charge(visit, transaction_id)
    if not forgets_stop:
        _stop(visit, transaction_id, tag, "Local")
        yield visit.later(30, 240)
    visit.says(ConnectorStatus.AVAILABLE)
    if forgets_stop:
        charging_jobs.close_forgotten_sessions()  # seen; closed when it is still so a while later
        yield visit.later(7200, 7300)
        charging_jobs.close_forgotten_sessions()


def by_operator(visit: Visit) -> Story:
    """Somebody calls the operator, who starts the session in the portal."""
    yield visit.at
    stations_seen(SYSTEM, {visit.post.station_id: clock.now()})
    request_start(visit.post.owner, visit.outlet.connector_id)
    yield visit.later(1, 2)
    tag = _answer(visit.post, CommandState.ACCEPTED)
    yield visit.later(10, 50)
    transaction_id = _start(visit, tag)
    yield from _charge(visit, transaction_id)
    _stop(visit, transaction_id, tag, "EVDisconnected")
    yield visit.later(20, 60)
    visit.says(ConnectorStatus.AVAILABLE)


def off_line(visit: Visit) -> Story:
    """The station loses its connection; a resident charges all the same, and it is told hours later."""
    yield visit.at
    station_disconnected(visit.post.actor)
    tag, began = visit.post.tags[0], visit.later(300, 600)
    register = visit.outlet.register_wh
    left = visit.measure(began)
    yield left + timedelta(minutes=40)
    with db.transaction(writing=True):
        station_connected(visit.post.actor)
        started = start_session(
            visit.post.actor, number=visit.outlet.number, id_tag=tag, meter_start_wh=register, at=began
        )
        _tell(visit, started.transaction_id, visit.readings)
        _end(visit, started.transaction_id, tag, "Local", left)
        visit.says(ConnectorStatus.AVAILABLE)


def orphan(visit: Visit) -> Story:
    """The charger tells the end of a transaction that nobody has heard of."""
    yield visit.at
    visit.outlet.register_wh += 4_200
    with db.transaction(writing=True):
        _end(visit, 900_000_000 + visit.chance.randrange(1000), visit.post.tags[0], "PowerLoss", clock.now())


def _checkout(visit: Visit) -> tuple[PaymentId, str]:
    """The driver agrees to the price; the payment, and the provider's page where he enters his card."""
    stations_seen(SYSTEM, {visit.post.station_id: clock.now()})
    language, email = visit.driver
    payment = request_payment(ANYONE, visit.outlet.connector_id, email=email, language=language, terms_accepted=True)
    payment_id = PaymentId(payment.id)
    return payment_id, checkout.start(payment_id).rsplit("/", 1)[1]


def _pay(payment_id: PaymentId, page: str, card: str) -> None:
    sandbox.pay(page, card)
    if card == CAREFUL_CARD:
        sandbox.authenticate(page, ok=True)
    checkout.returned(payment_id)


def _answer(post: Post, state: CommandState) -> str:
    """The charger answers what waits for it; the tag of a remote start, if there was one."""
    tag = ""
    for command in pending_commands(SYSTEM, post.station_id):
        mark_command_sent(SYSTEM, CommandId(command.id))
        answer = {"status": "Accepted" if state is CommandState.ACCEPTED else "Rejected"}
        finish_command(SYSTEM, CommandId(command.id), state, answer=answer)
        tag = str(command.payload.get("idTag", ""))
    return tag


def _start(visit: Visit, tag: str) -> int:
    with db.transaction(writing=True):
        visit.says(ConnectorStatus.PREPARING)
        started = start_session(
            visit.post.actor,
            number=visit.outlet.number,
            id_tag=tag,
            meter_start_wh=visit.outlet.register_wh,
            at=clock.now(),
        )
        visit.says(ConnectorStatus.CHARGING)
    return started.transaction_id


def _charge(visit: Visit, transaction_id: int) -> Story:
    """Three bundles of values on the way, then the end of the stay."""
    left = visit.measure(clock.now())
    size = max(1, -(-len(visit.readings) // 3))
    for first in range(0, len(visit.readings), size):
        bundle = visit.readings[first : first + size]
        yield bundle[-1][0]
        _tell(visit, transaction_id, bundle)
    yield left


def _tell(visit: Visit, transaction_id: int, readings: list[tuple[datetime, Reading]]) -> None:
    values = [reading(at, list(shown.sampled_values(visit.chance))) for at, shown in readings]
    store_meter_values(visit.post.actor, number=visit.outlet.number, transaction_id=transaction_id, readings=values)


def _stop(visit: Visit, transaction_id: int, tag: str, reason: str) -> None:
    with db.transaction(writing=True):
        _end(visit, transaction_id, tag, reason, clock.now())
        visit.says(ConnectorStatus.FINISHING)


def _end(visit: Visit, transaction_id: int, tag: str, reason: str, at: datetime) -> None:
    stop = Stop(transaction_id, tag, visit.outlet.register_wh, at, reason, ())
    end_session(visit.post.actor, stop=stop)


def visits_of(outlet: Outlet, count: int, end: datetime, days: int, chance: random.Random) -> list[datetime]:
    """When cars come to a plug: mornings and evenings, four times a day at a fast one; never two at once."""
    hours = (7, 10, 14, 17) if outlet.current is Current.DC else (6, 15)
    first = (end - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    slots = [first + timedelta(days=day, hours=hour) for day in range(days + 1) for hour in hours]
    slots = [slot for slot in slots if slot > first + timedelta(days=1) and slot + timedelta(hours=13) < end]
    chosen = sorted(chance.sample(slots, min(count, len(slots))))
    spread = 100 if outlet.current is Current.DC else 190
    return [slot + timedelta(minutes=chance.uniform(0, spread)) for slot in chosen]
