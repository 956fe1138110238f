"""Tags at a charger that is closed."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

import ocpp_ws
import stations.reactions
from accounts.access import SYSTEM
from accounts.use_cases import update_account
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact
from charging.use_cases import add_tag, request_start
from charging.values import SessionKind
from kit import bus, clock, worker
from kit.errors import Conflict
from kit.hub import Hub
from stations.opening_hours import WEEK, OpeningHours, OutsideHours, Span
from stations.queries import forget_station_facts
from stations.use_cases import set_connector_hours, set_station_hours
from stations.values import ConnectorId, NewConnector, StationId
from tests import scene
from tests.talk import Talk, iso
from tests.wire import until

pytestmark = pytest.mark.usefixtures("database", "program")
NEVER = OpeningHours(outside=OutsideHours.NOBODY)
TAG = "04AABB"


@pytest.fixture
def charger() -> Talk:
    """A station with two connectors and a tag of its account."""
    talk = Talk(scene.station(connectors=[NewConnector()] * 2))
    add_tag(SYSTEM, AccountId(talk.station.account_id), TAG)
    return talk


def around(instant: datetime) -> OpeningHours:
    """Open for an hour around then, wherever the clock of Zurich stands, and for nobody else."""
    local = instant.astimezone(ZoneInfo("Europe/Zurich"))
    opens, closes = (local + timedelta(minutes=shift) for shift in (-30, 30))
    span = Span(time(opens.hour, opens.minute), time(closes.hour, closes.minute))
    return OpeningHours(dict.fromkeys(WEEK, (span,)), outside=OutsideHours.NOBODY)


def close(charger: Talk, hours: OpeningHours | None = NEVER, *, number: int | None = None) -> None:
    """Somebody sets the hours, and the gateway hears of it."""
    if number is None:
        set_station_hours(SYSTEM, StationId(charger.station.id), hours)
    else:
        set_connector_hours(SYSTEM, ConnectorId(scene.connector(charger.station, number).id), hours)
    forget_station_facts(charger.station.id)


def authorized(charger: Talk) -> str:
    return str(charger.call("Authorize", {"idTag": TAG})["idTagInfo"]["status"])


@pytest.fixture
def gateway(database: str, program: object) -> Iterator[None]:
    """Hears of changes as a gateway does."""
    bus.connect(None)
    worker.bind([stations.reactions.REACTIONS], [])
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    yield
    hub.stop()


def test_a_closed_charger_takes_no_tag_and_a_start_all_the_same_is_kept(charger: Talk) -> None:
    assert authorized(charger) == "Accepted"
    close(charger)
    assert authorized(charger) == "Blocked"
    at = iso(clock.now())
    answer = charger.start(tag=TAG, at=at)
    assert answer["idTagInfo"] == {"status": "Blocked"}
    assert charger.start(tag=TAG, at=at) == answer, "told again, it is the same answer"
    (session,) = scene.rows(ChargingSession)
    assert session.kind is SessionKind.UNAUTHORISED
    assert [row.code for row in scene.rows(DoubtfulFact)] == ["tag_refused"]


def test_a_tag_whose_session_runs_when_it_closes_may_end_it(charger: Talk) -> None:
    transaction = charger.start(tag=TAG)["transactionId"]
    close(charger)
    assert authorized(charger) == "Accepted"
    assert charger.stop(transaction, idTag=TAG)["idTagInfo"]["status"] == "Accepted"
    assert authorized(charger) == "Blocked"


def test_own_tags_charge_at_any_hour_where_the_operator_wants_it_so(charger: Talk) -> None:
    close(charger, OpeningHours(outside=OutsideHours.OWN))
    assert authorized(charger) == "Accepted"
    assert charger.start(tag=TAG)["idTagInfo"]["status"] == "Accepted"


def test_one_connector_is_closed_and_the_other_open(charger: Talk) -> None:
    close(charger, number=1)
    assert authorized(charger) == "Accepted", "at one of them"
    assert charger.start(tag=TAG, connector=2)["idTagInfo"]["status"] == "Accepted"
    assert charger.start(tag=TAG, connector=1)["idTagInfo"]["status"] == "Blocked"


def test_a_start_told_late_is_judged_by_when_it_was(charger: Talk) -> None:
    begun = clock.now() - timedelta(hours=2)
    close(charger, around(begun))
    assert charger.start(tag=TAG, at=iso(begun))["idTagInfo"]["status"] == "Accepted"
    assert charger.start(tag=TAG, connector=2)["idTagInfo"]["status"] == "Blocked", "by now it is closed"


@pytest.mark.usefixtures("gateway")
def test_hours_follow_the_time_zone_of_the_account(charger: Talk) -> None:
    account_id = AccountId(charger.station.account_id)
    close(charger, around(clock.now()))
    assert authorized(charger) == "Accepted"
    update_account(SYSTEM, account_id, time_zone="Pacific/Auckland")
    worker.drain()
    until(lambda: authorized(charger) == "Blocked")
    update_account(SYSTEM, account_id, time_zone="Europe/Zurich")
    worker.drain()
    until(lambda: authorized(charger) == "Accepted")


def test_what_was_permitted_before_it_closed_begins(charger: Talk) -> None:
    plug = ConnectorId(scene.connector(charger.station).id)
    permission = request_start(SYSTEM, plug)
    close(charger)
    assert charger.start(tag=permission.id_tag)["idTagInfo"]["status"] == "Accepted"
    with pytest.raises(Conflict) as refused:
        request_start(SYSTEM, ConnectorId(scene.connector(charger.station, 2).id))
    assert refused.value.code == "closed", "neither is anybody let in from the portal"
