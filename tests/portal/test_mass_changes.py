"""Mass changes on pages: ticked among the properties, looked at, carried out, undone."""

import re

import pytest
from flask import Flask

from accounts.access import SYSTEM
from billing.queries import prices_of
from mass_changes.jobs import go_on_with_mass_changes
from mass_changes.models import MassChange
from stations.models import Connector
from tests import make, scene
from tests.portal.office import Office, office

DEARER = {"energy_price_how": "percent", "energy_price": "10", "time_price_how": "leave", "session_fee_how": "leave"}


@pytest.fixture
def at_work(app: Flask) -> Office:
    """A station for 0.45 in each of Alice's two properties, who works in the master account."""
    made = office(app)
    for place in (made.people.home, made.people.next_door):
        make.price(connector=make.station(property=place, owner=made.people.alice).connector, owner=made.people.alice)
    made.alice.post("/accounts/choose", at="/accounts", account=str(made.people.master.id), next="/")
    return made


def prices() -> list[str]:
    ids = [one.id for one in scene.rows(Connector, Connector.number > 0)]
    return sorted(str(one.energy_price) for one in prices_of(SYSTEM, ids).values())


def hidden(html: str) -> dict[str, str]:
    """What the preview carries on."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))


def test_alice_ticks_a_property_looks_changes_and_undoes(at_work: Office) -> None:
    alice, home = at_work.alice, at_work.people.home
    assert 'formaction="/mass-changes/new"' in alice.get("/properties").html
    choice = alice.get(f"/mass-changes/new?chosen={home.id}")
    assert "In one ticked property" in choice.text
    path = f"/mass-changes/new/prices?property={home.id}"
    assert path in choice.html
    assert home.name in alice.get(path).text
    shown = alice.post("/mass-changes/new/prices", look="1", property=str(home.id), round_to="0.01", **DEARER)
    assert "One connector" in shown.text
    assert "CHF 0.45 per kWh" in shown.text
    assert "CHF 0.50 per kWh" in shown.text
    assert scene.rows(MassChange) == [], "nothing is changed by looking"
    carried = {name: value for name, value in hidden(shown.html).items() if name != "csrf_token"}
    started = alice.post("/mass-changes/new/prices", confirmed="1", **carried)
    assert started.status == 303
    again = alice.post("/mass-changes/new/prices", confirmed="1", **carried)
    assert again.headers["Location"] == started.headers["Location"], "sent twice, it is one change"
    page = started.headers["Location"]
    assert "Waiting: 1" in alice.get(page).text
    go_on_with_mass_changes()
    assert prices() == ["0.45", "0.50"]
    done = alice.get(page)
    assert "Changed: 1" in done.text
    assert "CHF 0.45 per kWh" in done.text
    alice.post(f"{page}/undo", at=page)
    go_on_with_mass_changes()
    assert "Undone: 1" in alice.get(page).text
    assert prices() == ["0.45", "0.45"]
    assert "Undone" in alice.get("/mass-changes").text


def test_ticked_connectors_of_the_preview_alone(at_work: Office) -> None:
    alice = at_work.alice
    shown = alice.post("/mass-changes/new/prices", look="1", **DEARER)
    assert "2 connectors" in shown.text
    one = re.findall(r'type="checkbox" name="connector" value="([^"]+)"', shown.html)[0]
    fewer = alice.post("/mass-changes/new/prices", look="1", connector=one, **DEARER)
    assert "One connector" in fewer.text
    assert f'type="hidden" name="connector" value="{one}"' in fewer.html
    alice.post("/mass-changes/new/prices", confirmed="1", connector=one, request_key="k", **DEARER)
    go_on_with_mass_changes()
    assert prices() == ["0.45", "0.50"]


def test_hours_and_the_rate_of_vat_have_forms_of_their_own(at_work: Office) -> None:
    alice = at_work.alice
    week = {"mode": "hours", "outside": "own", "monday_1_opens": "07:00", "monday_1_closes": "19:00"}
    copied = alice.post("/mass-changes/new/opening_hours", copy="1", **week)
    assert re.search(r'name="friday_1_closes"\s+value="19:00"', copied.html)
    shown = alice.post("/mass-changes/new/opening_hours", look="1", **week)
    assert "as the station" in shown.text
    assert "Mon 07:00–19:00 · Tue–Sun closed" in shown.text
    wrong = alice.post("/mass-changes/new/vat", look="1", vat_percent="lots")
    assert wrong.status == 422
    refused = alice.post("/mass-changes/new/vat", look="1", vat_percent="3.7")
    assert "VAT:" in refused.text
    nothing = alice.post("/mass-changes/new/prices", look="1", energy_price_how="leave")
    assert nothing.status == 422
    assert "Please choose one of the list." in nothing.text
    half = alice.post("/mass-changes/new/prices", look="1", **DEARER | {"time_price": "0.05"})
    assert (half.status, half.text.count("Please choose one of the list.")) == (422, 1)


def test_a_technician_is_offered_hours_only_and_strangers_see_nothing(at_work: Office) -> None:
    bob = at_work.bob
    choice = bob.get("/mass-changes/new").html
    assert "/mass-changes/new/opening_hours" in choice
    assert "/mass-changes/new/prices" not in choice
    assert bob.get("/mass-changes/new/prices").status == 403
    assert bob.get("/mass-changes/new/colours").status == 404
    at_work.alice.post("/mass-changes/new/prices", confirmed="1", request_key="k", **DEARER)
    [made] = scene.rows(MassChange)
    assert at_work.charlie.get(f"/mass-changes/{made.id}").status == 404
    stopped = at_work.alice.post(f"/mass-changes/{made.id}/stop", at=f"/mass-changes/{made.id}")
    assert stopped.status == 303
    assert "Stopped before: 2" in at_work.alice.get(f"/mass-changes/{made.id}").text
