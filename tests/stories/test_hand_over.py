"""A property changes hands while somebody charges there: real processes, a real charger, drivers over real HTTP.

Once with everything in one process on SQLite, once with pages, hub and worker apart on PostgreSQL and Redis.
"""

import io
from pathlib import Path
from urllib.parse import urlsplit

from pypdf import PdfReader
from sqlalchemy import select

from accounts.values import AccountId
from billing import queries as billing
from billing.models import Payment
from billing.values import PaymentState
from handovers.models import HandOver
from handovers.values import HandOverState
from kit import db
from stations.models import StationConnection
from tests import scene
from tests.charger import IN_A_HURRY, Charger, charger, plan
from tests.handovers.parties import NEW_EMAIL, offer, take
from tests.handovers.test_hand_overs import again, sell_as
from tests.stories.driver import PATIENCE_S, Driver
from tests.stories.market import market
from tests.stories.program import Program, program
from tests.wire import until


def begin(running: Program, box: Charger, code: str) -> tuple[Driver, str]:
    """A driver scans, pays and charges; his link."""
    driver = Driver(running.url)
    driver.scan(code)
    link = driver.pay()
    box.wait_for_transaction()
    return driver, link


def receipt(box: Charger, driver: Driver, link: str) -> str:
    """He stops; what his receipt says."""
    box.wait_for(lambda: driver.open(link) and driver.shows("/stop"))
    driver.stop(link)
    box.wait_for(lambda: payment_of(link).state is PaymentState.CAPTURED)
    answer = driver.browser.get(f"{link}/receipt.pdf", timeout=PATIENCE_S)
    assert answer.headers["Content-Type"] == "application/pdf"
    box.wait_for_status("Available")
    return "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(answer.content)).pages)


def payment_of(link: str) -> Payment:
    """The payment behind a driver's link."""
    key = urlsplit(link).path.rsplit("/", 1)[1]
    with db.transaction(writing=False) as unit:
        return unit.session.scalars(select(Payment).where(Payment.link_key == key)).one()


def protocols(running: Program) -> list[str]:
    """The letters with a protocol."""
    return [name for name in running.letters() if b"protocol-" in (running.settings.mail_dir / name).read_bytes()]


def the_story(running: Program) -> None:
    """One charges across the moment, the next one after it."""
    shop = market()
    property_id = AccountId(shop.station.station.account_id)
    plans = plan(shop.station.identity, shop.station.password)
    with charger(running.socket_url, plans, habits=IN_A_HURRY) as box:
        first, link = begin(running, box, shop.station.code)
        lines = [row.id for row in scene.rows(StationConnection)]
        row = take(offer(shop.owner, property_id))
        assert (row.state, len((row.protocol or {})["running"])) == (HandOverState.DONE, 1)
        before = receipt(box, first, link)
        assert "Garage Muster AG" in before
        assert "R-000001" in before
        nora = again(NEW_EMAIL)
        sell_as(nora, property_id, "Neu am See AG")
        second, later_link = begin(running, box, shop.station.code)
        after = receipt(box, second, later_link)
        assert "Neu am See AG" in after
        assert "R-000001" in after
        assert "Garage Muster AG" not in after
        assert [row.id for row in scene.rows(StationConnection)] == lines, "nobody hung up"
    old, new = payment_of(link), payment_of(later_link)
    assert (old.account_id, new.account_id) == (row.archive_id, property_id)
    assert old.provider_account != new.provider_account
    (sold,) = billing.receipts(nora, property_id)
    assert sold.series_account_id == property_id
    until(lambda: len(protocols(running)) == 2)  # one for each, by a worker that has other things to do as well
    assert scene.row(HandOver, row.id).state is HandOverState.DONE
    assert "Traceback" not in running.log()


def test_everything_in_one_process(tmp_path: Path) -> None:
    with program(tmp_path / "var") as running:
        the_story(running)


def test_pages_hub_and_worker_apart(tmp_path: Path, postgresql_url: str, redis_url: str) -> None:
    roles = ("web", "hub", "worker")
    with program(tmp_path / "var", roles=roles, DATABASE_URL=postgresql_url, REDIS_URL=redis_url) as running:
        the_story(running)
