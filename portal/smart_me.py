"""An account and its namesake at smart-me: linking, signing in there, the rules, the split. Off unless it is set up."""

import dataclasses
import hmac
from uuid import UUID

from flask import Blueprint, Response, abort, flash, jsonify, request, session, url_for

from accounts import use_cases as accounts
from accounts.access import SYSTEM
from accounts.errors import CheckNeeded, NotVouchedFor
from accounts.openid import Claims
from accounts.presence import is_fresh
from accounts.rights import Right
from accounts.values import AccountId, SignInMethod
from kit import settings
from kit.i18n import _
from portal.account_places import moved_words
from portal.actor import current_accounts, current_actor, current_person, need_in_whole, public_page
from portal.entrance import SIGN_IN_TRIES, go_on
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page, safe_target
from portal.security import csrf_protect, limiter
from smart_me import cloud, connecting, queries, use_cases
from smart_me.cloud import Departure
from smart_me.errors import SmartMeRefused, SmartMeSilent
from smart_me.values import ISSUER, LinkId

blueprint = Blueprint("smart_me", __name__)
told = Blueprint("smart_me_told", __name__)
csrf_protect.exempt(told)  # smart-me proves itself by a signature
AWAY, LARGEST = "away_at_smart_me", 16 * 1024


@blueprint.before_request
@told.before_request
def only_where_set_up() -> None:
    """Who has not set smart-me up has none of this."""
    if not cloud.offered():
        abort(404)


@blueprint.get("/accounts/<uuid:account_id>/smart-me")
def overview(account_id: UUID) -> Response:
    """How the account stands with smart-me, and what follows from it."""
    actor, person = current_actor(), current_person()
    shown = queries.link_page(actor, AccountId(account_id))
    return page(
        "smart_me/page.html",
        shown=shown,
        form=Form(name=f"{shown.account.name} OCPP"),
        manages=any(node.id == account_id and Right.MANAGE_ACCOUNT in node.rights for node in current_accounts()),
        undecided=queries.undecided_links(actor, person.user_id) if person else [],
        mine=[(str(node.id), node.name) for node in current_accounts() if Right.MANAGE_ACCOUNT in node.rights],
        can_sign_up=bool(settings.current().smart_me_partner_key),
    )


@blueprint.get("/accounts/<uuid:account_id>/smart-me/sign-in")
def depart_to_connect(account_id: UUID) -> Response:
    """Off to smart-me, to link this account with the one there."""
    need_in_whole(Right.MANAGE_ACCOUNT, account_id)
    if not is_fresh(current_actor()):
        raise CheckNeeded()
    return _depart(str(account_id), None)


@blueprint.get("/login/smart-me")
@public_page
@limiter.limit(SIGN_IN_TRIES)
def depart_to_sign_in() -> Response:
    """Off to smart-me, to sign in here with the login there."""
    return _depart(None, safe_target(request.args.get("next")))


@blueprint.get("/smart-me/return")
@public_page
@limiter.limit(SIGN_IN_TRIES)
def arrive() -> Response:
    """Back from smart-me, with a code or a refusal."""
    kept = session.pop(AWAY, None)
    account_id = UUID(kept[0]) if kept and kept[0] else None
    back = url_for("smart_me.overview", account_id=account_id) if account_id else url_for("auth.login")
    try:
        if kept is None or "code" not in request.args:
            raise SmartMeRefused()
        departure = Departure(*kept[2])
        if not hmac.compare_digest(departure.state.encode(), request.args.get("state", "").encode()):
            raise SmartMeRefused()
        tokens = cloud.arrive(departure, _return_url(), code=request.args["code"])
        if account_id is not None and current_person() is not None:
            connecting.connect(current_actor(), AccountId(account_id), tokens)
            flash(_("This account is linked with smart-me."))
            return go(back)
        person = cloud.person(tokens)
        claims = Claims(person.subject, person.email, email_verified=False, name=person.name)
        user = accounts.recognise_for_platform(SYSTEM, ISSUER, claims).user
    except (NotVouchedFor, SmartMeRefused, SmartMeSilent) as refused:
        flash(problem_words(refused.code, refused.status), "danger")
        return go(back)
    return go_on(user, target=kept[1], method=SignInMethod.OTHER_PLATFORM)


@blueprint.post("/accounts/<uuid:account_id>/smart-me/sign-up")
def sign_up(account_id: UUID) -> Response:
    """Ask smart-me for an account of the same name."""
    use_cases.want_account(current_actor(), AccountId(account_id))
    return _back(account_id)


@blueprint.post("/accounts/<uuid:account_id>/smart-me/zev")
def set_zev(account_id: UUID) -> Response:
    """A ZEV is billed there, or not any more."""
    use_cases.set_zev(current_actor(), AccountId(account_id), zev=Form().ticked("zev"))
    flash(_("Saved."))
    return _back(account_id)


@blueprint.post("/accounts/<uuid:account_id>/smart-me/separate")
def separate(account_id: UUID) -> Response:
    """The OCPP stations get an account of their own."""
    made = use_cases.separate(current_actor(), AccountId(account_id), name=Form().text("name"))
    flash(moved_words(made))
    return _back(account_id)


@blueprint.post("/accounts/<uuid:account_id>/smart-me/unlink")
def unlink(account_id: UUID) -> Response:
    """Nothing to do with smart-me any more."""
    use_cases.unlink(current_actor(), AccountId(account_id))
    flash(_("This account has nothing to do with smart-me any more."))
    return _back(account_id)


@blueprint.post("/accounts/<uuid:account_id>/smart-me/links/<uuid:link_id>")
def decide(account_id: UUID, link_id: UUID) -> Response:
    """Which account here is the one that smart-me told of: a chosen one, a new one, or none."""
    actor, choice = current_actor(), Form().text("choice")
    if choice == "none":
        use_cases.dismiss(actor, LinkId(link_id))
    else:
        chosen = next((node.id for node in current_accounts() if str(node.id) == choice), None)
        use_cases.decide(actor, LinkId(link_id), chosen)
    flash(_("Saved."))
    return _back(account_id)


@told.post("/smart-me/accounts")
@public_page
def receive() -> Response:
    """smart-me tells of an account there (docs/smart-me.md); it proves itself by a signature."""
    if (request.content_length or 0) > LARGEST:
        return Response("too large\n", 413, mimetype="text/plain")
    made = connecting.receive(request.get_data(cache=False), {name.lower(): value for name, value in request.headers})
    return jsonify({"state": made.state.value, "account": str(made.account_id) if made.account_id else None})


def _depart(account_id: str | None, target: str | None) -> Response:
    departure = cloud.depart(_return_url())
    session[AWAY] = (account_id, target, dataclasses.astuple(departure))
    return Response(status=302, headers={"Location": departure.url, "Cache-Control": "no-store"})


def _return_url() -> str:
    return settings.current().public_url + url_for("smart_me.arrive")


def _back(account_id: UUID) -> Response:
    return go(url_for("smart_me.overview", account_id=account_id))
