"""Files, firmware and campaigns for programs: the same doors as in the portal."""

import io

from flask.testing import FlaskClient

from accounts.access import Actor
from accounts.queries import account_tree
from accounts.rights import Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from stations.file_addresses import upload_address
from stations.uploads import take_firmware, take_upload
from stations.use_cases import request_file
from stations.values import FileJobId, FileJobKind, StationId
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People
from tests.talk import Talk

PROBLEM = "... on Problem { code fields { field code } }"


def test_a_log_is_asked_for_and_followed(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    wish = f"""mutation($id: UUID!, $stop: DateTime) {{
        requestFile(stationId: $id, kind: SECURITY_LOG, startAt: "2026-07-01T08:00:00Z", stopAt: $stop) {{
            ... on FileJob {{ id number state kind }} {PROBLEM} }} }}"""
    made = ask(wish, id=str(station.id))["data"]["requestFile"]
    assert (made["number"], made["state"], made["kind"]) == (1, "REQUESTED", "SECURITY_LOG")
    refused = ask(wish, id=str(station.id), stop="2026-07-01T07:00:00+00:00")["data"]["requestFile"]
    assert refused == {"code": "invalid", "fields": [{"field": "stopAt", "code": "before_the_start"}]}
    talk = Talk(station.station)
    talk.call("LogStatusNotification", {"status": "Uploading", "requestId": 1})
    talk.call("FirmwareStatusNotification", {"status": "Idle"})
    seen = ask("query($id: UUID!) { fileJob(id: $id) { state stationName steps { status } } }", id=made["id"])
    assert seen["data"]["fileJob"] == {"state": "RUNNING", "stationName": "Garage", "steps": [{"status": "Uploading"}]}
    both = ask(
        "query($id: UUID!) { fileJobs(stationId: $id) { nodes { id } } unaskedFileSteps(stationId: $id) { status } }",
        id=str(station.id),
    )["data"]
    assert both == {"fileJobs": {"nodes": [{"id": made["id"]}]}, "unaskedFileSteps": [{"status": "Idle"}]}


def test_a_token_reads_the_file_that_came_and_no_other_token_does(client: FlaskClient, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    job = request_file(people.alice, StationId(station.id), FileJobKind.DIAGNOSTICS)
    take_upload(upload_address(FileJobId(job.id)).rpartition("/up/")[2] + "/d.log", io.BytesIO(b"content"))

    def fetched(actor: Actor, account_id: AccountId) -> tuple[int, bytes]:
        secret = create_api_token(actor, account_id, name="t", role=Role.API_CLIENT).secret
        answer = client.get(f"/file-jobs/{job.id}/file", headers={"Authorization": f"Bearer {secret}"})
        return answer.status_code, answer.data

    (elsewhere,) = account_tree(people.charlie)
    assert fetched(people.alice, AccountId(people.master.id)) == (200, b"content")
    assert fetched(people.charlie, elsewhere.id)[0] == 404
    assert client.get(f"/file-jobs/{job.id}/file", headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.get(f"/file-jobs/{job.id}/file").status_code == 302


def test_firmware_is_listed_sent_and_removed(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    add = f"""mutation($id: UUID!, $url: String!) {{
        addFirmware(accountId: $id, version: "2.5", url: $url) {{
            ... on Firmware {{ id version signed }} {PROBLEM} }} }}"""
    refused = ask(add, id=str(people.master.id), url="box.bin")["data"]["addFirmware"]
    assert refused["fields"] == [{"field": "url", "code": "not_an_address"}]
    made = ask(add, id=str(people.master.id), url="https://vendor.example/box.bin")["data"]["addFirmware"]
    assert (made["version"], made["signed"]) == ("2.5", False)
    send = f"""mutation($station: UUID!, $firmware: UUID!, $signed: Boolean!) {{
        updateFirmware(stationId: $station, firmwareId: $firmware, signed: $signed) {{
            ... on FileJob {{ kind version }} {PROBLEM} }} }}"""
    wanted = {"station": str(station.id), "firmware": made["id"]}
    assert ask(send, **wanted, signed=True)["data"]["updateFirmware"]["fields"][0]["code"] == "not_signed"
    assert ask(send, **wanted, signed=False)["data"]["updateFirmware"] == {"kind": "FIRMWARE", "version": "2.5"}
    remove = f"mutation($id: UUID!) {{ removeFirmware(id: $id) {{ ... on Firmware {{ removedAt }} {PROBLEM} }} }}"
    assert ask(remove, id=made["id"])["data"]["removeFirmware"]["code"] == "firmware_in_use"
    assert ask("{ firmwares { id } }")["data"]["firmwares"] == [{"id": made["id"]}]


def test_a_campaign_is_planned_started_paused_and_ended(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    account = AccountId(people.master.id)
    firmware = take_firmware(people.alice, account, io.BytesIO(b"firmware"), "box.bin", version="2.5")
    create = f"""mutation($account: UUID!, $firmware: UUID!, $stations: [UUID!]!, $first: Int!) {{
        createCampaign(accountId: $account, name: "Herbst", firmwareId: $firmware, stationIds: $stations,
            waves: {{ firstWave: $first }}) {{ ... on Campaign {{ id state }} {PROBLEM} }} }}"""
    wanted = {"account": str(account), "firmware": str(firmware.id), "stations": [str(station.id)]}
    refused = ask(create, **wanted, first=0)["data"]["createCampaign"]
    assert refused["fields"] == [{"field": "firstWave", "code": "out_of_range"}]
    made = ask(create, **wanted, first=1)["data"]["createCampaign"]
    assert made["state"] == "DRAFT"
    for deed, state in (("start", "RUNNING"), ("pause", "PAUSED"), ("start", "RUNNING"), ("cancel", "CANCELLED")):
        mutation = f"mutation($id: UUID!) {{ {deed}Campaign(id: $id) {{ ... on Campaign {{ state }} {PROBLEM} }} }}"
        assert ask(mutation, id=made["id"])["data"][f"{deed}Campaign"] == {"state": state}
    listed = ask("{ campaigns { nodes { name version counts { state count } stations { name wave state } } } }")
    assert listed["data"]["campaigns"]["nodes"] == [
        {
            "name": "Herbst",
            "version": "2.5",
            "counts": [{"state": "SKIPPED", "count": 1}],
            "stations": [{"name": "Garage", "wave": 1, "state": "SKIPPED"}],
        }
    ]
    again = ask(f"mutation($id: UUID!) {{ startCampaign(id: $id) {{ {PROBLEM} }} }}", id=made["id"])
    assert again["data"]["startCampaign"]["code"] == "campaign_over"
