"""Certificates over real sockets: a station asks for one, takes or refuses it, and is told which roots to trust."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

import ocpp_ws
from accounts.access import SYSTEM, Actor
from kit import bus, clock, websocket, worker
from kit.hub import Hub
from ocpp_ws import schemas, sockets
from stations.authority import hash_data
from stations.jobs import end_overdue_commands
from stations.models import InstalledCertificate, Station, StationCertificate, StationCommand
from stations.pem import certificate_in, written
from stations.queries import SocketStation, fitting_certificate, own_root, security_events, station_certificates
from stations.reactions import REACTIONS
from stations.use_cases import bring_certificate, delete_installed, request_command, revoke_certificate
from stations.use_cases import certificates as deeds
from stations.values import (
    Action,
    CertificateId,
    CertificateProblem,
    CertificateState,
    CommandState,
    HashAlgorithm,
    InstalledId,
    StationId,
)
from tests import certificates, scene
from tests.talk import iso
from tests.wire import PATIENCE_S, Client, pair

pytestmark = pytest.mark.usefixtures("database", "program")
SERIAL = "SN-0042"


class Charger(Client):
    """A station's socket; events are carried while it waits."""

    def __init__(self, station: Station, client: Client) -> None:
        super().__init__(client.sock)
        self.station = station
        self.station_id = StationId(station.id)
        self._calls = 0

    def say(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """A call of the station's; the payload of its answer, which is as the schema wants it."""
        self._calls += 1
        kind, _, answer = self.call(str(self._calls), action, payload)
        assert kind == 3, answer
        assert schemas.violation(f"{action}Response", answer) is None
        return dict(answer)

    def hears(self, action: str) -> tuple[str, dict[str, Any]]:
        """The next call of ours, as the schema wants it: its id and payload."""
        worker.drain()
        kind, message_id, said, payload = self.next_frame()
        assert (kind, said) == (2, action)
        assert schemas.violation(action, payload) is None
        return message_id, payload

    def answers(self, message_id: str, **payload: Any) -> None:
        """Answer our call."""
        self.send(json.dumps([3, message_id, payload]).encode())

    def asks_for_certificate(
        self, common: str = SERIAL, **facts: Any
    ) -> tuple[str, x509.Certificate, x509.Certificate]:
        """Ask, and get a chain: id of our call, own and issuing certificate."""
        assert self.say("SignCertificate", {"csr": certificates.request_pem(common, **facts)}) == {"status": "Accepted"}
        message_id, payload = self.hears("CertificateSigned")
        leaf, issuing = x509.load_pem_x509_certificates(payload["certificateChain"].encode())
        return message_id, leaf, issuing


@pytest.fixture
def charger() -> Iterator[Charger]:
    """A station whose socket is in the hub's hands, booted."""
    worker.bind([REACTIONS], [])
    bus.connect(None)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    gateway = sockets.current()
    assert gateway is not None
    station = scene.station(online=False)
    near, far = pair()
    gateway.adopt(far, b"", SocketStation(station.id, station.account_id, station.identity, ""))
    connected = Charger(station, Client(near))
    facts = {"chargePointVendor": "V", "chargePointModel": "M", "chargePointSerialNumber": SERIAL}
    assert connected.say("BootNotification", facts)["status"] == "Accepted"
    yield connected
    connected.close()
    hub.stop()
    worker.bind([], [])


def certificate_fits(actor: Actor, station_id: StationId, certificate: str) -> bool:
    return fitting_certificate(actor, station_id, certificate) is not None


def until(what: Callable[[], Any]) -> Any:
    """Carry events until something becomes true; it is returned."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < deadline, "did not happen"
        worker.drain()
        time.sleep(0.01)
    return found


def ask(charger: Charger, action: Action, **payload: Any) -> StationCommand:
    return request_command(SYSTEM, charger.station_id, action, payload)


def state(command: StationCommand) -> CommandState:
    found: StationCommand = scene.row(StationCommand, command.id)
    return found.state


def own(charger: Charger) -> list[CertificateState]:
    """The station's certificates, the oldest first."""
    return [row.certificate.state for row in reversed(station_certificates(SYSTEM, charger.station_id).own)]


def trigger(charger: Charger) -> None:
    """The platform asks the station to ask for a certificate."""
    asked = ask(charger, Action.EXTENDED_TRIGGER_MESSAGE, requestedMessage="SignChargePointCertificate")
    message_id, payload = charger.hears("ExtendedTriggerMessage")
    assert payload == {"requestedMessage": "SignChargePointCertificate"}
    charger.answers(message_id, status="Accepted")
    until(lambda: state(asked) is CommandState.ACCEPTED)


def test_tc_074_a_station_asked_to_renew_its_certificate_gets_a_chain_for_its_serial_number(
    charger: Charger, tmp_path: Path
) -> None:
    told = ask(charger, Action.CHANGE_CONFIGURATION, key="CpoName", value="Strom AG")
    message_id, _ = charger.hears("ChangeConfiguration")
    charger.answers(message_id, status="Accepted")
    until(lambda: state(told) is CommandState.ACCEPTED)
    trigger(charger)
    message_id, leaf, issuing = charger.asks_for_certificate(organisation="Strom AG")
    assert leaf.subject == certificates.name(SERIAL, "Strom AG")
    files = {"root": own_root(SYSTEM) or "", "issuing": written(issuing), "leaf": written(leaf)}
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    verify = ["openssl", "verify", "-purpose", "sslclient", "-CAfile", "root", "-untrusted", "issuing", "leaf"]
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True, text=True).stdout == "leaf: OK\n"
    charger.answers(message_id, status="Accepted")
    until(lambda: own(charger) == [CertificateState.IN_FORCE])
    assert certificate_fits(SYSTEM, charger.station_id, written(leaf))
    assert not certificate_fits(SYSTEM, StationId(scene.station().id), written(leaf))


