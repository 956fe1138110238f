"""Firmware and campaigns by GraphQL: a station left out and tried again, a campaign that ends early, a file off the
list, a mass change stopped.
"""

import io

from accounts.values import AccountId
from stations.uploads import take_firmware
from tests import make
from tests.graphql_api.callers import Program
from tests.people import People

STATIONS = "state stations { nodes { id state } }"


def test_a_station_of_a_campaign_is_left_out_and_tried_again(alice: Program, charlie: Program, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    master = {"accountId": people.master.id}
    firmware, old = (
        take_firmware(people.alice, AccountId(people.master.id), io.BytesIO(b"firmware"), "box.bin", version=version)
        for version in ("2.5", "2.4")
    )
    wanted = {"name": "Herbst", "firmwareId": firmware.id, "stationIds": [station.id], "waves": {"firstWave": 1}}
    campaign = alice.does("createCampaign", "id", **master, **wanted)
    alice.does("startCampaign", **campaign)
    (row,) = alice.asks("campaign", STATIONS, id=campaign["id"])["stations"]["nodes"]
    foreign = {
        "campaign": campaign,
        "startCampaign": campaign,
        "pauseCampaign": campaign,
        "cancelCampaign": campaign,
        "skipCampaignStation": {"id": row["id"]},
        "retryCampaignStation": {"id": row["id"]},
        "removeFirmware": {"id": old.id},
    }
    assert {charlie.refused(field, **told) for field, told in foreign.items()} == {"not_found"}
    alice.does("skipCampaignStation", id=row["id"])
    assert alice.asks("campaign", STATIONS, id=campaign["id"])["stations"]["nodes"][0]["state"] == "SKIPPED"
    alice.does("retryCampaignStation", id=row["id"])
    assert alice.asks("campaign", STATIONS, id=campaign["id"])["stations"]["nodes"][0]["state"] == "WAITING"
    assert alice.does("pauseCampaign", "state", **campaign) == {"state": "PAUSED"}
    assert alice.does("startCampaign", "state", **campaign) == {"state": "RUNNING"}
    assert alice.does("cancelCampaign", "state", **campaign) == {"state": "CANCELLED"}
    assert alice.asks("campaign", "endedAt", **campaign)["endedAt"] is not None
    assert alice.does("removeFirmware", "removedAt", id=old.id)["removedAt"] is not None
    assert [one["id"] for one in alice.asks("firmwares", "nodes { id }")["nodes"]] == [str(firmware.id)]


def test_a_mass_change_is_stopped_before_its_first_connector(alice: Program, charlie: Program, people: People) -> None:
    make.price(connector=make.station(property=people.home, owner=people.alice).connector, owner=people.alice)
    dearer = {"prices": {"energyPrice": {"kind": "PERCENT", "value": "10"}}}
    wanted = {"accountId": people.master.id, "change": dearer, "scope": {"everything": True}}
    made = alice.does("startMassChange", "id", **wanted)
    assert charlie.refused("stopMassChange", **made) == "not_found"
    assert alice.does("stopMassChange", "atWork", **made) == {"atWork": False}
    told = alice.asks("massChange", "counts { state count }", **made)["counts"]
    assert "DONE" not in {one["state"] for one in told}


def test_a_station_is_asked_what_it_can_do(alice: Program, people: People) -> None:
    station = {"stationId": make.station(property=people.home, owner=people.alice).id}
    assert alice.does("probeStation", "state", **station) == alice.asks("stationSettings", "state", **station)
    assert alice.asks("commands", "nodes { action }", **station)["nodes"] != []
