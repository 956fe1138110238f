"""SignCertificate: the charger made itself a key and asks for a certificate; it follows in a CertificateSigned."""

from typing import Any

import structlog

from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from stations.use_cases import ask_for_certificate

log = structlog.get_logger()


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Judge the request; what is in order is signed by the worker."""
    problem = ask_for_certificate(caller.actor, lenient.text(payload, "csr"))
    if problem is not None:
        log.warning("certificate.declined", station_id=str(caller.station_id), problem=problem.value)
        return {"status": "Rejected"}
    return {"status": "Accepted"}
