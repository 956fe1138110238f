"""What was stored before secrets were masked or sealed is so after the upgrade; and what waits is never in clear."""

import orjson
import pytest
from alembic import command
from sqlalchemy import text

from accounts.access import Actor
from charging.models import DoubtfulFact
from charging.values import Doubt
from kit import clock, db
from stations.models import HeldMessage, SecurityEvent, Station, StationSetting
from stations.use_cases import Held, held_messages, hold_message, store_held
from tests import make, scene
from tests.people import People

pytestmark = pytest.mark.usefixtures("program")
SAID = {"idTag": "04AABB", "transactionData": [{"password": "geheim"}]}


def raw(sql: str) -> str:
    """What stands in the database itself."""
    with db.engine().connect() as connection:
        return str(connection.execute(text(sql)).scalar_one())


def test_what_a_waiting_charger_says_is_sealed_and_comes_out_as_it_was(people: People) -> None:
    waiting = make.waiting(account=people.home)
    actor = Actor.station(waiting.id)
    with db.transaction(writing=True):
        assert hold_message(actor, action="StopTransaction", payload=SAID, size=10)
    assert "04AABB" not in raw("SELECT payload FROM held_messages")
    with db.transaction(writing=True):
        found: list[Held] = []
        store_held(actor, held_messages(actor), found.append)
    assert [held.payload for held in found] == [SAID]


def test_an_upgrade_seals_and_masks_what_is_there(database: str, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice).station
    whose = {"account_id": station.account_id, "station_id": station.id}
    with db.transaction(writing=True) as unit:
        unit.session.add_all(
            [
                HeldMessage(action="StopTransaction", payload=SAID, arrived_at=clock.now(), **whose),
                DoubtfulFact(
                    at=clock.now(),
                    doubt=Doubt.SCHEMA,
                    action="DataTransfer",
                    code="schema",
                    facts={"what": "password=geheim"},
                    detail='[2,"1","DataTransfer",{"password":"geheim"}]',
                    **whose,
                ),
                SecurityEvent(kind="ResetOrReboot", tech_info="password: geheim", at=clock.now(), **whose),
                StationSetting(key="AuthorizationKey", folded_key="authorizationkey", value="geheim", **whose),
                StationSetting(key="Url", folded_key="url", value="ftp://me:geheim@host/", **whose),
                StationSetting(key="HeartbeatInterval", folded_key="heartbeatinterval", value="300", **whose),
            ]
        )
    db.disconnect()
    command.downgrade(db.alembic_config(database), "0023")
    db.connect(database)
    assert orjson.loads(raw("SELECT CAST(payload AS TEXT) FROM held_messages")) == SAID
    db.disconnect()
    db.migrate(database)
    db.connect(database)
    (held,), (doubt,), (event,) = scene.rows(HeldMessage), scene.rows(DoubtfulFact), scene.rows(SecurityEvent)
    assert held.payload == SAID
    assert "04AABB" not in raw("SELECT payload FROM held_messages")
    assert "geheim" not in f"{doubt.detail} {doubt.facts} {event.tech_info}"
    told = {row.key: row.value for row in scene.rows(StationSetting)}
    assert told == {"AuthorizationKey": None, "Url": "ftp://me:***@host/", "HeartbeatInterval": "300"}
    assert scene.row(Station, station.id).login_renewed_at is None
