"""Where the people who run the platform hand out documents of closed accounts, and the page behind such a link."""

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts.access import ANYONE
from accounts.queries import names_of
from closures import queries, use_cases
from closures.documents import handed_out
from closures.links import hand_out_link
from closures.values import ClosureId, HandOutId
from kit import clock
from kit.errors import Invalid
from kit.i18n import _
from portal.actor import current_actor, public_page
from portal.forms import Form
from portal.render import go, page
from portal.security import limiter

if TYPE_CHECKING:
    from collections.abc import Sequence

blueprint = Blueprint("closed_accounts", __name__)
SIZE = 25
FETCHES = "60 per hour"
T = TypeVar("T")


@blueprint.get("/platform/closed-accounts")
def overview() -> Response:
    """The closed accounts of which something is kept."""
    search = request.args.get("search", "")
    found = queries.closed_accounts(current_actor(), search=search, before=_before(), limit=SIZE + 1)
    return page("closed_accounts/list.html", rows=found[:SIZE], older=_older(found), search=search)


@blueprint.route("/platform/closed-accounts/<uuid:closure_id>", methods=["GET", "POST"])
def account(closure_id: UUID) -> Response:
    """What is kept of one of them, what was handed out, and the form to do so."""
    actor, here, search = current_actor(), ClosureId(closure_id), request.args.get("search", "")
    row = queries.closed_account(actor, here)
    form = Form()
    if form.sent:
        with form.checking():
            use_cases.hand_out(actor, here, document_ids=_ticked(), reason=form.text("reason"))
        if form.done:
            flash(_("The link is made. Pass it on to whoever has the claim."))
            return go(url_for("closed_accounts.account", closure_id=closure_id))
    documents = queries.kept_documents(actor, here, search=search, before=_before(), limit=SIZE + 1)
    given = queries.hand_outs(actor, here)
    return page(
        "closed_accounts/page.html",
        form=form,
        row=row,
        documents=documents[:SIZE],
        older=_older(documents),
        search=search,
        chosen=request.form.getlist("documents"),
        given=given,
        names=names_of(ANYONE, [one.given_by for one in given]),
        link_of=hand_out_link,
        now=clock.now(),
        status=form.status,
    )


@blueprint.post("/platform/hand-outs/<uuid:hand_out_id>/withdraw")
def withdraw(hand_out_id: UUID) -> Response:
    """Its link works no more."""
    row = use_cases.withdraw_hand_out(current_actor(), HandOutId(hand_out_id))
    flash(_("The link works no more."))
    return go(url_for("closed_accounts.account", closure_id=row.closure_id))


@blueprint.get("/hand-outs/<link_token>")
@public_page
@limiter.limit(FETCHES)
def fetch(link_token: str) -> Response:
    """The documents behind a link that staff passed on."""
    file = handed_out(ANYONE, link_token)
    answer = Response(file.content, mimetype=file.kind)
    answer.headers.set("Content-Disposition", "attachment", filename=file.name)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _ticked() -> list[UUID]:
    try:
        return [UUID(one) for one in request.form.getlist("documents")]
    except ValueError as error:
        raise Invalid(documents="unknown") from error


def _before() -> UUID | None:
    return request.args.get("before", type=UUID)


def _older(found: "Sequence[T]") -> T | None:
    """The last one of this page, where others follow."""
    return found[SIZE - 1] if len(found) > SIZE else None
