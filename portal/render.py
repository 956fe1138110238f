"""Turns a template into an answer: the page, or only its fragment when HTMX asks for it."""

import hashlib
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from accounts.rights import ROLE_RIGHTS, Right, Role
from kit import clock, i18n
from kit.settings import Settings
from portal import labels
from portal.actor import account_menu, current_account, current_person, known_account, remember_language
from portal.hours_words import hours_summary, opening_words, special_lines, week_lines
from portal.navigation import navigation
from portal.security import csp_nonce

LANGUAGE_NAMES = (("de", "Deutsch"), ("fr", "Français"), ("it", "Italiano"), ("en", "English"))


def page(template: str, *, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """Render `template`; or `fragment` (one file, one root id) where HTMX asks and there is one."""
    wants_fragment = fragment is not None and is_htmx()
    response = make_response(render_template(fragment if wants_fragment and fragment else template, **context), status)
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def go(url: str) -> Response:
    """Send the browser to another page after a deed (303; HTMX gets its own header)."""
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": url})
    return make_response(redirect(url, 303))


def is_htmx() -> bool:
    """Whether HTMX asks for a part of a page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers


def safe_target(url: str | None) -> str | None:
    """A path of our own to go on to; None for anything that could lead elsewhere."""
    if not url or not url.startswith("/") or url[:2] in ("//", "/\\") or any(ord(sign) < 33 for sign in url):
        return None
    return url


def csrf() -> Markup:
    """The hidden field that every form with method post needs."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def asset(filename: str) -> str:
    """The address of a static file, with its fingerprint: browsers keep it for a year, and notice a new one."""
    prints: dict[str, str] = current_app.extensions.setdefault("asset_prints", {})
    if filename not in prints or current_app.debug:
        path = Path(str(current_app.static_folder)) / filename
        prints[filename] = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    return url_for("static", filename=filename, v=prints[filename])


def may(right: str) -> bool:
    """Whether to show a thing in the chosen account, by the name of the right: `may("MANAGE_STATIONS")`."""
    node = current_account()
    return node is not None and Right[right] in node.rights


def may_in(right: str, account_id: UUID) -> bool:
    """The same for another account that the person sees, or for stations of it; the door knows for which."""
    node = known_account(account_id)
    return node is not None and Right[right] in node.reach


def _choices(options: Iterable[Any]) -> list[tuple[str, str]]:
    """Pairs of value and words for a select field, from enum members or plain texts."""
    return [(o.value, labels.label(o)) if isinstance(o, Enum) else (str(o), str(o)) for o in options]


def roles_with(right: Right) -> list[Role]:
    """The roles of people that hold a right."""
    return [role for role in Role if role is not Role.API_CLIENT and right in ROLE_RIGHTS[role]]


def register_rendering(app: Flask, settings: Settings) -> None:
    """Give templates their words, formats and the frame's data."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    i18n.install(app.jinja_env)
    app.jinja_env.filters["label"] = labels.label
    app.jinja_env.filters["colour"] = labels.colour
    app.jinja_env.filters["choices"] = _choices
    app.jinja_env.filters |= {
        "opening_words": opening_words,
        "week_lines": week_lines,
        "special_lines": special_lines,
        "hours_summary": hours_summary,
    }
    app.jinja_env.globals |= {
        "account": current_account,
        "account_menu": account_menu,
        "asset": asset,
        "csp_nonce": csp_nonce,
        "csrf": csrf,
        "field_words": labels.field_words,
        "language": i18n.language,
        "languages": LANGUAGE_NAMES,
        "may": may,
        "may_in": may_in,
        "navigation": navigation,
        "now": clock.now,
        "person": current_person,
        "roles_with": roles_with,
        "settings": settings,
    }
    app.after_request(remember_language)
