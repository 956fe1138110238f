"""Functions that are switched on step by step: what there is, and for whom it is on."""

from flask import Blueprint, Response, flash, url_for

from accounts import queries, use_cases
from accounts.flags import FLAGS
from kit.i18n import _
from portal.actor import current_actor
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("flags", __name__, url_prefix="/platform/flags")


@blueprint.get("")
def overview() -> Response:
    """Every function with a switch."""
    return page("flags/list.html", rows=queries.flags(current_actor()), declared=FLAGS)


@blueprint.route("/<name>", methods=["GET", "POST"])
def change(name: str) -> Response:
    """For how many, and for whom in any case."""
    rows = [row for row in queries.flags(current_actor()) if row.flag.value == name]
    form = Form(
        percent=rows[0].percent if rows else 0, accounts="\n".join(one.name for row in rows for one in row.accounts)
    )
    if form.sent:
        with form.checking():
            chosen = queries.tenants_named(current_actor(), form.text("accounts").splitlines())
            ids = [one.id for one in chosen]
            use_cases.set_flag(current_actor(), name, percent=form.whole("percent"), account_ids=ids)
        if form.done:
            flash(_("Saved. It counts at once."))
            return go(url_for("flags.overview"))
    if not rows:
        return go(url_for("flags.overview"))
    return page("flags/change.html", form=form, row=rows[0], declared=FLAGS[rows[0].flag], status=form.status)
