"""Putting a station into service: the checks as they come in, the partner's signature, the reports."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts.access import Actor
from charging.values import Doubt
from kit.errors import Conflict
from kit.i18n import _
from partners import queries, use_cases
from partners.documents import report_pdf
from partners.values import ReportId
from portal.actor import current_actor, open_to_programs
from portal.errors import problem_words
from portal.forms import Form
from portal.labels import label
from portal.render import go, page
from portal.stations import ocpp_address
from stations.queries import station_page
from stations.values import ConnectorStatus, StationId

blueprint = Blueprint("commissioning", __name__)


@blueprint.route("/stations/<uuid:station_id>/commissioning", methods=["GET", "POST"])
def station(station_id: UUID) -> Response:
    """What is done and what is still to do; a partner signs at the end."""
    form, notice, status = Form(), None, 200
    if form.sent:
        try:
            with form.checking():
                use_cases.sign_report(current_actor(), StationId(station_id), remarks=form.text("remarks"))
        except Conflict as refused:
            notice, status = problem_words(refused.code), refused.status
        if form.done:
            flash(_("Signed. The operator is told."))
            return go(url_for("commissioning.station", station_id=station_id))
    found = queries.commissioning(current_actor(), StationId(station_id))
    shown = station_page(current_actor(), StationId(station_id))
    return page(
        "partners/commissioning.html",
        fragment="partners/_checks.html",
        found=found,
        address=ocpp_address(shown.ocpp_path),
        form=form,
        notice=notice,
        status=max(status, form.status),
    )


@blueprint.get("/commissioning-reports/<uuid:report_id>.pdf")
@open_to_programs
def report(actor: Actor, report_id: UUID) -> Response:
    """A signed report."""
    file = report_pdf(actor, ReportId(report_id), language=request.args.get("lang"))
    headers = {"Content-Disposition": f'inline; filename="{file.name}"', "Cache-Control": "private, no-store"}
    return Response(file.content, mimetype="application/pdf", headers=headers)


def check_facts(check: str, facts: dict[str, object]) -> str:
    """What a check was judged by, as people read it."""
    if check == "boot":
        return " · ".join(str(value) for value in facts.values() if value)
    if check == "status":
        return ", ".join(f"{number}: {label(ConnectorStatus(str(status)))}" for number, status in facts.items())
    if check == "meter":
        return ", ".join(label(Doubt(str(doubt))) for doubt in facts.get("doubts", ()))  # type: ignore[attr-defined]
    return ""


blueprint.add_app_template_global(check_facts)
