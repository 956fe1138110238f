"""A property changes hands: the owner's page, the page behind both mailed links, and what is left to download."""

from datetime import date
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries as accounts
from accounts.access import ANYONE, Actor
from accounts.presence import is_fresh
from accounts.rights import Right
from accounts.values import AccountId
from handovers import documents, queries, use_cases
from handovers.values import UNDOABLE, HandOverId, Side
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _, language
from portal.actor import current_actor, current_person, need_in_whole, open_to_programs, public_page
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, may_in, page
from portal.security import limiter

blueprint = Blueprint("hand_overs", __name__)
ANSWERS = "20 per hour"


@blueprint.route("/accounts/<uuid:account_id>/hand-over", methods=["GET", "POST"])
def request_hand_over(account_id: UUID) -> Response:
    """Name the new owner, after a look at what goes along and what ends."""
    actor, here = current_actor(), AccountId(account_id)
    need_in_whole(Right.HAND_OVER, account_id)
    row = accounts.account(actor, here)
    preview, form, notice, status = queries.preview(actor, here), Form(email="", name="", on=""), None, 200
    if form.sent:
        try:
            with form.checking():
                email, name = form.text("email"), form.text("name")
                use_cases.request_hand_over(actor, here, email=email, name=name, on=_day(form))
        except Conflict as refused:
            if refused.code == "check_needed":
                raise
            notice, status = problem_words(refused.code), refused.status
        else:
            if form.done:
                flash(_("Please confirm it by the link that we have just mailed to you."))
                return go(url_for("hand_overs.overview", account_id=account_id))
    return page(
        "hand_overs/request.html",
        form=form,
        row=row,
        preview=preview,
        notice=notice,
        is_fresh=is_fresh(actor),
        under_way=queries.open_hand_over(actor, here),
        status=max(status, form.status),
    )


@blueprint.get("/accounts/<uuid:account_id>/hand-overs")
def overview(account_id: UUID) -> Response:
    """What is under way and what was, for those who own it now and those who look back."""
    actor, here = current_actor(), AccountId(account_id)
    rows = queries.hand_overs(actor, here)
    return page(
        "hand_overs/overview.html",
        row=accounts.account(actor, here),
        rows=rows,
        undoable={one.id for one in rows if one.state in UNDOABLE and one.account_id == account_id},
        may_undo=may_in("HAND_OVER", account_id),
    )


@blueprint.post("/hand-overs/<uuid:hand_over_id>/cancel")
def cancel(hand_over_id: UUID) -> Response:
    """Undo it, as long as the new owner has not accepted."""
    row = use_cases.cancel_hand_over(current_actor(), HandOverId(hand_over_id))
    flash(_("It is undone. Nothing changes."))
    return go(url_for("hand_overs.overview", account_id=row.account_id))


@blueprint.route("/hand-over/<link_token>", methods=["GET", "POST"])
@public_page
@limiter.limit(ANSWERS, methods=["POST"])
def answer(link_token: str) -> Response:
    """Behind the mailed links: the old owner confirms, the new one accepts."""
    offered = queries.hand_over_of_link(ANYONE, link_token)
    form, notice, status = Form(name=offered.name), None, 200
    if form.sent:
        try:
            with form.checking():
                _agree(link_token, offered)
        except (Conflict, Forbidden) as refused:
            if refused.code == "check_needed":
                raise
            notice, status = problem_words(refused.code), refused.status
        else:
            if form.done:
                return _agreed(offered)
    person = current_person()
    return page(
        "hand_overs/answer.html",
        form=form,
        notice=notice,
        offered=offered,
        link_token=link_token,
        is_old=offered.side is Side.OLD,
        is_fresh=is_fresh(current_actor()),
        fits=person is not None and (offered.side is Side.OLD or person.email == offered.email),
        status=max(status, form.status),
    )


@blueprint.post("/hand-over/<link_token>/decline")
@public_page
def decline(link_token: str) -> Response:
    """The new owner says no."""
    use_cases.decline_hand_over(current_actor(), link_token)
    flash(_("You declined. The owner is told."))
    return go(url_for("auth.login"))


@blueprint.get("/hand-overs/<uuid:hand_over_id>/protocol.pdf")
@open_to_programs
def protocol(actor: Actor, hand_over_id: UUID) -> Response:
    """What went along and what ended, for either side."""
    return _file(documents.protocol_pdf(actor, HandOverId(hand_over_id), language()), "application/pdf")


@blueprint.get("/hand-overs/<uuid:hand_over_id>/sessions.csv")
@open_to_programs
def history(actor: Actor, hand_over_id: UUID) -> Response:
    """The old owner's copy of his own period."""
    return _file(documents.history_csv(actor, HandOverId(hand_over_id)), "text/csv")


def _agree(link_token: str, offered: queries.Offered) -> None:
    if offered.side is Side.OLD:
        use_cases.confirm_hand_over(current_actor(), link_token)
    elif current_person() is None and not offered.known:
        name, password = request.form.get("name", ""), request.form.get("password", "")
        use_cases.accept_as_new_owner(ANYONE, link_token=link_token, name=name, password=password)
    else:
        use_cases.accept_hand_over(current_actor(), link_token)


def _agreed(offered: queries.Offered) -> Response:
    if offered.side is Side.OLD:
        flash(_("Confirmed. %(email)s is asked by mail now.", email=offered.email))
        return go(url_for("hand_overs.overview", account_id=offered.account_id))
    if offered.due_at is None:
        flash(_("The account is yours. The protocol is on its way by mail."))
    else:
        flash(_("Thank you. You get a mail when the account is yours."))
    return go(url_for("auth.login" if current_person() is None else "auth.home"))


def _day(form: Form) -> date | None:
    text = form.text("on")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(on="not_a_day") from error


def _file(file: documents.File, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"}
    return Response(file.content, mimetype=kind, headers=headers)
