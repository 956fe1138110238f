"""A caretaker charges for free, a neighbour at a price of her own, a stranger not at all: with a real charger."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts.values import AccountId
from billing.models import Charge
from billing.use_cases import Whom, add_person_price
from billing.values import PriceWhere
from charging.models import ChargingSession
from charging.use_cases import add_tag
from tests import scene
from tests.charger import Charger, charger, plan
from tests.stories.market import market
from tests.stories.program import program
from tests.wire import until


def charged(box: Charger, tag: str) -> ChargingSession:
    """Plug in, hold the tag up, charge a little, drive off."""
    box.plug_in()
    box.present(tag)
    number = box.wait_for_transaction()
    box.stop()
    box.unplug()
    box.wait_until_told()
    return session(number)


def session(transaction_id: int) -> ChargingSession:
    (found,) = scene.rows(ChargingSession, ChargingSession.transaction_id == transaction_id)
    assert isinstance(found, ChargingSession)
    return found


def charge_of(row: ChargingSession) -> Any:
    return until(lambda: scene.rows(Charge, Charge.session_id == row.id))[0]


def test_each_tag_has_its_own_price_and_a_stranger_none(tmp_path: Path) -> None:
    with program(tmp_path / "var") as running:
        shop = market()
        for tag, fee in (("CARETAKER", "0"), ("NEIGHBOUR", "2.50")):
            add_tag(shop.owner, AccountId(shop.station.station.account_id), tag)
            at = PriceWhere.STATION, shop.station.id
            add_person_price(shop.owner, *at, Whom(id_tag=tag), energy_price=Decimal(0), session_fee=Decimal(fee))
        with charger(running.socket_url, plan(shop.station.identity, shop.station.password)) as box:
            free, own = charged(box, "CARETAKER"), charged(box, "NEIGHBOUR")
            box.plug_in()
            box.present("STRANGER")
            box.wait_for(lambda: any('"Invalid"' in text for way, text in box.frames if way == "in"))
            box.unplug()
            box.wait_until_told()
        assert (charge_of(free).gross_minor, charge_of(own).gross_minor) == (0, 250)
        assert charge_of(own).account_id == shop.station.station.account_id
        assert len(scene.rows(ChargingSession)) == 2, "a stranger does not charge"
        assert "Traceback" not in running.log()
