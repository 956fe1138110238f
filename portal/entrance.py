"""How a browser comes in: the cookies of a login and of the device, and how often somebody may try."""

import dataclasses
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Response, after_this_request, current_app, g, request, session, url_for
from flask_login import login_user, logout_user

from accounts.access import SYSTEM
from accounts.queries import knows_device, second_factors_of, signed_in
from accounts.use_cases import begin_login, end_login
from accounts.values import AccountId, Browser, SignInMethod, UserId
from kit import clock
from kit.ids import secret_text
from portal.actor import Visitor, current_actor, current_person
from portal.render import go
from portal.security import network_address

if TYPE_CHECKING:
    from accounts.models import User

DEVICE_COOKIE, DEVICE_DAYS = "device", 400
# wrong tries of one address for one login: the longer it goes on, the longer the wait
WRONG_TRIES = "5 per minute; 12 per 15 minutes; 30 per 6 hours"
SIGN_IN_TRIES = "20 per minute"
# only who knows the password gets so far; that person counts wherever they try from
WRONG_CODES = "5 per minute; 15 per hour; 40 per day"
HALF_IN, PENDING_FOR = "half_in", timedelta(minutes=10)


@dataclasses.dataclass(frozen=True)
class HalfIn:
    """Somebody who gave the right password, and whose second factor is still missing."""

    user_id: str
    email: str
    remembered: bool
    target: str | None
    until: float


def let_in(
    user_id: UserId, method: SignInMethod, *, remembered: bool = False, only_account_id: AccountId | None = None
) -> None:
    """Begin a login in this browser; the one that was there before ends."""
    if current_person() is not None:
        let_out()
    begun = begin_login(
        SYSTEM,
        user_id,
        method=method,
        browser=_browser(),
        remembered=remembered,
        only_account_id=only_account_id,
    )
    person = signed_in(SYSTEM, begun.secret)
    assert person is not None
    session.clear()  # nothing that a stranger put there goes on
    login_user(Visitor(person, begun.secret))
    session.permanent = remembered


def go_on(
    user: "User",
    *,
    remembered: bool = False,
    target: str | None = None,
    method: SignInMethod = SignInMethod.PASSWORD,
) -> Response:
    """After the password: let the person in, or ask for the second factor first."""
    user_id = UserId(user.id)
    if not second_factors_of(SYSTEM, user_id).any:
        let_in(user_id, method, remembered=remembered)
        return go(target or url_for("auth.home"))
    if current_person() is not None:
        let_out()
    until = clock.now() + PENDING_FOR
    half = HalfIn(str(user_id), user.email, remembered, target, until.timestamp())
    session[HALF_IN] = dataclasses.astuple(half)
    return go(url_for("second_factor.ask"))


def half_in() -> HalfIn | None:
    """Who has given the right password and is asked for more; None when it was too long ago."""
    kept = session.get(HALF_IN)
    half = HalfIn(*kept) if kept else None
    return half if half is not None and clock.now().timestamp() < half.until else None


def let_out() -> None:
    """End the login of this browser; its live pages end, wherever their sockets are."""
    person = current_person()
    if person is not None:
        end_login(current_actor(), person.login_id)
    forget_person()


def forget_person() -> None:
    """This browser knows nobody any more."""
    logout_user()
    session.clear()


def who_tries() -> str:
    """Whom wrong tries count for: a browser that the person used before by itself, others by address and e-mail.

    So nobody can keep somebody else out by trying wrong passwords.
    """
    email = request.form.get("email", "").strip().lower()
    return _known_device(email) or f"try:{network_address()}:{email}"


def who_guesses() -> str:
    """Whom wrong codes count for: a browser that the person has used before by itself, all others together."""
    half = half_in()
    if half is None:
        return network_address()
    return _known_device(half.email) or f"codes:{half.user_id}"


def who_knocks() -> str:
    """Whom all tries count for: a browser that the person has used before by itself, all others by address."""
    return _known_device(request.form.get("email", "").strip().lower()) or network_address()


def _known_device(email: str) -> str | None:
    if "known_device" not in g:
        secret = request.cookies.get(DEVICE_COOKIE)
        known = secret is not None and email != "" and knows_device(SYSTEM, email=email, device_secret=secret)
        g.known_device = f"device:{hashlib.blake2b(f'{secret}:{email}'.encode()).hexdigest()}" if known else None
    found: str | None = g.known_device
    return found


def _browser() -> Browser:
    secret = request.cookies.get(DEVICE_COOKIE, "")
    if not 20 <= len(secret) <= 100:
        secret = secret_text(24)

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            DEVICE_COOKIE,
            secret,
            max_age=DEVICE_DAYS * 86400,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response

    return Browser(secret, request.headers.get("User-Agent", ""), request.remote_addr or "")
