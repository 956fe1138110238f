"""Signing up, in and out; a forgotten password."""

from flask import Blueprint, Response, flash, request, session, url_for
from flask_login import login_user, logout_user

from accounts import use_cases
from accounts.access import ANYONE, SYSTEM
from accounts.errors import NotConfirmed
from accounts.queries import confirmation_link_holder, reset_link_holder, signed_in
from accounts.values import UserId
from kit.errors import Invalid
from kit.i18n import _, language
from kit.ids import secret_text
from portal.actor import Login, current_actor, current_person, public_page
from portal.errors import problem_words
from portal.forms import Form
from portal.live import end_login_here
from portal.render import go, page, safe_target
from portal.security import limiter

blueprint = Blueprint("auth", __name__)
SIGN_IN_TRIES = "20 per minute"
LETTERS = "10 per 10 minutes"


def _typed_email() -> str:
    return f"email:{request.form.get('email', '').strip().lower()}"


@blueprint.get("/")
@public_page
def home() -> Response:
    """The front door: drivers to the left, operators to the right; who is signed in goes on to work."""
    if current_person() is not None:
        return go(url_for("dashboard.overview"))
    return page("auth/home.html")


@blueprint.route("/login", methods=["GET", "POST"])
@public_page
@limiter.limit(SIGN_IN_TRIES, methods=["POST"])
@limiter.limit("10 per 10 minutes", key_func=_typed_email, methods=["POST"], deduct_when=lambda r: r.status_code == 422)
def login() -> Response:
    """Sign in with e-mail and password."""
    form, notice = Form(), None
    if form.sent:
        try:
            with form.checking():
                user = use_cases.sign_in(ANYONE, email=form.text("email"), password=request.form.get("password", ""))
                _begin(UserId(user.id), user.session_key)
        except NotConfirmed as refused:
            notice = problem_words(refused.code)
            return page("auth/login.html", form=form, notice=notice, status=409)
        if form.done:
            return go(safe_target(request.args.get("next")) or url_for("auth.home"))
    elif current_person() is not None:
        return go(url_for("auth.home"))
    return page("auth/login.html", form=form, notice=notice, status=form.status)


@blueprint.post("/logout")
@public_page
def logout() -> Response:
    """Sign out of this browser."""
    end_login_here()
    logout_user()
    session.pop("account", None)
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
            _begin(UserId(user.id), user.session_key)
        if form.done:
            flash(_("Your e-mail address is confirmed. Welcome!"))
            return go(url_for("auth.home"))
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
            _begin(UserId(user.id), user.session_key)
        if form.done:
            flash(_("Your new password is set."))
            return go(url_for("auth.home"))
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
    return page("auth/me.html", form=form, password_form=Form(), status=form.status)


@blueprint.post("/me/password")
@limiter.limit(SIGN_IN_TRIES)
def change_password() -> Response:
    """A new password for oneself; other logins end, this one stays."""
    person = current_person()
    assert person is not None
    form = Form()
    with form.checking():
        user = use_cases.change_password(
            current_actor(),
            email=person.email,
            old_password=request.form.get("old_password", ""),
            new_password=request.form.get("password", ""),
        )
        _begin(UserId(user.id), user.session_key)
    if form.done:
        flash(_("Your new password is set. All other logins ended."))
        return go(url_for("auth.me"))
    profile = Form(name=person.name, language=person.language)
    profile.sent = False
    return page("auth/me.html", form=profile, password_form=form, status=form.status)


@blueprint.post("/me/sign-out-everywhere")
def end_other_logins() -> Response:
    """End every other login of this person."""
    user = use_cases.end_other_logins(current_actor())
    _begin(UserId(user.id), user.session_key)
    flash(_("All other logins ended."))
    return go(url_for("auth.me"))


@blueprint.post("/language")
@public_page
def choose_language() -> Response:
    """Speak another language from now on: kept with the person, for others in a cookie (`?lang=`)."""
    wish = request.form.get("language", "")
    if current_person() is not None:
        use_cases.update_user(current_actor(), language=wish)
    target = safe_target(request.form.get("next")) or url_for("auth.home")
    return go(target)


def _begin(user_id: UserId, session_key: str) -> None:
    person = signed_in(SYSTEM, user_id, session_key)
    assert person is not None
    login_user(Login(person))
    session["login"] = secret_text(12)  # names this browser's login among the person's others
    session.permanent = True
