"""The second step of signing in: a code of an app, a recovery code, or a passkey."""

from uuid import UUID

from flask import Blueprint, Response, url_for

from accounts import queries, use_cases
from accounts.access import ANYONE, SYSTEM
from accounts.errors import PasskeyRefused
from accounts.values import SignInMethod, UserId
from portal.actor import public_page
from portal.entrance import SIGN_IN_TRIES, WRONG_CODES, HalfIn, half_in, let_in, who_guesses
from portal.errors import problem_words
from portal.forms import Form
from portal.passkeys import answer_of_passkey, asked_for_passkey
from portal.render import go, page
from portal.security import limiter

blueprint = Blueprint("second_factor", __name__)


@blueprint.route("/login/second", methods=["GET", "POST"])
@public_page
@limiter.limit(SIGN_IN_TRIES, key_func=who_guesses, methods=["POST"])
@limiter.limit(WRONG_CODES, key_func=who_guesses, methods=["POST"], deduct_when=lambda r: r.status_code == 422)
def ask() -> Response:
    """Ask whoever gave the right password for the second factor."""
    half = half_in()
    if half is None:
        return go(url_for("auth.login"))
    form = Form()
    if form.sent:
        with form.checking():
            method = use_cases.use_code(SYSTEM, _user_id(half), secret_code=form.text("one_time_code"))
        if form.done:
            return _let_in(half, method)
    return _page(half, form)


@blueprint.post("/login/second/question")
@public_page
@limiter.limit(SIGN_IN_TRIES, key_func=who_guesses)
def question() -> Response:
    """What to ask the browser: for one of this person's passkeys."""
    half = half_in()
    if half is None:
        return Response(status=409)
    return asked_for_passkey(queries.passkey_question(SYSTEM, _user_id(half)))


@blueprint.post("/login/second/passkey")
@public_page
@limiter.limit(SIGN_IN_TRIES, key_func=who_guesses)
def by_passkey() -> Response:
    """The passkey answered."""
    half = half_in()
    if half is None:
        return go(url_for("auth.login"))
    try:
        challenge, answer = answer_of_passkey()
        user = use_cases.use_passkey(ANYONE, challenge=challenge, answer=answer)
        if user.id != _user_id(half):
            raise PasskeyRefused()
    except PasskeyRefused as refused:
        return _page(half, Form(), notice=problem_words(refused.code), status=409)
    return _let_in(half, SignInMethod.PASSWORD_AND_PASSKEY)


def _let_in(half: HalfIn, method: SignInMethod) -> Response:
    let_in(_user_id(half), method, remembered=half.remembered)
    return go(half.target or url_for("auth.home"))


def _page(half: HalfIn, form: Form, *, notice: str | None = None, status: int = 200) -> Response:
    factors = queries.second_factors_of(SYSTEM, _user_id(half))
    status = max(status, form.status)
    return page("auth/second.html", form=form, factors=factors, notice=notice, status=status)


def _user_id(half: HalfIn) -> UserId:
    return UserId(UUID(half.user_id))