def test_tc_077_a_certificate_that_the_station_refuses_opens_nothing_and_its_report_is_stored(charger: Charger) -> None:
    trigger(charger)
    message_id, leaf, _ = charger.asks_for_certificate()
    charger.answers(message_id, status="Rejected")
    said = {"type": "InvalidChargePointCertificate", "timestamp": iso(clock.now()), "techInfo": "chain"}
    assert charger.say("SecurityEventNotification", said) == {}
    until(lambda: own(charger) == [CertificateState.REFUSED])
    assert not certificate_fits(SYSTEM, charger.station_id, written(leaf))
    (event,) = security_events(SYSTEM, station_id=charger.station_id)
    assert (event.event.kind, event.event.tech_info) == ("InvalidChargePointCertificate", "chain")


def test_tc_078_a_station_that_doubts_our_certificate_is_heard(charger: Charger) -> None:
    said = {"type": "InvalidCentralSystemCertificate", "timestamp": iso(clock.now())}
    assert charger.say("SecurityEventNotification", said) == {}
    (event,) = security_events(SYSTEM, station_id=charger.station_id)
    assert (event.event.kind, event.critical) == ("InvalidCentralSystemCertificate", False)


@pytest.mark.parametrize(
    ("case", "kind"),
    [("TC_075_1", "ManufacturerRootCertificate"), ("TC_075_2", "CentralSystemRootCertificate")],
)
def test_tc_075_a_root_is_installed_and_listed(charger: Charger, case: str, kind: str) -> None:
    root = certificates.self_signed(case)
    installed = ask(charger, Action.INSTALL_CERTIFICATE, certificateType=kind, certificate=written(root))
    message_id, payload = charger.hears("InstallCertificate")
    assert payload == {"certificateType": kind, "certificate": written(root)}
    charger.answers(message_id, status="Accepted")
    until(lambda: state(installed) is CommandState.ACCEPTED and scene.rows(InstalledCertificate))
    data = listed(root, HashAlgorithm.SHA384)
    assert read_list(charger, kind, [data]) == [(kind, "SHA384", data["serialNumber"], written(root))]


@pytest.mark.parametrize("algorithm", list(HashAlgorithm))
def test_tc_076_a_root_is_deleted_by_exactly_the_name_that_the_station_gave_it(
    charger: Charger, algorithm: HashAlgorithm
) -> None:
    kept, dropped = (listed(certificates.self_signed(name), algorithm) for name in ("kept", "dropped"))
    dropped = {name: text.upper() for name, text in dropped.items()}  # some stations write capitals
    kind = "CentralSystemRootCertificate"
    assert len(read_list(charger, kind, [kept, dropped])) == 2
    row = next(row for row in scene.rows(InstalledCertificate) if row.serial_number == dropped["serialNumber"])
    deleting = delete_installed(SYSTEM, InstalledId(row.id))
    message_id, payload = charger.hears("DeleteCertificate")
    assert payload == {"certificateHashData": dropped}
    charger.answers(message_id, status="Accepted")
    until(lambda: state(deleting) is CommandState.ACCEPTED and len(scene.rows(InstalledCertificate)) == 1)
    assert scene.rows(InstalledCertificate)[0].serial_number == kept["serialNumber"]


def test_a_station_that_has_no_roots_empties_the_list_and_one_that_fails_to_delete_keeps_it(charger: Charger) -> None:
    kind = "ManufacturerRootCertificate"
    data = listed(certificates.self_signed("x"), HashAlgorithm.SHA256)
    read_list(charger, kind, [data])
    failing = delete_installed(SYSTEM, InstalledId(scene.rows(InstalledCertificate)[0].id))
    message_id, _ = charger.hears("DeleteCertificate")
    charger.answers(message_id, status="Failed")
    until(lambda: state(failing) is CommandState.REFUSED)
    worker.drain()
    assert len(scene.rows(InstalledCertificate)) == 1
    asked = ask(charger, Action.GET_INSTALLED_CERTIFICATE_IDS, certificateType=kind)
    message_id, _ = charger.hears("GetInstalledCertificateIds")
    charger.answers(message_id, status="NotFound")
    until(lambda: state(asked).final and not scene.rows(InstalledCertificate))


def listed(root: x509.Certificate, algorithm: HashAlgorithm) -> dict[str, str]:
    """An entry of a station's list."""
    data = hash_data(root, algorithm)
    return {
        "hashAlgorithm": data.algorithm,
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
    }


