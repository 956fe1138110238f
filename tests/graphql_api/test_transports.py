"""How stations connect, for programs."""

from kit.ids import new_id
from stations.use_cases import note_connection, note_connection_end, note_refusal
from stations.values import Arrival, Ending, Proof
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

REPORT = """query($account: UUID, $transport: Transport) { transportReport(accountId: $account, transport: $transport) {
  stations { nodes { stationName securityProfile transport connection { tlsVersion tlsCipher proof } } }
  counts { transport stations } refusals { reason tries } } }"""
LOG = """query($id: UUID!) {
  connectionHealth(stationId: $id) { open transport flapping recent refused latest { peer } }
  stationConnections(stationId: $id, first: 2) { nodes { ending transport } pageInfo { hasNextPage } } }"""
TLS = Arrival(peer="198.51.100.4", proof=Proof.CERTIFICATE, tls_version="TLSv1.3", tls_cipher="TLS_AES_128_GCM_SHA256")


def test_a_program_reads_how_stations_connect(ask: Ask, people: People) -> None:
    made = make.station(property=people.home, owner=people.alice, name="Tor")
    first = new_id()
    note_connection(made.actor, people.home.id, first, Arrival())
    note_connection_end(made.actor, first, Ending.LOST)
    note_refusal(made.actor, people.home.id, Arrival(), Ending.NO_TLS)
    note_connection(made.actor, people.home.id, new_id(), TLS)
    latest = {"tlsVersion": "TLSv1.3", "tlsCipher": "TLS_AES_128_GCM_SHA256", "proof": "CERTIFICATE"}
    station = {"stationName": "Tor", "securityProfile": "PASSWORD", "transport": "TLS", "connection": latest}
    assert ask(REPORT)["data"]["transportReport"] == {
        "stations": {"nodes": [station]},
        "counts": [{"transport": "TLS", "stations": 1}],
        "refusals": [{"reason": "NO_TLS", "tries": 1}],
    }
    assert ask(REPORT, transport="PLAIN")["data"]["transportReport"]["stations"]["nodes"] == []
    log = ask(LOG, id=str(made.id))["data"]
    health = {"open": True, "transport": "TLS", "flapping": False, "recent": 2, "refused": 1}
    assert log["connectionHealth"] == health | {"latest": {"peer": "198.51.100.4"}}
    assert log["stationConnections"] == {
        "nodes": [{"ending": None, "transport": "TLS"}, {"ending": "NO_TLS", "transport": "PLAIN"}],
        "pageInfo": {"hasNextPage": True},
    }
