"""Accounts: the choice of one, what stands on receipts, properties below."""

import contextlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from babel import Locale
from flask import Blueprint, Response, current_app, flash, request, url_for

from accounts import queries, use_cases
from accounts.outline import Outline
from accounts.queries import AccountNode
from accounts.rights import Right
from accounts.tax_numbers import COUNTRIES
from accounts.values import AccountId, AccountKind
from kit.i18n import _, language
from kit.paging import Page
from kit.settings import Settings
from portal.actor import choose_account, current_accounts, current_actor, known_account, need_in_whole
from portal.forms import Form
from portal.render import go, page, safe_target

blueprint = Blueprint("accounts", __name__)
TEXTS = (
    "name",
    "legal_name",
    "street",
    "postcode",
    "city",
    "country",
    "contact_email",
    "contact_phone",
    "time_zone",
    "language",
    "uid",
)
PAGE_SIZE = UNFOLDED = 50
TIME_ZONES = ("Europe/Zurich", "Europe/Berlin", "Europe/Vienna", "Europe/Paris", "Europe/Rome", "Europe/Madrid")


@blueprint.get("/accounts")
def overview() -> Response:
    """Every account that the person sees: a tree that folds, one level of a large one, or what was searched."""
    outline, text = Outline(current_accounts()), request.args.get("text", "").strip()
    place = known_account(request.args.get("below", "")) or _only_one(outline.children())
    where = place.id if place else None
    folded = outline.size(where) > UNFOLDED
    listed = outline.found(text, where) if text else outline.children(where)
    number = max(1, request.args.get("page", 1, type=int))
    first = (number - 1) * PAGE_SIZE
    here = tuple(listed[first : first + PAGE_SIZE]) if folded or text else tuple(listed)
    return page(
        "accounts/overview.html",
        fragment="accounts/_list.html",
        outline=outline,
        place=place,
        text=text,
        folded=folded,
        rows=Page(here, number, PAGE_SIZE if folded or text else max(1, len(here)), len(listed)),
        kinds=AccountKind,
    )


def _only_one(top: list[AccountNode]) -> AccountNode | None:
    """The account on top, where there is no other."""
    return top[0] if len(top) == 1 else None


@blueprint.post("/accounts/choose")
def choose() -> Response:
    """Work in another account from now on."""
    with contextlib.suppress(ValueError):
        choose_account(UUID(request.form.get("account", "")))
    return go(safe_target(request.form.get("next")) or url_for("auth.home"))


@blueprint.route("/accounts/new", methods=["GET", "POST"])
def create() -> Response:
    """A new master account of one's own."""
    form = Form()
    if form.sent:
        with form.checking():
            account = use_cases.create_account(current_actor(), name=form.text("name"), language=language())
        if form.done:
            return _opened(account.id)
    return page("accounts/create.html", form=form, parent=None, kind=AccountKind.MASTER, status=form.status)


@blueprint.route("/accounts/<uuid:account_id>/properties/new", methods=["GET", "POST"])
def create_property(account_id: UUID) -> Response:
    """A property below a master account; it takes over the seller data once."""
    return _create_below(account_id, use_cases.create_property, AccountKind.PROPERTY)


@blueprint.route("/accounts/<uuid:account_id>/branches/new", methods=["GET", "POST"])
def create_branch(account_id: UUID) -> Response:
    """A master account below another one."""
    return _create_below(account_id, use_cases.create_branch, AccountKind.MASTER)


def _create_below(account_id: UUID, create: Callable[..., Any], kind: AccountKind) -> Response:
    parent = queries.account(current_actor(), AccountId(account_id))
    need_in_whole(Right.MANAGE_ACCOUNT, account_id)
    form = Form()
    if form.sent:
        with form.checking():
            account = create(current_actor(), AccountId(account_id), name=form.text("name"))
        if form.done:
            return _opened(account.id)
    return page("accounts/create.html", form=form, parent=parent, kind=kind, status=form.status)


@blueprint.route("/accounts/<uuid:account_id>", methods=["GET", "POST"])
def settings(account_id: UUID) -> Response:
    """Name, seller data, contact and language of an account."""
    account = queries.account(current_actor(), AccountId(account_id))
    form = Form(**{name: getattr(account, name) for name in (*TEXTS, "vat_registered")})
    if form.sent:
        with form.checking():
            use_cases.update_account(
                current_actor(),
                AccountId(account_id),
                vat_registered=form.ticked("vat_registered"),
                **{name: form.text(name) for name in TEXTS},
            )
        if form.done:
            flash(_("Saved."))
            return go(url_for("accounts.settings", account_id=account_id))
    outline = Outline(current_accounts())
    zones = TIME_ZONES if account.time_zone in TIME_ZONES else (*TIME_ZONES, account.time_zone)
    return page(
        "accounts/settings.html",
        form=form,
        row=account,
        countries=_countries(),
        time_zones=zones,
        addresses=_charger_addresses(account.code),
        path=outline.path(account.id),
        alone=not outline.children(account.id),
        status=form.status,
    )


@blueprint.route("/accounts/<uuid:account_id>/code", methods=["GET", "POST"])
def code(account_id: UUID) -> Response:
    """Another code for the addresses of the account's chargers: a new one, or one that stands in them already."""
    account = queries.account(current_actor(), AccountId(account_id))
    need_in_whole(Right.MANAGE_ACCOUNT, account_id)
    form = Form()
    if form.sent:
        with form.checking():
            use_cases.renew_account_code(current_actor(), AccountId(account_id), account_code=form.text("account_code"))
        if form.done:
            flash(_("Saved."))
            return go(url_for("accounts.settings", account_id=account_id, _anchor="chargers"))
    return page("accounts/code.html", form=form, row=account, status=form.status)


def _charger_addresses(code: str) -> list[str]:
    """What can be typed into a charger; it puts its own identity behind it."""
    settings: Settings = current_app.config["SETTINGS"]
    host = settings.public_url.replace("http", "ws", 1)
    return [f"{host}/ocpp/{code}/", f"{host}/api/Ocpp16/{code}/"]


def _countries() -> list[tuple[str, str]]:
    """Codes and names, in the reader's language."""
    names = Locale.parse(language()).territories
    return [(code, names[code]) for code in COUNTRIES]


def _opened(account_id: UUID) -> Response:
    choose_account(account_id)
    flash(_("The account is ready. Please complete what drivers see on receipts."))
    return go(url_for("accounts.settings", account_id=account_id))
