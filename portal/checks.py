"""Proving once more that it is oneself, before something that an unwatched browser must not be able to do."""

from contextlib import AbstractContextManager

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.access import ANYONE, SYSTEM
from accounts.errors import PasskeyRefused
from kit.errors import Conflict
from kit.i18n import _
from portal.actor import current_actor, current_person
from portal.entrance import SIGN_IN_TRIES, WRONG_TRIES
from portal.errors import problem_words
from portal.forms import Form
from portal.passkeys import answer_of_passkey, asked_for_passkey
from portal.render import go, page, safe_target
from portal.security import counting_wrong, limiter

blueprint = Blueprint("checks", __name__)


def _who_checks() -> str:
    person = current_person()
    return f"check:{person.user_id if person else ''}"


def counted_check() -> AbstractContextManager[None]:
    """Within, whoever asks by GraphQL tries a password, and may be wrong as often as at the page."""
    return counting_wrong(_who_checks(), WRONG_TRIES)


@blueprint.route("/me/check", methods=["GET", "POST"])
@limiter.limit(SIGN_IN_TRIES, methods=["POST"])
@limiter.limit(WRONG_TRIES, key_func=_who_checks, methods=["POST"], deduct_when=lambda r: r.status_code == 422)
def ask() -> Response:
    """By password."""
    person = current_person()
    assert person is not None
    form = Form()
    if form.sent:
        try:
            with form.checking():
                password = request.form.get("password", "")
                use_cases.check_password(current_actor(), password=password)
        except Conflict as refused:
            return _page(form, notice=problem_words(refused.code), status=refused.status)
        if form.done:
            return _done()
    return _page(form)


@blueprint.post("/me/check/question")
def question() -> Response:
    """What to ask the browser: for one of the person's passkeys."""
    person = current_person()
    assert person is not None
    return asked_for_passkey(queries.passkey_question(SYSTEM, person.user_id))


@blueprint.post("/me/check/passkey")
@limiter.limit(SIGN_IN_TRIES)
def by_passkey() -> Response:
    """By passkey."""
    person = current_person()
    assert person is not None
    try:
        challenge, answer = answer_of_passkey()
        if use_cases.use_passkey(ANYONE, challenge=challenge, answer=answer).id != person.user_id:
            raise PasskeyRefused()
    except PasskeyRefused as refused:
        return _page(Form(), notice=problem_words(refused.code), status=refused.status)
    use_cases.note_check(current_actor())
    return _done()


def _done() -> Response:
    flash(_("Thank you. For ten minutes you can go on with what is protected."))
    return go(safe_target(request.args.get("next")) or url_for("my_security.overview"))


def _page(form: Form, *, notice: str | None = None, status: int = 200) -> Response:
    factors = queries.my_second_factors(current_actor())
    return page("my_security/check.html", form=form, factors=factors, notice=notice, status=max(status, form.status))
