"""Who is asking: the signed-in person, the account they work in, their language. Fetched once per request."""

import functools
from collections.abc import Callable
from itertools import dropwhile, takewhile
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import orjson
from flask import Response, current_app, g, has_request_context, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user

from accounts import queries
from accounts.access import ANYONE, SYSTEM, Actor
from accounts.queries import AccountMenu, AccountNode, SignedIn, actor_of_token, signed_in
from accounts.rights import Right
from accounts.use_cases import SEEN_NOTED_EVERY, note_login_seen
from accounts.values import AccountId
from kit import clock, i18n
from kit.audit import Origin
from kit.errors import AppError, Forbidden, NotFound
from portal.security import admit, limit_programs

LANGUAGE_COOKIE = "language"
MOST_IN_MENU = 50
F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
login_manager = LoginManager()
login_manager.session_protection = None  # logins are kept and ended by us; an address may change on the road


class NoAccount(NotFound):
    """The person is in no account (any more); pages that need one lead to `/accounts`."""

    code = "no_account"


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """A person as Flask-Login keeps them: the cookie holds the secret of the login."""

    def __init__(self, person: SignedIn, login_secret: str) -> None:
        self.person = person
        self.login_secret = login_secret

    def get_id(self) -> str:
        """What the login cookie remembers."""
        return self.login_secret


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(cookie: str) -> Visitor | None:
    person = signed_in(SYSTEM, cookie)
    if person is None:
        return None
    if clock.now() - person.seen_at > SEEN_NOTED_EVERY:
        note_login_seen(SYSTEM, person.login_id, address=request.remote_addr or "")
    return Visitor(person, cookie)


def current_person() -> SignedIn | None:
    """The signed-in person, if there is one."""
    person: SignedIn | None = getattr(current_user, "person", None)
    return person


def current_actor() -> Actor:
    """Who walks through the doors in this request: the signed-in person, or ANYONE."""
    person = current_person()
    return person.actor if person else ANYONE


def signed_in_actor() -> Actor | None:
    """The signed-in person as an actor; None for strangers."""
    person = current_person()
    return person.actor if person else None


def origin() -> Origin:
    """From where a deed comes that is done in this request; for audit lines. The login is not looked up for it."""
    if not has_request_context():
        return Origin()
    person: SignedIn | None = getattr(g.get("_login_user"), "person", None)
    surface = "graphql" if request.blueprint == "graphql" else "portal"
    credential = f"login:{person.login_id}" if person else ""
    visited = person.actor.on_behalf_of if person else None
    agent = request.headers.get("User-Agent", "")
    return Origin(surface, request.remote_addr or "", agent, credential, f"account:{visited}" if visited else "")


