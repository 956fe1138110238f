"""Another e-mail address for one's login: the wish, and the pages behind the links that both addresses get."""

from flask import Blueprint, Response, flash, url_for

from accounts import queries, use_cases
from accounts.access import ANYONE
from kit.i18n import _
from portal.actor import current_actor, public_page
from portal.entrance import SIGN_IN_TRIES
from portal.forms import Form
from portal.render import go, page
from portal.security import limiter

blueprint = Blueprint("email_changes", __name__)


@blueprint.route("/me/email", methods=["GET", "POST"])
@limiter.limit("5 per 10 minutes", methods=["POST"])
def ask() -> Response:
    """Wish for another address."""
    form = Form()
    if form.sent:
        with form.checking():
            use_cases.request_email_change(current_actor(), email=form.text("email"))
        if form.done:
            flash(_("Both addresses got a mail. The new one counts when both have agreed."))
            return go(url_for("email_changes.ask"))
    wish = queries.my_email_wish(current_actor())
    return page("my_security/email.html", form=form, wish=wish, status=form.status)


@blueprint.post("/me/email/cancel")
def cancel() -> Response:
    """Leave it as it is."""
    use_cases.cancel_email_change(current_actor())
    flash(_("Your e-mail address stays as it is."))
    return go(url_for("email_changes.ask"))


@blueprint.get("/email/<link_token>")
@public_page
def look(link_token: str) -> Response:
    """What the mailed link is about; looking changes nothing."""
    wish = queries.email_wish_of_link(ANYONE, link_token)
    return page("auth/email_change.html", wish=wish, link_token=link_token)


@blueprint.post("/email/<link_token>/agree")
@public_page
@limiter.limit(SIGN_IN_TRIES)
def agree(link_token: str) -> Response:
    """This address agrees."""
    change = use_cases.agree_to_email_change(ANYONE, link_token)
    if change.ended_at is None:
        flash(_("Thank you. The other address has to agree, too."))
        return go(url_for("email_changes.look", link_token=link_token))
    flash(_("The new e-mail address counts from now on."))
    return go(url_for("auth.home"))


@blueprint.post("/email/<link_token>/stop")
@public_page
@limiter.limit(SIGN_IN_TRIES)
def stop(link_token: str) -> Response:
    """The old address says no."""
    use_cases.stop_email_change(ANYONE, link_token)
    flash(_("The e-mail address stays as it is. If you did not ask for another one, please choose a new password."))
    return go(url_for("auth.forgot"))
