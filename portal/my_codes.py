"""Codes of an app, and recovery codes, for one's own login."""

from flask import Blueprint, Response, flash, url_for

from accounts import use_cases
from accounts.one_time_codes import app_address
from kit import qr
from kit.i18n import _
from portal.actor import current_actor, current_person
from portal.entrance import SIGN_IN_TRIES
from portal.forms import Form
from portal.render import go, page
from portal.security import limiter

blueprint = Blueprint("my_codes", __name__)


@blueprint.route("/me/codes", methods=["GET", "POST"])
@limiter.limit(SIGN_IN_TRIES, methods=["POST"])
def set_up() -> Response:
    """Scan, then show a code of the app: from then on it is asked for."""
    person = current_person()
    assert person is not None
    form = Form()
    if form.sent:
        with form.checking():
            codes = use_cases.confirm_codes(current_actor(), secret_code=form.text("one_time_code"))
        if form.done and codes:
            return page("my_security/recovery_codes.html", codes=codes)
        if form.done:
            flash(_("From now on a code is asked for when you sign in."))
            return go(url_for("my_security.overview"))
    secret = use_cases.begin_codes(current_actor())
    drawing = qr.svg(app_address(secret, person.email), label=_("QR code for your app"))
    return page("my_security/codes.html", form=form, secret=secret, drawing=drawing, status=form.status)


@blueprint.post("/me/codes/remove")
def remove() -> Response:
    """Ask for no codes any more."""
    use_cases.remove_codes(current_actor())
    flash(_("Codes of an app are no longer asked for."))
    return go(url_for("my_security.overview"))


@blueprint.post("/me/recovery-codes")
def renew() -> Response:
    """New recovery codes, on this one answer and never again."""
    return page("my_security/recovery_codes.html", codes=use_cases.renew_recovery_codes(current_actor()))