def actor_of_header() -> Actor | None:
    """The key for programs in the header Authorization; None where it opens nothing."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return actor_of_token(SYSTEM, secret.strip()) if scheme.lower() == "bearer" else None


def account_menu() -> AccountMenu:
    """What the person can choose an account from."""
    if "account_menu" not in g:
        g.account_menu = queries.account_menu(current_actor(), MOST_IN_MENU) if current_person() else AccountMenu([])
    menu: AccountMenu = g.account_menu
    return menu


def current_accounts() -> list[AccountNode]:
    """Every account the person sees, as a tree."""
    if "account_tree" not in g:
        short = account_menu().tree
        g.account_tree = queries.account_tree(current_actor()) if short is None else short
    tree: list[AccountNode] = g.account_tree
    return tree


def current_account() -> AccountNode | None:
    """The chosen account (see `choose_account`), else the first one; None when the person is in none.

    Before an account with only some stations to work on comes one's own. Who sees thousands of accounts does not wait
    for all of them on each page.
    """
    if "account" not in g:
        g.account = _chosen() or _first()
    node: AccountNode | None = g.account
    return node


def _chosen() -> AccountNode | None:
    chosen = session.get("account", "")
    if chosen and account_menu().tree is None:
        return queries.account_node(current_actor(), AccountId(UUID(chosen)))
    return _seen_accounts().get(chosen)


def _first() -> AccountNode | None:
    tree = current_accounts()
    own = (node for node in tree if Right.VIEW_STATIONS in node.rights)
    first = next(own, tree[0] if tree else None)
    if first is not None and account_menu().tree is None:
        session["account"] = str(first.id)  # chosen for him, so that the next page need not look for it
    return first


def look_again() -> None:
    """What the person was given has changed within this request."""
    for known in ("_login_user", "account", "account_menu", "account_tree", "accounts_by_id"):
        g.pop(known, None)


def known_account(account_id: UUID | str) -> AccountNode | None:
    """An account that the person sees."""
    here = current_account()
    if here is not None and str(here.id) == str(account_id):
        return here
    return _seen_accounts().get(str(account_id))


def _seen_accounts() -> dict[str, AccountNode]:
    if "accounts_by_id" not in g:
        g.accounts_by_id = {str(node.id): node for node in current_accounts()}
    found: dict[str, AccountNode] = g.accounts_by_id
    return found


def current_account_id() -> AccountId:
    """The account that the person works in; pages show it with everything below it. Raises NoAccount."""
    node = current_account()
    if node is None:
        raise NoAccount()
    return node.id


def accounts_here() -> list[AccountNode]:
    """The chosen account and those below it: in the tree they follow it, further to the right.

    Raises NoAccount where it was taken from the person after this page began.
    """
    tree, node = current_accounts(), current_account()
    if node is None:
        return []
    behind = dropwhile(lambda one: one.id != node.id, tree)
    here = next(behind, None)
    if here is None:
        raise NoAccount()
    return [here, *takewhile(lambda one: one.depth > here.depth, behind)]


def need(right: Right, account_id: UUID | None = None) -> None:
    """Refuse a page that serves a deed before somebody fills it in for nothing; the door decides again.

    Without an account: the right is held somewhere in the chosen one and those below. It may be held on a single
    station. Raises Forbidden; NotFound where the person sees nothing of the account.
    """
    if not any(right in one.reach for one in _asked_about(account_id)):
        raise Forbidden(right.value)


def need_in_whole(right: Right, account_id: UUID | None = None) -> None:
    """The same for a deed that is about an account and not its stations: the right has to be held in all of it."""
    if not any(right in one.rights for one in _asked_about(account_id)):
        raise Forbidden(right.value)


def _asked_about(account_id: UUID | None) -> list[AccountNode]:
    if account_id is None:
        return accounts_here()
    known = known_account(account_id)
    if known is None:
        raise NotFound()
    return [known]


def choose_account(account_id: UUID) -> None:
    """Work in another account from now on; one that the person can't see is passed over."""
    if known_account(account_id) is not None:
        session["account"] = str(account_id)
        g.pop("account", None)


def public_page(view: F) -> F:
    """Mark a view that everybody may open."""
    view.public = True  # type: ignore[attr-defined]
    return view


def open_to_programs(view: Callable[Concatenate[Actor, P], Response]) -> Callable[P, Response]:
    """Serve a view to people who signed in, and to programs with a key; it gets the actor first."""

    @public_page
    @limit_programs
    @functools.wraps(view)
    def served(*args: P.args, **kwargs: P.kwargs) -> Response:
        if not for_program():
            return view(current_actor(), *args, **kwargs) if current_person() else ask_to_sign_in()
        actor = actor_of_header()
        if actor is None:
            return Response(status=401)
        admit(actor.reference)
        try:
            return view(actor, *args, **kwargs)
        except AppError as error:
            return Response(
                orjson.dumps({"code": error.code} | error.details), error.status, mimetype="application/json"
            )

    return served


def for_program() -> bool:
    """Whether a program asks, with its key in the header Authorization, and not a person's browser."""
    return "Authorization" in request.headers


def require_login() -> Response | None:
    """Before every request: speak the reader's language; lead strangers to the login page, except on public pages."""
    if request.endpoint == "static":
        return None
    speak()
    view: Any = current_app.view_functions.get(request.endpoint or "")
    module = getattr(view, "__module__", "")
    if view is None or not module.startswith("portal.") or getattr(view, "public", False) or current_person():
        return None
    return ask_to_sign_in()


def ask_to_sign_in() -> Response:
    """What strangers get: the way to the login page, and from there back."""
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return Response(status=401)
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    login_url = url_for("auth.login", next=target)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("auth.login")})
    return Response(status=302, headers={"Location": login_url})


def speak() -> None:
    """Choose language and time zone of this request."""
    node = current_account() if current_person() and session.get("account") else None
    i18n.set_language(_wished_language(), node.time_zone if node else "Europe/Zurich")


def _wished_language() -> str:
    person = current_person()
    wishes = (request.args.get("lang"), person.language if person else None, request.cookies.get(LANGUAGE_COOKIE))
    for wish in wishes:
        if wish in i18n.LANGUAGES:
            return wish
    accepted = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())  # fr-CH is French
    return next((code for code in accepted if code in i18n.LANGUAGES), i18n.FALLBACK)


def remember_language(response: Response) -> Response:
    """After every request: `?lang=` is remembered in a cookie for the pages that follow."""
    wish = request.args.get("lang")
    if wish in i18n.LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            wish,
            max_age=365 * 86400,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response
