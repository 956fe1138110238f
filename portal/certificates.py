"""How a station proves who it is: its security profile, its certificates, the roots it trusts, what it reported."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for

from accounts.rights import Right
from kit.errors import Invalid
from kit.i18n import _
from portal.actor import current_actor, need
from portal.forms import Form
from portal.live import LivePage, live_page
from portal.render import go, page
from stations import queries, use_cases
from stations.use_cases import request_command
from stations.values import Action, CertificateId, InstalledId, InstalledKind, SecurityProfile, StationId

blueprint = Blueprint("certificates", __name__)
LATEST_EVENTS = 5


@blueprint.route("/stations/<uuid:station_id>/security", methods=["GET", "POST"])
def security(station_id: UUID) -> Response:
    """Everything about the safety of a station's connection, and the forms that change it."""
    context = _present(StationId(station_id))
    form = Form(profile=context["shown"].station.security_profile, told=_next(context["shown"].station))
    if form.sent:
        installs = request.form.get("deed", "") not in ("profile", "tell", "push", "bring")
        need(Right.COMMAND_STATIONS if installs else Right.MANAGE_STATIONS, context["shown"].account.id)
        with form.checking():
            words = _do(StationId(station_id), form)
        if form.done:
            flash(words)
            return _back(station_id)
    return page(
        "security/page.html",
        form=form,
        profiles=list(SecurityProfile),
        kinds=list(InstalledKind),
        own_root=queries.own_root(current_actor()),
        status=form.status,
        **context,
    )


@live_page(blueprint, "/stations/<uuid:station_id>/security/live", every_s=15)
def live(station_id: UUID) -> LivePage:
    """Certificates and reports as they come in."""
    context = _present(StationId(station_id))
    return LivePage({f"station:{station_id}"}, lambda: render_template("security/_live.html", pushed=True, **context))


@blueprint.post("/stations/<uuid:station_id>/security/ask")
def ask(station_id: UUID) -> Response:
    """Ask the station to ask for a new certificate."""
    wanted = {"requestedMessage": "SignChargePointCertificate"}
    request_command(current_actor(), StationId(station_id), Action.EXTENDED_TRIGGER_MESSAGE, wanted)
    flash(_("The station was asked to ask for a new certificate."))
    return _back(station_id)


@blueprint.post("/stations/<uuid:station_id>/security/read")
def read(station_id: UUID) -> Response:
    """Ask the station which roots it has."""
    for kind in InstalledKind:
        wanted = {"certificateType": kind.value}
        request_command(current_actor(), StationId(station_id), Action.GET_INSTALLED_CERTIFICATE_IDS, wanted)
    flash(_("The station was asked for its root certificates."))
    return _back(station_id)


@blueprint.post("/certificates/<uuid:certificate_id>/revoke")
def revoke(certificate_id: UUID) -> Response:
    """Take a station's own certificate back."""
    row = use_cases.revoke_certificate(current_actor(), CertificateId(certificate_id))
    flash(_("The certificate is revoked."))
    return _back(row.station_id)


@blueprint.post("/installed-certificates/<uuid:installed_id>/delete")
def delete(installed_id: UUID) -> Response:
    """Tell a station to drop a root."""
    command = use_cases.delete_installed(current_actor(), InstalledId(installed_id))
    flash(_("The station was told to remove the certificate."))
    return _back(command.station_id)


def _do(station_id: StationId, form: Form) -> str:
    """The deed of one of the page's forms, and what to say afterwards."""
    actor, deed = current_actor(), request.form.get("deed", "")
    if deed == "profile":
        use_cases.set_security_profile(actor, station_id, profile=form.choice("profile", SecurityProfile))
        return _("Saved.")
    if deed == "tell":
        return _raise(station_id, form.choice("told", SecurityProfile))
    if deed == "push":
        use_cases.push_password(actor, station_id)
        return _("A new password is on its way. It counts once the station has come with it.")
    if deed == "bring":
        use_cases.bring_certificate(actor, station_id, certificate=form.text("certificate"))
        return _("The station can connect with this certificate now.")
    return _install(station_id, form)


def _raise(station_id: StationId, profile: SecurityProfile) -> str:
    try:
        use_cases.raise_security_profile(current_actor(), station_id, profile=profile)
    except Invalid as refused:
        raise Invalid(told=refused.fields["profile"]) from refused
    return _("The station is told, and restarted when it agrees. It counts once the station has come with it.")


def _install(station_id: StationId, form: Form) -> str:
    wanted = {"certificateType": form.choice("kind", InstalledKind).value, "certificate": form.text("root")}
    try:
        request_command(current_actor(), station_id, Action.INSTALL_CERTIFICATE, wanted)
    except Invalid as refused:
        raise Invalid(root=next(iter(refused.fields.values()))) from refused
    return _("The certificate is on its way to the station.")


def _present(station_id: StationId) -> dict[str, Any]:
    actor = current_actor()
    return {
        "shown": queries.station_page(actor, station_id),
        "certificates": queries.station_certificates(actor, station_id),
        "events": queries.security_events(actor, station_id=station_id, limit=LATEST_EVENTS),
    }


def _next(station: Any) -> SecurityProfile:
    """The profile that is likely to be told next: the following one."""
    later = [one for one in SecurityProfile if one.value > station.security_profile.value]
    return later[0] if later else SecurityProfile.CERTIFICATE_TLS


def _back(station_id: UUID) -> Response:
    return go(url_for("certificates.security", station_id=station_id))
