"""Certificates and security events for programs: the same doors as in the portal."""

from uuid import UUID

from accounts.access import SYSTEM
from kit import clock, worker
from stations.models import StationCommand
from stations.pem import written
from stations.use_cases import create_authority, finish_command, mark_command_sent
from stations.values import CommandId, CommandState
from tests import certificates, make, scene
from tests.graphql_api.conftest import Ask
from tests.people import People
from tests.talk import Talk, iso

COMMAND = "... on Command { id action state } ... on Problem { code fields { field code } }"
SECURITY = """... on StationSecurity { profile toldProfile own { id state name opens problem }
    installed { id name kind hashAlgorithm } } ... on Problem { code fields { field code } }"""


def answered(command_id: str, **answer: object) -> None:
    mark_command_sent(SYSTEM, CommandId(UUID(command_id)))
    finish_command(SYSTEM, CommandId(UUID(command_id)), CommandState.ACCEPTED, answer=answer)
    worker.drain()


def test_a_certificate_is_asked_for_followed_and_revoked(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    request = f"mutation($id: UUID!) {{ requestStationCertificate(stationId: $id) {{ {COMMAND} }} }}"
    asked = ask(request, id=str(station.id))["data"]["requestStationCertificate"]
    assert (asked["action"], asked["state"]) == ("EXTENDED_TRIGGER_MESSAGE", "PENDING")
    Talk(station.station).call("SignCertificate", {"csr": certificates.request_pem(station.identity)})
    worker.drain()
    (sent,) = scene.rows(StationCommand, StationCommand.id != UUID(asked["id"]))
    answered(str(sent.id), status="Accepted")
    look = f"query($id: UUID!) {{ stationSecurity(stationId: $id) {{ {SECURITY.split('} ... on Problem')[0]} }} }}"
    look = look.replace("... on StationSecurity {", "")
    (own,) = ask(look, id=str(station.id))["data"]["stationSecurity"]["own"]
    assert (own["state"], own["name"], own["opens"], own["problem"]) == ("IN_FORCE", station.identity, True, None)
    revoke = f"mutation($id: UUID!) {{ revokeStationCertificate(id: $id) {{ {SECURITY} }} }}"
    assert ask(revoke, id=own["id"])["data"]["revokeStationCertificate"]["own"][0]["state"] == "REVOKED"


def test_roots_are_installed_and_deleted_and_profiles_are_set(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    install = f"""mutation($id: UUID!, $pem: String!) {{
        installRoot(stationId: $id, kind: MANUFACTURER_ROOT, certificate: $pem) {{ {COMMAND} }} }}"""
    refused = ask(install, id=str(station.id), pem="x")["data"]["installRoot"]
    assert refused == {"code": "invalid", "fields": [{"field": "certificate", "code": "not_a_certificate"}]}
    made = ask(install, id=str(station.id), pem=written(certificates.self_signed("Fabrik")))["data"]["installRoot"]
    answered(made["id"], status="Accepted")
    profile = f"mutation($id: UUID!) {{ setSecurityProfile(stationId: $id, profile: PASSWORD_TLS) {{ {SECURITY} }} }}"
    shown = ask(profile, id=str(station.id))["data"]["setSecurityProfile"]
    (root,) = shown["installed"]
    assert (shown["profile"], root["name"], root["hashAlgorithm"]) == ("PASSWORD_TLS", "Fabrik", "SHA256")
    delete = f"mutation($id: UUID!) {{ deleteRoot(id: $id) {{ {COMMAND} }} }}"
    assert ask(delete, id=root["id"])["data"]["deleteRoot"]["action"] == "DELETE_CERTIFICATE"
    read = f"mutation($id: UUID!) {{ readRoots(stationId: $id, kind: MANUFACTURER_ROOT) {{ {COMMAND} }} }}"
    assert ask(read, id=str(station.id))["data"]["readRoots"]["action"] == "GET_INSTALLED_CERTIFICATE_IDS"
    bring = f"""mutation($id: UUID!, $pem: String!) {{
        bringStationCertificate(stationId: $id, certificate: $pem) {{ {SECURITY} }} }}"""
    brought = ask(bring, id=str(station.id), pem=written(certificates.self_signed("Werk 1")))
    assert [own["name"] for own in brought["data"]["bringStationCertificate"]["own"]] == ["Werk 1"]


def test_security_events_come_page_by_page(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice, name="Tor")
    for kind in ("InvalidMessages", "TamperDetectionActivated", "InvalidMessages"):
        Talk(station.station).call("SecurityEventNotification", {"type": kind, "timestamp": iso(clock.now())})
    query = """query($after: String) { securityEvents(first: 2, after: $after) {
        nodes { kind critical stationName } pageInfo { hasNextPage endCursor } } }"""
    first = ask(query)["data"]["securityEvents"]
    assert [node["kind"] for node in first["nodes"]] == ["InvalidMessages", "TamperDetectionActivated"]
    assert first["nodes"][1] == {"kind": "TamperDetectionActivated", "critical": True, "stationName": "Tor"}
    rest = ask(query, after=first["pageInfo"]["endCursor"])["data"]["securityEvents"]
    assert ([node["kind"] for node in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == (["InvalidMessages"], False)
    critical = ask("{ securityEvents(critical: true) { nodes { kind } } }")["data"]["securityEvents"]["nodes"]
    assert critical == [{"kind": "TamperDetectionActivated"}]


def test_the_platforms_own_certificates_are_for_its_staff(ask: Ask) -> None:
    create_authority(SYSTEM)
    for query in ("{ authorityCertificates { id } }", "{ proxyFiles { authorities } }"):
        assert ask(query)["errors"][0]["extensions"]["code"] == "not_found"
    renewed = ask("mutation { renewAuthority { ... on Problem { code } } }")["data"]["renewAuthority"]
    assert renewed == {"code": "not_found"}
