"""Signing in at one's company, or with a login of another platform, by OpenID Connect."""

import dataclasses
import hmac
from uuid import UUID

from flask import Blueprint, Response, flash, request, session, url_for

from accounts import openid, queries, use_cases
from accounts.access import SYSTEM
from accounts.errors import NotVouchedFor, ProviderRefused, ProviderSilent
from accounts.openid import Client, Departure
from accounts.values import ProviderId, SignInMethod, UserId
from kit import settings
from kit.errors import AppError, NotFound
from portal.actor import public_page
from portal.entrance import SIGN_IN_TRIES, go_on, let_in
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page, safe_target
from portal.security import limiter

blueprint = Blueprint("company", __name__)
AWAY, OF_THE_PLATFORM = "away", "platform"


@blueprint.route("/login/company", methods=["GET", "POST"])
@public_page
@limiter.limit(SIGN_IN_TRIES, methods=["POST"])
def ask() -> Response:
    """By the address: where does this person sign in? The answer is links, since a form may lead to our pages only."""
    form, found = Form(), None
    if form.sent:
        found = queries.company_logins_for(SYSTEM, form.text("email"))
    return page("auth/company.html", form=form, found=found, status=form.status)


@blueprint.get("/login/company/<uuid:provider_id>")
@public_page
@limiter.limit(SIGN_IN_TRIES)
def depart(provider_id: UUID) -> Response:
    """Off to the company's own page."""
    return _depart(str(provider_id))


@blueprint.get("/login/platform")
@public_page
@limiter.limit(SIGN_IN_TRIES)
def depart_to_platform() -> Response:
    """Off to the provider that the operator has set up for everybody."""
    return _depart(OF_THE_PLATFORM)


@blueprint.get("/login/company/return")
@public_page
@limiter.limit(SIGN_IN_TRIES)
def arrive() -> Response:
    """Back, with a code or a refusal."""
    kept = session.pop(AWAY, None)
    try:
        return _arrive(kept)
    except (NotVouchedFor, ProviderRefused, ProviderSilent) as refused:
        flash(problem_words(refused.code, refused.status), "danger")
        return go(url_for("auth.login"))


def _arrive(kept: tuple[str, str | None, list[str]] | None) -> Response:
    if kept is None:
        raise ProviderRefused()
    provider, target, departure = kept[0], kept[1], Departure(*kept[2])
    if not hmac.compare_digest(departure.state, request.args.get("state", "")) or "code" not in request.args:
        raise ProviderRefused()
    client = _client(provider)
    if request.args.get("iss", client.issuer) != client.issuer:
        raise ProviderRefused()
    claims = openid.arrive(client, departure, code=request.args["code"])
    if provider == OF_THE_PLATFORM:
        user = use_cases.recognise_for_platform(SYSTEM, client.issuer, claims).user
        return go_on(user, target=target, method=SignInMethod.OTHER_PLATFORM)
    came = use_cases.recognise(SYSTEM, ProviderId(UUID(provider)), claims)
    let_in(UserId(came.user.id), SignInMethod.COMPANY, only_account_id=came.account_id)
    return go(target or url_for("auth.home"))


def _depart(provider: str) -> Response:
    try:
        departure = openid.depart(_client(provider))
    except AppError as refused:
        if isinstance(refused, NotFound):
            raise
        flash(problem_words(refused.code, refused.status), "danger")
        return go(url_for("auth.login"))
    session[AWAY] = (provider, safe_target(request.args.get("next")), dataclasses.astuple(departure))
    return Response(status=302, headers={"Location": departure.url, "Cache-Control": "no-store"})


def _client(provider: str) -> Client:
    chosen = settings.current()
    back = chosen.public_url + url_for("company.arrive")
    if provider != OF_THE_PLATFORM:
        found = queries.provider_client(SYSTEM, ProviderId(UUID(provider)))
        return Client(found.issuer, found.client_id, found.client_secret, back)
    if chosen.login_issuer is None:
        raise NotFound()
    return Client(chosen.login_issuer, chosen.login_client_id or "", chosen.login_client_secret or "", back)
