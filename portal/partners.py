"""Partners as everybody sees them: the directory with search and map, and one company."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts.rights import Right
from accounts.values import LANGUAGES
from kit.errors import Conflict
from kit.i18n import _
from partners import queries, use_cases
from partners.values import PartnerId, Region
from portal import region_map
from portal.actor import current_account_id, current_actor, need_in_whole, public_page
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("partners", __name__)


@blueprint.get("/partners")
@public_page
def directory() -> Response:
    """Trained partners, narrowed by words, region and language."""
    search, region, language = request.args.get("search", ""), _region(), request.args.get("language")
    language = language if language in LANGUAGES else None
    found = queries.directory(
        current_actor(),
        search=search,
        region=region,
        language=language,
        number=request.args.get("page", 1, type=int),
    )
    return page(
        "partners/directory.html",
        fragment="partners/_directory.html",
        found=found,
        search=search,
        region=region,
        spoken=language,
        regions=list(Region),
        map=region_map,
        tiles=region_map.tiles(queries.region_counts(current_actor())),
    )


@blueprint.get("/partners/<uuid:partner_id>")
@public_page
def partner(partner_id: UUID) -> Response:
    """One company: what it does, where, and how to reach it."""
    return page("partners/partner.html", listed=queries.listed_partner(current_actor(), PartnerId(partner_id)))


@blueprint.route("/partners/propose", methods=["GET", "POST"])
def propose() -> Response:
    """An operator names an installer who should become a partner."""
    need_in_whole(Right.MANAGE_PEOPLE)
    form, notice, status = Form(), None, 200
    if form.sent:
        try:
            with form.checking():
                fields = {name: form.text(name) for name in ("name", "email", "note")}
                use_cases.propose_installer(current_actor(), current_account_id(), **fields)
        except Conflict as refused:
            notice, status = problem_words(refused.code), refused.status
        if form.done:
            flash(_("Thank you. We ask the company by mail."))
            return go(url_for("partners.directory"))
    return page("partners/propose.html", form=form, notice=notice, status=max(status, form.status))


def _region() -> Region | None:
    try:
        return Region(request.args.get("region", ""))
    except ValueError:
        return None