def read_list(charger: Charger, kind: str, entries: list[dict[str, str]]) -> list[tuple[str, str, str, str | None]]:
    """The platform asks, the station tells; what is stored then."""
    asked = ask(charger, Action.GET_INSTALLED_CERTIFICATE_IDS, certificateType=kind)
    message_id, payload = charger.hears("GetInstalledCertificateIds")
    assert payload == {"certificateType": kind}
    charger.answers(message_id, status="Accepted", certificateHashData=entries)
    until(lambda: state(asked) is CommandState.ACCEPTED)
    worker.drain()
    rows = scene.rows(InstalledCertificate)
    return [(row.kind.value, row.hash_algorithm, row.serial_number, row.certificate) for row in rows]


@pytest.mark.parametrize(
    ("csr", "problem"),
    [
        ("", CertificateProblem.UNREADABLE),
        ("hello", CertificateProblem.UNREADABLE),
        (written(certificates.self_signed("x")), CertificateProblem.UNREADABLE),
        (certificates.request_pem("another station"), CertificateProblem.OTHER_NAME),
    ],
)
def test_a_request_that_is_not_in_order_is_rejected_and_the_last_one_is_shown(
    charger: Charger, csr: str, problem: CertificateProblem
) -> None:
    for _ in range(2):
        assert charger.say("SignCertificate", {"csr": csr}) == {"status": "Rejected"}
    (row,) = station_certificates(SYSTEM, charger.station_id).own
    assert (row.certificate.state, row.certificate.problem) == (CertificateState.DECLINED, problem)
    worker.drain()
    assert scene.rows(StationCommand) == [], "nothing is signed"


def test_a_new_certificate_replaces_the_old_one_which_opens_for_a_few_days_more(
    charger: Charger, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves = []
    for _ in range(2):
        message_id, leaf, _ = charger.asks_for_certificate(charger.station.identity)
        charger.answers(message_id, status="Accepted")
        leaves.append(written(leaf))
        until(lambda: own(charger)[-1] is CertificateState.IN_FORCE)
    assert own(charger) == [CertificateState.REPLACED, CertificateState.IN_FORCE]
    later = clock.now() + deeds.OLD_ONE_OPENS
    assert [certificate_fits(SYSTEM, charger.station_id, leaf) for leaf in leaves] == [True, True]
    monkeypatch.setattr(clock, "now", lambda: later)
    assert [certificate_fits(SYSTEM, charger.station_id, leaf) for leaf in leaves] == [False, True]


def test_a_certificate_whose_answer_was_lost_opens_and_is_sent_again_since_the_station_may_have_it(
    charger: Charger,
) -> None:
    _, leaf, _ = charger.asks_for_certificate()
    charger.close()
    until(lambda: [(row.state, row.tries) for row in scene.rows(StationCommand)] == [(CommandState.PENDING, 1)])
    worker.drain()
    assert own(charger) == [CertificateState.SIGNED]
    assert certificate_fits(SYSTEM, charger.station_id, written(leaf))


def test_of_two_requests_at_once_the_newer_one_is_signed(charger: Charger) -> None:
    keys = [certificates.ec_key(), certificates.ec_key()]
    for key in keys:
        assert (
            charger.say("SignCertificate", {"csr": certificates.request_pem(SERIAL, key=key)})["status"] == "Accepted"
        )
    _, payload = charger.hears("CertificateSigned")
    leaf = certificate_in(payload["certificateChain"])
    assert leaf is not None
    assert leaf.public_key() == keys[1].public_key()
    assert sorted(row.state.value for row in scene.rows(StationCertificate)) == ["replaced", "signed"]


def test_a_station_that_asks_and_asks_is_rejected_after_ten_in_an_hour(
    charger: Charger, monkeypatch: pytest.MonkeyPatch
) -> None:
    csr = certificates.request_pem(SERIAL)
    answers = [charger.say("SignCertificate", {"csr": csr})["status"] for _ in range(11)]
    assert answers == ["Accepted"] * 10 + ["Rejected"]
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert charger.say("SignCertificate", {"csr": csr})["status"] == "Accepted"


def test_taking_a_certificate_back_ends_the_open_connection(charger: Charger) -> None:
    row = bring_certificate(SYSTEM, charger.station_id, certificate=written(certificates.self_signed("mine")))
    assert charger.say("Heartbeat", {})
    revoke_certificate(SYSTEM, CertificateId(row.id))
    assert charger.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))


def test_a_certificate_that_could_never_be_sent_is_taken_back(
    charger: Charger, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert charger.say("SignCertificate", {"csr": certificates.request_pem(SERIAL)}) == {"status": "Accepted"}
    charger.close()
    until(lambda: scene.row(Station, charger.station.id).connected_at is None)
    worker.drain()
    (command,) = scene.rows(StationCommand)
    assert command.state is CommandState.PENDING
    monkeypatch.setattr(clock, "now", lambda: command.expires_at)
    end_overdue_commands()
    worker.drain()
    assert own(charger) == [CertificateState.REVOKED]
