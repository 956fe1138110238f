"""Passkeys: signing in with one alone, and looking after one's own."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, session, url_for

from accounts import queries, use_cases
from accounts.access import ANYONE, SYSTEM
from accounts.errors import PasskeyRefused
from accounts.passkeys import Question
from accounts.values import PasskeyId, SignInMethod, UserId
from kit.errors import Conflict, Invalid
from kit.i18n import _
from portal.actor import current_actor, public_page
from portal.entrance import SIGN_IN_TRIES, let_in
from portal.errors import problem_words
from portal.labels import field_words
from portal.render import go, page, safe_target
from portal.security import limiter

blueprint = Blueprint("passkeys", __name__)


def asked_for_passkey(question: Question) -> Response:
    """The question as the script of the page wants it; its challenge is kept until the answer comes."""
    session["challenge"] = question.challenge
    return Response(question.options, mimetype="application/json", headers={"Cache-Control": "no-store"})


def answer_of_passkey() -> tuple[str, str]:
    """The challenge that was asked, and what the browser answers. A challenge is good once. Raises PasskeyRefused."""
    challenge, answer = session.pop("challenge", None), request.form.get("answer", "")
    if not challenge or not answer:
        raise PasskeyRefused()
    return challenge, answer


@blueprint.post("/login/passkey/question")
@public_page
@limiter.limit(SIGN_IN_TRIES)
def question() -> Response:
    """What to ask the browser of a stranger: for any passkey of ours."""
    return asked_for_passkey(queries.passkey_question(SYSTEM))


@blueprint.post("/login/passkey")
@public_page
@limiter.limit(SIGN_IN_TRIES)
def sign_in() -> Response:
    """Sign in by passkey alone; it says who comes."""
    try:
        challenge, answer = answer_of_passkey()
        user = use_cases.use_passkey(ANYONE, challenge=challenge, answer=answer)
    except PasskeyRefused as refused:
        flash(problem_words(refused.code), "danger")
        return go(url_for("auth.login", next=safe_target(request.args.get("next"))))
    let_in(UserId(user.id), SignInMethod.PASSKEY, remembered=request.form.get("remember") == "1")
    return go(safe_target(request.args.get("next")) or url_for("auth.home"))


@blueprint.post("/me/passkeys/question")
def new_question() -> Response:
    """What to ask the browser for a new passkey."""
    return asked_for_passkey(queries.new_passkey_question(current_actor()))


@blueprint.post("/me/passkeys")
def add() -> Response:
    """Keep the new passkey."""
    try:
        challenge, answer = answer_of_passkey()
        name = request.form.get("name", "").strip() or _("Passkey")
        added = use_cases.add_passkey(current_actor(), challenge=challenge, answer=answer, name=name)
    except (PasskeyRefused, Invalid) as refused:
        flash(_refusal(refused), "danger")
        return go(url_for("my_security.overview"))
    if added.recovery_codes:
        return page("my_security/recovery_codes.html", codes=added.recovery_codes)
    flash(_("The passkey is added."))
    return go(url_for("my_security.overview"))


@blueprint.post("/me/passkeys/<uuid:passkey_id>/rename")
def rename(passkey_id: UUID) -> Response:
    """Call a passkey by another name."""
    try:
        use_cases.rename_passkey(current_actor(), PasskeyId(passkey_id), name=request.form.get("name", ""))
        flash(_("Saved."))
    except Invalid as refused:
        flash(_refusal(refused), "danger")
    return go(url_for("my_security.overview"))


@blueprint.post("/me/passkeys/<uuid:passkey_id>/remove")
def remove(passkey_id: UUID) -> Response:
    """Let a passkey open nothing any more."""
    use_cases.remove_passkey(current_actor(), PasskeyId(passkey_id))
    flash(_("The passkey is removed. You may delete it in your device, too."))
    return go(url_for("my_security.overview"))


def _refusal(refused: Conflict | Invalid) -> str:
    if isinstance(refused, Invalid):
        return field_words(next(iter(refused.fields.values())))
    return problem_words(refused.code)
