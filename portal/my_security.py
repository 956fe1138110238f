"""What protects one's own login, and where it is in use."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.devices import device_name
from accounts.presence import is_fresh
from accounts.values import LoginId
from kit.i18n import _
from portal.actor import current_actor, current_person
from portal.entrance import SIGN_IN_TRIES, let_out
from portal.forms import Form
from portal.render import go, page
from portal.security import limiter

blueprint = Blueprint("my_security", __name__)


@blueprint.get("/me/security")
def overview() -> Response:
    """Password, and every browser in which the person is signed in."""
    return _page(Form())


@blueprint.post("/me/password")
@limiter.limit(SIGN_IN_TRIES)
def change_password() -> Response:
    """A new password for oneself; other logins end, this one stays."""
    person = current_person()
    assert person is not None
    form = Form()
    with form.checking():
        use_cases.change_password(
            current_actor(),
            email=person.email,
            old_password=request.form.get("old_password", ""),
            new_password=request.form.get("password", ""),
        )
    if form.done:
        flash(_("Your new password is set. All other logins ended."))
        return go(url_for("my_security.overview"))
    return _page(form)


@blueprint.post("/me/logins/<uuid:login_id>/end")
def end_login(login_id: UUID) -> Response:
    """Sign out in one browser, at once."""
    person = current_person()
    if person is not None and person.login_id == login_id:
        let_out()
        return go(url_for("auth.login"))
    use_cases.end_login(current_actor(), LoginId(login_id))
    flash(_("That login ended."))
    return go(url_for("my_security.overview"))


@blueprint.post("/me/sign-out-everywhere")
def end_other_logins() -> Response:
    """End every other login of this person."""
    use_cases.end_other_logins(current_actor())
    flash(_("All other logins ended."))
    return go(url_for("my_security.overview"))


def _page(form: Form) -> Response:
    actor = current_actor()
    return page(
        "my_security/page.html",
        form=form,
        factors=queries.my_second_factors(actor),
        is_fresh=is_fresh(actor),
        logins=queries.my_logins(actor),
        device_name=device_name,
        status=form.status,
    )
