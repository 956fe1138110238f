"""The platform's own certificates, for the people who run it: which there are, new ones, the files for the proxy."""

from flask import Blueprint, Response, flash, request, url_for

from kit import clock
from kit.i18n import _
from portal.actor import current_actor
from portal.render import go, page
from stations import queries
from stations.authority import words_of
from stations.pem import certificate_in, fingerprint
from stations.use_cases import create_authority, renew_authority

blueprint = Blueprint("authority", __name__, url_prefix="/platform/certificates")


@blueprint.get("")
def overview() -> Response:
    """Roots and issuing certificates, those that sign now first."""
    rows = []
    for row in queries.authorities(current_actor()):
        found = certificate_in(row.certificate)
        assert found is not None, "a stored certificate can be read"
        rows.append({"row": row, "name": words_of(found.subject), "fingerprint": fingerprint(found)})
    return page("platform/certificates.html", rows=rows, present=clock.now())


@blueprint.post("")
def make() -> Response:
    """Make the first ones, or new ones."""
    if "renew" in request.form:
        renew_authority(current_actor(), root=request.form["renew"] == "root")
    else:
        create_authority(current_actor())
    flash(_("The certificates are made. Please give the proxy the new files."))
    return go(url_for("authority.overview"))


@blueprint.get("/station-ca.pem")
def authorities() -> Response:
    """All of them as one file, as the proxy needs it."""
    files = queries.proxy_files(current_actor())
    return _file(files.authorities if files else "", "station-ca.pem")


@blueprint.get("/station-ca.crl")
def revocations() -> Response:
    """What was revoked, as the proxy needs it."""
    files = queries.proxy_files(current_actor())
    return _file(files.revocations if files else "", "station-ca.crl")


def _file(text: str, name: str) -> Response:
    answer = Response(text, mimetype="application/x-pem-file")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
