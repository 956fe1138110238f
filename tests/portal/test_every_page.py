"""Every page of the portal, of a place where everything has happened: nothing is shown that the doors refuse, whoever
opens a page for others reads which right it needs, and nothing sticks out of a narrow phone.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from jinja2 import StrictUndefined, Undefined
from jinja2.utils import missing
from playwright.sync_api import Page as Window
from werkzeug.serving import make_server

import wsgi
from accounts.rights import Role
from kit import db, i18n
from tests import make
from tests.browser import PHONE, chromium, fits
from tests.databases import leave_writing_to_the_system, migrate
from tests.portal.desk import Desk, at_a_desk
from tests.portal.everything import Everything, everything, stretch
from tests.portal.phone import Page

# forms of the frame, and what nobody is refused
HARMLESS = ("/language", "/logout", "/accounts/choose", "/me")
# where a problem stands: at its field, in a notice, in the list of a page that is nothing but a refusal
NAMED = re.compile(r'-problem"|role="alert"|<li>\s*<code>')


def not_there(hint: str | None = None, obj: Any = missing, name: str | None = None, *more: Any) -> Undefined:
    """What a page shows of a value that has no such thing would be nothing, and nobody notice; here it is an error.
    Variables and keys may be missing.
    """
    kind = Undefined if obj is missing or isinstance(obj, Mapping) else StrictUndefined
    return kind(hint, obj, name, *more)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    """The place, one for all tests; one database is enough for looking."""
    folder = tmp_path_factory.mktemp("everything")
    url = f"sqlite:///{folder / 'platform.db'}"
    migrate(url)
    leave_writing_to_the_system(db.connect(url))
    app = wsgi.create_app(make.settings_for(folder / "var"))
    app.jinja_env.undefined = not_there  # type: ignore[assignment]  # all that is done with it is to call it
    app.testing = False  # errors are shown as they are to people
    yield everything(app)
    i18n.set_language("en")
    db.disconnect()


def links(page: Page) -> set[str]:
    """Where the page leads, inside of the portal; drawings of labels cost too much."""
    found = {unescape(url).partition("#")[0] for url in re.findall(r'<a [^>]*href="(/[^"]*)"', page.html)}
    return {url for url in found if url and not url.startswith(("/dev/", "/static/")) and ".pdf" not in url}


def forms(page: Page) -> Iterator[tuple[str, dict[str, str]]]:
    """Where the page's forms send what stands in them, without those that only look something up."""
    for action, fields in page.forms:
        target = unescape(action) or page.path
        ends_the_visit = target.startswith("/me/logins/") or page.path == "/me/roles"
        if "csrf_token" in fields and urlsplit(target).path not in HARMLESS and not ends_the_visit:
            yield target, fields


def judge(desk: Desk, page: Page, target: str, fields: dict[str, str]) -> str:
    """What is wrong with the answer to a form whose button is pressed; nothing where nothing is."""
    answer = Page(desk.client.post(target, data=fields))
    if answer.status in (403, 405, 500):
        return f"{page.path} has a form for {target}: {answer.status}"
    if answer.status == 422 and not NAMED.search(answer.html):
        return f"{page.path} does not say what {target} lacks"
    return ""


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ACCOUNTANT, Role.TECHNICIAN])
def test_nothing_is_shown_that_the_doors_refuse(here: Everything, role: Role) -> None:
    desk = at_a_desk(here.place.app, make.login(account=here.account, role=role).email)
    pages = {path: desk.get(path, follow=False) for path in sorted(here.pages())}
    assert {page.status for page in pages.values()} <= {200, 302, 303, 403, 404, 410}
    shown = [page for page in pages.values() if page.status == 200]
    leads = {link: page.path for page in shown for link in links(page)}
    opened = {link: pages[link] if link in pages else desk.get(link, follow=False) for link in leads}
    refused = [f"{leads[link]} leads to {link}" for link, page in opened.items() if page.status not in (200, 302, 303)]
    sends = {target: (page, fields) for page in shown for target, fields in forms(page)}
    refused += filter(None, (judge(desk, page, target, fields) for target, (page, fields) in sends.items()))
    assert refused == [], "\n".join(refused)


def test_a_page_for_others_names_the_right_and_who_has_it(here: Everything) -> None:
    desk = at_a_desk(here.place.app, make.login(account=here.account, role=Role.VIEWER).email)
    page = desk.get("/messages")
    assert page.status == 403
    assert "The right that is missing: read the message log." in page.text
    assert "These roles have it: Owner, Administrator, Manager, Technician, Support, Installer." in page.text
    assert 'href="/messages"' not in desk.get("/stations").html
    station = f"/stations/{here.place.made.station.id}"
    for path in ("/work-orders/new/Reset", "/campaigns/new", f"{station}/maintenance", f"{station}/send/Reset"):
        assert "The right that is missing: send commands to stations." in desk.get(path).text
    assert "The right that is missing: set up stations." in desk.get(f"{station}/edit").text


def test_a_refusal_without_a_form_names_the_field(here: Everything) -> None:
    desk = at_a_desk(here.place.app, make.login(account=here.account, role=Role.TECHNICIAN).email)
    station = f"/stations/{here.place.made.station.id}"
    page = desk.post(f"{station}/limits/schedule", at=f"{station}/limits", schedule_connector="one")
    assert (page.status, "schedule_connector : Please enter a whole number" in page.text) == (422, True)


def sticks_out(window: Window) -> str:
    """What reaches furthest to the right."""
    found: str = window.evaluate(
        "() => [...document.querySelectorAll('main *')].sort((a, b) => b.getBoundingClientRect().right -"
        " a.getBoundingClientRect().right)[0]?.outerHTML.slice(0, 200)"
    )
    return found


def test_every_page_fits_a_phone_with_the_longest_names(here: Everything, chromium_path: str | None) -> None:
    stretch()
    login = make.login(account=here.account, role=Role.OWNER)
    server = make_server("localhost", 0, here.place.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, wide = f"http://localhost:{server.port}", {}
    with chromium(chromium_path) as browser:
        window = browser.new_context(viewport=PHONE, locale="de-CH").new_page()  # type: ignore[arg-type]
        window.route("**/*.{png,jpeg}", lambda route: route.abort())  # tiles of the map
        window.goto(f"{url}/login")
        window.fill("[name=email]", login.email)
        window.fill("[name=password]", make.PASSWORD)
        window.click("main button[type=submit]")
        for path in [*here.pages(), f"/q/{here.place.code}"]:
            window.goto(url + path, wait_until="domcontentloaded")
            if not fits(window):
                wide[path] = sticks_out(window)
    server.shutdown()
    assert wide == {}, "\n".join(map(str, wide.items()))
