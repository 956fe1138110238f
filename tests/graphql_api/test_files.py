"""Files, firmware and campaigns for programs: the same doors as in the portal."""

import hashlib
import io
import json

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts.access import Actor
from accounts.queries import account_tree
from accounts.rights import Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from stations.file_addresses import upload_address
from stations.models import Firmware as FirmwareRow
from stations.uploads import take_firmware, take_upload
from stations.use_cases import request_file
from stations.values import FileJobId, FileJobKind, StationId
from tests import make, scene
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
    assert ask("{ firmwares { nodes { id } } }")["data"]["firmwares"]["nodes"] == [{"id": made["id"]}]


def test_a_program_sends_a_firmware_file(client: FlaskClient, people: People) -> None:
    secret = create_api_token(people.alice, AccountId(people.master.id), name="t", role=Role.API_CLIENT).secret
    query = f"""mutation($id: UUID!, $file: Upload!) {{ addFirmware(accountId: $id, version: "2.5", file: $file) {{
        ... on Firmware {{ id fileName fileSize sha256 }} {PROBLEM} }} }}"""

    def sent(content: bytes, **changed: str) -> TestResponse:
        operations = {"query": query, "variables": {"id": str(people.master.id), "file": None}}
        fields = {"operations": json.dumps(operations), "map": '{"0": ["variables.file"]}', **changed}
        data = {**fields, "0": (io.BytesIO(content), "box.bin")}
        return client.post("/graphql", data=data, headers={"Authorization": f"Bearer {secret}"})

    content = bytes(3_000_000)  # more than other requests may carry
    made = sent(content).get_json()["data"]["addFirmware"]
    digest = hashlib.sha256(content).hexdigest()
    assert (made["fileName"], made["fileSize"], made["sha256"]) == ("box.bin", 3_000_000, digest)
    empty = sent(b"").get_json()["data"]["addFirmware"]
    assert empty == {"code": "invalid", "fields": [{"field": "file", "code": "required"}]}
    for wrong in ("[]", '{"0": ["query"]}', '{"0": ["variables.id"]}', '{"1": ["variables.file"]}', "{", '{"0": [1]}'):
        assert sent(b"x", map=wrong).status_code == 400
    assert len(scene.rows(FirmwareRow)) == 1


def test_large_requests_are_for_programs_with_files_only(client: FlaskClient, people: People) -> None:
    large = {"operations": "{}", "map": "{}", "0": (io.BytesIO(bytes(3_000_000)), "box.bin")}
    assert client.post("/graphql", data=large).status_code == 401
    secret = create_api_token(people.alice, AccountId(people.master.id), name="t", role=Role.API_CLIENT).secret
    answer = client.post("/graphql", data=bytes(3_000_000), headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.get_json()["errors"][0]["message"]) == (413, "too_large")


def test_a_wish_is_taken_back(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    job = request_file(people.alice, StationId(station.id), FileJobKind.DIAGNOSTICS)
    cancel = f"""mutation($id: UUID!) {{
        cancelFileJob(id: $id) {{ ... on FileJob {{ state reason }} {PROBLEM} }} }}"""
    assert ask(cancel, id=str(job.id))["data"]["cancelFileJob"] == {"state": "FAILED", "reason": "cancelled"}
    assert ask(cancel, id=str(job.id))["data"]["cancelFileJob"]["code"] == "command_over"


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
    listed = ask("""{ campaigns { nodes { name version counts { state count }
        stations(first: 1, state: SKIPPED) { nodes { name wave state connected busy } } } } }""")
    assert listed["data"]["campaigns"]["nodes"] == [
        {
            "name": "Herbst",
            "version": "2.5",
            "counts": [{"state": "SKIPPED", "count": 1}],
            "stations": {
                "nodes": [{"name": "Garage", "wave": 1, "state": "SKIPPED", "connected": False, "busy": False}]
            },
        }
    ]
    again = ask(f"mutation($id: UUID!) {{ startCampaign(id: $id) {{ {PROBLEM} }} }}", id=made["id"])
    assert again["data"]["startCampaign"]["code"] == "campaign_over"
