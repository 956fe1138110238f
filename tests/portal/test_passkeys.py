"""Passkeys in a real browser, with the virtual authenticator that Chromium brings."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from accounts.queries import my_logins, my_second_factors
from accounts.values import SignInMethod
from tests import make
from tests.browser import PHONE, chromium, fits, window
from tests.portal.real_server import RealServer, real_server

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The program in a process of its own."""
    var_dir = tmp_path_factory.mktemp("passkeys") / "var"
    var_dir.mkdir()
    with real_server(var_dir) as started:
        yield started


@pytest.fixture(scope="module")
def browser(chromium_path: str | None) -> Iterator[Browser]:
    """Chromium."""
    with chromium(chromium_path) as started:
        yield started


def _plug_in(page: Page) -> tuple[CDPSession, str]:
    """An authenticator that keeps passkeys and knows its owner."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    made = wire.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return wire, made["authenticatorId"]


def test_passkeys_from_the_first_to_the_last(server: RealServer, browser: Browser) -> None:
    login = make.account(language="en").login
    with window(browser, PHONE) as page:
        wire, authenticator_id = _plug_in(page)
        page.goto(f"{server.url}/login")
        page.get_by_label("E-mail").fill(login.email)
        page.get_by_label("Password", exact=True).fill(make.PASSWORD)
        page.get_by_label("Password", exact=True).press("Enter")
        expect(page).to_have_url(f"{server.url}/dashboard")

        page.goto(f"{server.url}/me/security")
        assert fits(page)
        page.get_by_label("Name").fill("Telephone")
        page.get_by_role("button", name="Add a passkey").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        assert fits(page)
        code = page.locator(".recovery-codes code").first.inner_text()
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_text("Telephone")).to_be_visible()
        assert my_logins(login.actor)[0].method is SignInMethod.PASSWORD_AND_PASSKEY

        _sign_out(page)
        page.get_by_role("button", name="Sign in with a passkey").click()  # no name typed: the key says who comes
        expect(page).to_have_url(f"{server.url}/dashboard")
        assert my_logins(login.actor)[0].method is SignInMethod.PASSKEY

        _sign_out(page)
        page.get_by_label("E-mail").fill(login.email)
        page.get_by_label("Password", exact=True).fill(make.PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        page.get_by_role("button", name="Use a passkey").click()
        expect(page).to_have_url(f"{server.url}/dashboard")

        _sign_out(page)
        wire.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator_id})
        page.get_by_label("E-mail").fill(login.email)
        page.get_by_label("Password", exact=True).fill(make.PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_label("Recovery code").fill(code)  # the phone is gone
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page).to_have_url(f"{server.url}/dashboard")
        page.goto(f"{server.url}/me/security")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_text("Change", exact=True).click()
        page.get_by_role("button", name="Remove", exact=True).click()
        expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    assert not my_second_factors(login.actor).any


def _sign_out(page: Page) -> None:
    page.get_by_role("link", name="Menu", exact=True).click()
    page.locator("#menu").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
