"""A partner signs what it put into service."""

from typing import Any

from accounts.access import Actor, ActorKind, allowed
from accounts.models import User
from accounts.rights import Right
from kit import clock, db
from kit.errors import Conflict, Forbidden, Invalid
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case
from partners.events import ReportSigned
from partners.models import CommissioningReport, Partner, digest
from partners.queries.commissioning import Commissioning, commissioning
from stations.models import Station
from stations.values import StationId

LONGEST_REMARKS = 2000


@use_case
def sign_report(actor: Actor, station_id: StationId, *, remarks: str = "") -> CommissioningReport:
    """Write down for good how the checks of a station stand, in one's own name and that of the partner one works for.

    Raises Conflict("no_partner_here"), and Invalid(remarks="required") while a check is not passed.
    """
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id)
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise Forbidden("people")
    found, text = commissioning(actor, station_id), remarks.strip()
    if found.partner is None:
        raise Conflict("no_partner_here")
    if len(text) > LONGEST_REMARKS or (not text and not found.passed):
        raise Invalid(remarks="too_long" if text else "required")
    signer = db.session().get_one(User, actor.id)
    snapshot = _snapshot(found, found.partner, signer.name or signer.email, text)
    report = CommissioningReport(
        id=new_id(),
        account_id=station.account_id,
        station_id=station.id,
        partner_id=found.partner.id,
        signed_by=actor.reference,
        signed_at=clock.now(),
        snapshot=snapshot,
        sha256=digest(snapshot),
    )
    db.session().add(report)
    record(ReportSigned(report.id))
    return report


def _snapshot(found: Commissioning, partner: Partner, signer: str, remarks: str) -> dict[str, Any]:
    station, account = found.station, found.account
    return {
        "signed_at": clock.now().isoformat(),
        "signer": signer,
        "remarks": remarks,
        "time_zone": account.time_zone,
        "partner": {name: getattr(partner, name) for name in ("name", "email", "phone", "street", "postcode", "city")},
        "operator": {"name": account.legal_name or account.name, "account": account.name},
        "station": {
            name: getattr(station, name)
            for name in ("name", "identity", "street", "postcode", "city", "vendor", "model", "serial", "firmware")
        },
        "checks": [
            {
                "check": one.check.value,
                "state": one.state.value,
                "at": one.at.isoformat() if one.at else None,
                "facts": one.facts,
            }
            for one in found.checks
        ],
    }
