"""An account is closed: what that means, a copy of everything before, and the way back until its day."""

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries as accounts
from accounts.access import ANYONE
from accounts.presence import is_fresh
from accounts.rights import Right
from accounts.use_cases import delete_login as delete_own_login
from accounts.values import AccountId
from closures import links, queries, use_cases
from closures.errors import StillInUse
from closures.values import ExportState
from kit import files, settings
from kit.errors import Conflict
from kit.i18n import _
from portal.actor import current_actor, need_in_whole, public_page
from portal.entrance import forget_person
from portal.errors import problem_words
from portal.render import go, page
from portal.security import limiter
from portal.transfers import TransferSeats, limit_silence

if TYPE_CHECKING:
    from closures.models import Export

blueprint = Blueprint("closures", __name__)
seats = TransferSeats(lambda: max(1, settings.current().threads // 8))
FETCHES = "60 per hour"
UNDER_WAY = (ExportState.WAITING, ExportState.RUNNING)


@blueprint.route("/accounts/<uuid:account_id>/close", methods=["GET", "POST"])
def overview(account_id: UUID) -> Response:
    """What would end and what stays, the copies, and the button."""
    actor, here = current_actor(), AccountId(account_id)
    need_in_whole(Right.CLOSE_ACCOUNT, account_id)
    status = 200
    if request.method == "POST":
        try:
            use_cases.request_closure(actor, here)
            flash(_("The account will be closed. Until its day you can undo it here."))
            return go(url_for("closures.overview", account_id=account_id))
        except StillInUse as refused:
            status = refused.status
    exports = queries.exports(actor, here)
    return page(
        "closures/page.html",
        fragment="closures/_exports.html",
        row=accounts.account(actor, here),
        preview=queries.preview(actor, here),
        waiting=queries.closure(actor, here),
        exports=exports,
        under_way=any(one.state in UNDER_WAY for one in exports),
        link_of=links.link,
        is_fresh=is_fresh(actor),
        status=status,
    )


@blueprint.post("/accounts/<uuid:account_id>/close/undo")
def undo(account_id: UUID) -> Response:
    """It stays open."""
    use_cases.undo_closure(current_actor(), AccountId(account_id))
    flash(_("It is undone. The account stays open."))
    return go(url_for("closures.overview", account_id=account_id))


@blueprint.post("/accounts/<uuid:account_id>/exports")
def export(account_id: UUID) -> Response:
    """Have a copy of everything written."""
    use_cases.request_export(current_actor(), AccountId(account_id))
    flash(_("The copy is being written. You get a mail with the link when it is ready."))
    return go(url_for("closures.overview", account_id=account_id))


@blueprint.get("/exports/<link_token>")
@public_page
@limiter.limit(FETCHES)
def fetch(link_token: str) -> Response:
    """The file behind a mailed link."""
    row = queries.export_of_link(ANYONE, link_token)
    assert row.ready_at is not None, "it is ready"
    limit_silence()
    answer = seats.until_sent(lambda: _file(row))
    answer.headers.set("Content-Disposition", "attachment", filename=f"account-{row.ready_at:%Y-%m-%d}.zip")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.route("/me/delete", methods=["GET", "POST"])
def delete_login() -> Response:
    """Want no login any more."""
    notice, owned, status = None, "", 200
    if request.method == "POST":
        try:
            delete_own_login(current_actor())
        except Conflict as refused:
            if refused.code == "check_needed":
                raise
            notice, owned, status = problem_words(refused.code), refused.details.get("accounts", ""), refused.status
        else:
            forget_person()
            flash(_("Your login is deleted."))
            return go(url_for("auth.login"))
    return page("closures/login.html", notice=notice, owned=owned, is_fresh=is_fresh(current_actor()), status=status)


def _file(row: "Export") -> Response:
    assert row.file_key is not None, "it is ready"
    assert row.size_bytes is not None, "it is ready"
    answer = Response(files.read(row.file_key, 0, row.size_bytes), mimetype="application/zip")
    answer.content_length = row.size_bytes
    return answer
