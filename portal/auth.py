"""Signing up, in and out; a forgotten password."""

from flask import Blueprint, Response, flash, request, url_for

from accounts import use_cases
from accounts.access import ANYONE
from accounts.errors import NotConfirmed
from accounts.queries import confirmation_link_holder, reset_link_holder
from kit.errors import Invalid
from kit.i18n import _, language
from portal.actor import current_actor, current_person, public_page
from portal.entrance import SIGN_IN_TRIES, WRONG_TRIES, go_on, let_out, who_knocks, who_tries
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page, safe_target
from portal.security import limiter

blueprint = Blueprint("auth", __name__)
LETTERS = "10 per 10 minutes"


@blueprint.get("/")
@public_page
def home() -> Response:
    """The front door: drivers to the left, operators to the right; who is signed in goes on to work."""
    if current_person() is not None:
        return go(url_for("dashboard.overview"))
    return page("auth/home.html")


@blueprint.route("/login", methods=["GET", "POST"])
@public_page
@limiter.limit(SIGN_IN_TRIES, key_func=who_knocks, methods=["POST"])
@limiter.limit(WRONG_TRIES, key_func=who_tries, methods=["POST"], deduct_when=lambda r: r.status_code == 422)
def login() -> Response:
    """Sign in with e-mail and password."""
    form, notice = Form(), None
    if form.sent:
        try:
            with form.checking():
                user = use_cases.sign_in(ANYONE, email=form.text("email"), password=request.form.get("password", ""))
        except NotConfirmed as refused:
            notice = problem_words(refused.code)
            return page("auth/login.html", form=form, notice=notice, status=409)
        if form.done:
            return go_on(user, remembered=form.ticked("remember"), target=safe_target(request.args.get("next")))
    elif current_person() is not None:
        return go(url_for("auth.home"))
    return page("auth/login.html", form=form, notice=notice, status=form.status)


@blueprint.post("/logout")
@public_page
def logout() -> Response:
    """Sign out of this browser."""
    let_out()
    return go(url_for("auth.login"))


@blueprint.route("/register", methods=["GET", "POST"])
@public_page
@limiter.limit(LETTERS, methods=["POST"])
def register() -> Response:
    """Ask for a login and a master account; the answer is the same whether the address is known or not."""
    form = Form()
    if form.sent:
        with form.checking():
            if not form.ticked("terms"):
                raise Invalid(terms="not_accepted")
            use_cases.register(
                ANYONE,
                email=form.text("email"),
                password=request.form.get("password", ""),
                name=form.text("name"),
                account_name=form.text("account_name"),
                language=language(),
            )
        if form.done:
            return go(url_for("auth.sent", what="confirmation"))
    return page("auth/register.html", form=form, status=form.status)


@blueprint.get("/sent/<any(confirmation, reset):what>")
@public_page
def sent(what: str) -> Response:
    """Look into your mail."""
    return page("auth/sent.html", what=what)


@blueprint.route("/confirm/<link_token>", methods=["GET", "POST"])
@public_page
@limiter.limit(SIGN_IN_TRIES, methods=["POST"])
def confirm(link_token: str) -> Response:
    """The mailed link, together with the password: then the login is ready, and the person signed in."""
    holder = confirmation_link_holder(ANYONE, link_token)
    form = Form()
    if form.sent:
        with form.checking():
            user = use_cases.confirm(ANYONE, link_token=link_token, password=request.form.get("password", ""))
        if form.done:
            answer = go_on(user)
            flash(_("Your e-mail address is confirmed. Welcome!"))
            return answer
    return page("auth/confirm.html", form=form, email=holder.email, status=form.status)


@blueprint.route("/forgot", methods=["GET", "POST"])
@public_page
@limiter.limit(LETTERS, methods=["POST"])
def forgot() -> Response:
    """Ask for a link to a new password; the answer is the same for every address."""
    form = Form()
    if form.sent:
        with form.checking():
            use_cases.request_password_reset(ANYONE, email=form.text("email"))
        if form.done:
            return go(url_for("auth.sent", what="reset"))
    return page("auth/forgot.html", form=form, status=form.status)


@blueprint.route("/reset/<link_token>", methods=["GET", "POST"])
@public_page
def reset(link_token: str) -> Response:
    """Choose a new password; also the first one of an invited person. An old link says so."""
    holder = reset_link_holder(ANYONE, link_token)
    form = Form()
    if form.sent:
        with form.checking():
            user = use_cases.reset_password(ANYONE, link_token=link_token, password=request.form.get("password", ""))
        if form.done:
            answer = go_on(user)
            flash(_("Your new password is set."))
            return answer
    return page("auth/reset.html", form=form, email=holder.email, status=form.status)


@blueprint.route("/me", methods=["GET", "POST"])
def me() -> Response:
    """One's own name and language."""
    person = current_person()
    assert person is not None
    form = Form(name=person.name, language=person.language)
    if form.sent:
        with form.checking():
            use_cases.update_user(current_actor(), name=form.text("name"), language=form.text("language"))
        if form.done:
            flash(_("Saved."))
            return go(url_for("auth.me"))
    return page("auth/me.html", form=form, status=form.status)


@blueprint.post("/language")
@public_page
def choose_language() -> Response:
    """Speak another language from now on: kept with the person, for others in a cookie (`?lang=`)."""
    wish = request.form.get("language", "")
    if current_person() is not None:
        use_cases.update_user(current_actor(), language=wish)
    target = safe_target(request.form.get("next")) or url_for("auth.home")
    return go(target)
