"""What official tools and their stand-ins do beside the cases, and must not trip over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding

from tests import certificates
from tests.conformance.harness import Platform, Station, accepted, until

KEEP = """mutation($station: UUID!) { keepLocalList(stationId: $station, automatic: true) {
    __typename ... on Problem { code } } }"""
LIST = "query($station: UUID!) { localList(stationId: $station) { version } }"


def test_a_station_that_hangs_up_before_the_answer_to_its_stop_may_say_it_again(station: Station) -> None:
    transaction = station.charging()
    asked = station.command("RESET", type="Hard")
    station.asked("Reset", status="Accepted")
    assert station.outcome(asked) == accepted()
    stop = {"transactionId": transaction, "meterStop": 1050, "timestamp": station.stamp(), "reason": "HardReset"}
    station.leave_saying("StopTransaction", **stop)
    until(lambda: station.session()["state"] == "ENDED")
    first = station.session()
    station.connect()
    assert station.boot()["status"] == "Accepted"
    station.say("StopTransaction", **stop)
    assert station.session() == first
    assert (first["stopReason"], first["energyWh"]) == ("HardReset", 50)


def kept_list(platform: Platform, station: Station) -> None:
    """The station's list is kept up to date from now on, and it has what there is."""
    platform.do(KEEP, station=station.id)
    station.asked("SendLocalList", status="Accepted")
    until(lambda: platform.ask(LIST, station=station.id)["localList"]["version"] == 1)


def test_a_quiet_station_is_sent_nothing_on_its_own_and_any_other_is(
    platform: Platform, booted: Callable[..., Station]
) -> None:
    platform.tag()
    quiet, other = booted(), booted(quiet=False)
    for station in (other, quiet):
        kept_list(platform, station)
    platform.tag()
    assert other.asked("SendLocalList", status="Accepted")["updateType"] == "Differential"
    quiet.drop()
    quiet.connect()
    assert quiet.boot()["status"] == "Accepted"
    platform.forward(timedelta(minutes=6))
    wanted = {"key": "MeterValueSampleInterval", "readonly": True, "value": "60"}
    samples = {"key": "MeterValuesSampledData", "readonly": True, "value": "Energy.Active.Import.Register"}
    assert other.asked("GetConfiguration", configurationKey=[wanted, samples]) == {}
    quiet.say("Heartbeat")


@pytest.mark.parametrize("written", [lambda pem: pem.replace("\n", "\r\n"), str.strip, lambda pem: pem + "\n\n"])
def test_a_signing_request_is_read_whatever_its_line_ends_and_signed_in_the_plain_way(
    station: Station, written: Callable[[str], str]
) -> None:
    csr = written(certificates.request_pem(station.identity))
    assert station.say("SignCertificate", csr=csr) == {"status": "Accepted"}
    message_id, payload = station.hears("CertificateSigned")
    for certificate in x509.load_pem_x509_certificates(payload["certificateChain"].encode()):
        assert isinstance(certificate.signature_algorithm_parameters, ec.ECDSA | padding.PKCS1v15)
    station.answers(message_id, status="Accepted")


def test_a_call_that_is_told_twice_gets_the_same_answer(platform: Platform, station: Station) -> None:
    tag = platform.tag()
    start = {"connectorId": 1, "idTag": tag, "meterStart": 1000, "timestamp": station.stamp()}
    first = station.say("StartTransaction", **start)
    station.drop()
    station.connect()
    assert station.say("StartTransaction", **start) == first
    assert len(station.sessions()) == 1


def test_q37_nothing_that_a_station_says_before_its_boot_is_lost(platform: Platform) -> None:
    station = platform.station()
    station.connect()
    transaction = station.start(platform.tag())["transactionId"]
    assert station.boot()["status"] == "Accepted"
    assert station.session()["transactionId"] == transaction
    station.ends()
