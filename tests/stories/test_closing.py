"""An owner takes a copy of everything and closes the account: real processes, a real charger, pages over real HTTP."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import requests

from accounts.models import Account
from accounts.values import AccountId
from closures import jobs, links
from closures.models import Closure, Export
from closures.values import ClosureState, ExportState
from kit import clock, worker
from stations.models import Station
from tests import scene
from tests.charger import IN_A_HURRY, charger, plan
from tests.make import PASSWORD
from tests.stories.driver import PATIENCE_S, Driver
from tests.stories.market import market
from tests.stories.program import program


def signed_in(url: str, email: str) -> Driver:
    """The owner in a browser, who has just proved it."""
    browser = Driver(url)
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.open(f"{url}/login").text)
    assert found is not None
    facts = {"csrf_token": found[1], "email": email, "password": PASSWORD}
    assert browser.browser.post(f"{url}/login", data=facts, timeout=PATIENCE_S).ok
    return browser


def test_a_copy_is_taken_and_the_account_is_closed(tmp_path: Path) -> None:
    with program(tmp_path / "var") as running:
        shop = market()
        property_id = AccountId(shop.station.station.account_id)
        close = f"{running.url}/accounts/{property_id}/close"
        plans = plan(shop.station.identity, shop.station.password)
        with charger(running.socket_url, plans, habits=IN_A_HURRY) as box:
            box.wait_for(lambda: box.connected)
            owner = signed_in(running.url, shop.master.login.email)
            owner.open(close)
            owner.press(f"/accounts/{property_id}/exports")
            box.wait_for(lambda: [one.state for one in scene.rows(Export)] == [ExportState.READY])
            (copy,) = scene.rows(Export)
            file = requests.get(links.link(copy), timeout=PATIENCE_S)
            assert "stations.csv" in zipfile.ZipFile(io.BytesIO(file.content)).namelist()
            owner.open(close)
            assert f"/accounts/{property_id}/close/undo" in owner.press("/close").text
            (row,) = scene.rows(Closure)
            with clock.moved_to(row.due_at + timedelta(minutes=1)):
                jobs.close_due()
            assert scene.row(Closure, row.id).state is ClosureState.CLOSED
            box.wait_for(lambda: not box.connected)
            assert owner.open(close).status_code == 404
            box.wait_for(lambda: scene.row(Station, shop.station.station.id).connected_at is None)
        assert scene.row(Account, property_id).closed_at is not None
        worker.drain()
        assert "Traceback" not in running.log()
