"""Signing in at one's company, against a provider that speaks OpenID Connect over real HTTP."""

import dataclasses
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from flask import Flask
from joserfc.jwk import RSAKey

from accounts.access import SYSTEM
from accounts.errors import ProviderRefused
from accounts.models import Grant, Identity, IdentityProvider
from accounts.openid import check_address
from accounts.queries import company_logins_for, my_logins
from accounts.rights import Role
from accounts.use_cases import revoke_grant, update_user
from accounts.values import GrantId, SignInMethod
from kit import settings
from kit.settings import Settings
from tests import make, openid_server
from tests.made import Owned
from tests.openid_server import CLIENT_ID, CLIENT_SECRET, Company
from tests.portal.desk import Desk, at_a_desk
from tests.portal.phone import Page
from tests.scene import rows


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """No other test walks through the door of who comes from a company."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Look at the address only."""


@pytest.fixture
def company() -> Iterator[Company]:
    """The provider of Muster AG, at whose page Petra sits."""
    with openid_server.company() as made:
        made.claims = {"sub": "petra", "email": "petra@muster.example", "email_verified": True}
        yield made


@pytest.fixture
def owned(app: Flask, company: Company) -> Owned:
    """An account whose owner has set the provider up."""
    made = make.account(email="olga@muster.example", language="en")
    desk = at_a_desk(app, made.login.email)
    assert _set_up(desk, made, company).status == 303
    return made


def _set_up(desk: Desk, owned: Owned, company: Company, **changes: str) -> Page:
    fields = {"issuer": company.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | changes
    at = f"/accounts/{owned.id}/sign-in"
    return desk.post(f"{at}/company", at=at, **({"domains": "muster.example"} | fields))


def _depart(desk: Desk, address: str) -> str:
    away = desk.get(address, follow=False)
    assert away.status == 302, away.text
    return away.headers["Location"]


def _at_the_company(url: str) -> str:
    """The person agrees there; where the browser is sent then, as a path of ours."""
    with pytest.raises(HTTPError) as answer:
        build_opener(_Stay).open(url, timeout=10)
    parts = urlsplit(str(answer.value.headers["Location"]))
    return f"{parts.path}?{parts.query}"


def _sign_in(desk: Desk, owned: Owned) -> Page:
    provider = rows(IdentityProvider, IdentityProvider.account_id == owned.id)[0]
    back = _at_the_company(_depart(desk, f"/login/company/{provider.id}"))
    return desk.get(back, follow=False)


def test_who_has_a_role_comes_in_and_reaches_that_account_only(app: Flask, owned: Owned, company: Company) -> None:
    petra = make.login(account=owned.account, role=Role.MANAGER, email="petra@muster.example")
    elsewhere = make.account(name="Anderswo AG")
    make.login(account=elsewhere.account, email="petra@muster.example")
    update_user(petra.actor, language="en")
    desk = Desk(app)
    asked = desk.post("/login/company", email="Petra@muster.example")
    assert "Go on to 127.0.0.1" in asked.text
    assert _sign_in(desk, owned).headers["Location"] == "/"
    page = desk.get("/accounts")
    assert "Immobilien Test AG" in page.text
    assert "Anderswo AG" not in page.text
    assert my_logins(petra.actor)[0].method is SignInMethod.COMPANY
    assert "Company sign-in" in desk.get("/me/security").text
    refused = desk.post("/me/recovery-codes", at="/me/security")  # the company is no proof for what is the person's
    assert refused.headers["Location"].startswith("/me/check")
    company.claims["email"] = "petra.new@muster.example"  # known by the subject from now on
    assert _sign_in(Desk(app), owned).headers["Location"] == "/"
    assert [one.user_id for one in rows(Identity)] == [petra.user.id]


def test_a_master_opens_no_property_that_took_its_trust_back(app: Flask, owned: Owned, company: Company) -> None:
    house = make.property(master=owned, name="Haus am See")
    petra = make.login(account=house, role=Role.OWNER, email="petra@muster.example")
    desk = Desk(app)
    assert _sign_in(desk, owned).headers["Location"] == "/"
    assert "Haus am See" in desk.get("/accounts").text
    [mandate] = rows(Grant, Grant.account_id == house.id, Grant.holder_id == owned.id)
    revoke_grant(petra.actor, GrantId(mandate.id))
    assert "Haus am See" not in desk.get("/accounts").text
    assert _sign_in(Desk(app), owned).headers["Location"] == "/login"
    assert company_logins_for(SYSTEM, petra.email) == []


def test_who_may_not_do_everything_chooses_nobody_who_vouches_for_owners(
    app: Flask, owned: Owned, company: Company
) -> None:
    admin = make.login(account=owned.account, role=Role.ADMINISTRATOR, email="ada@muster.example")
    desk = at_a_desk(app, admin.email)
    at = f"/accounts/{owned.id}/sign-in"
    assert 'name="issuer"' not in desk.get(at).html
    refused = desk.post(f"{at}/company", at=at, issuer=company.issuer, client_id="mine", domains="muster.example")
    assert refused.status == 403
    assert rows(IdentityProvider)[0].client_id == CLIENT_ID


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email_verified": False}, "does not say that your e-mail address is verified"),
        ({"email_verified": "true"}, "does not say that your e-mail address is verified"),
        ({"email": "petra@other.example"}, "not of a domain"),
        ({"email": "olaf@muster.example"}, "You have no role in this account"),
        ({"email": None}, "not of a domain"),
    ],
)
def test_whom_the_company_can_not_vouch_for_stays_out(
    app: Flask, owned: Owned, company: Company, claims: dict[str, Any], words: str
) -> None:
    make.login(account=owned.account, email="petra@muster.example")
    make.login(account=owned.account, email="petra@other.example")
    make.account(email="olaf@muster.example")  # of the domain, but a stranger here
    company.claims |= claims
    desk = Desk(app)
    assert _sign_in(desk, owned).headers["Location"] == "/login"
    assert words in desk.get("/login").text
    assert desk.get("/me", follow=False).status == 302
    assert rows(Identity) == []


@pytest.mark.parametrize(
    "spoil",
    [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"nonce": "another"}, {"aud": [CLIENT_ID, "b"]}],
)
def test_a_token_that_does_not_fit_is_not_believed(
    app: Flask, owned: Owned, company: Company, spoil: dict[str, Any]
) -> None:
    make.login(account=owned.account, email="petra@muster.example")
    company.spoil = spoil
    assert _sign_in(Desk(app), owned).headers["Location"] == "/login"
    assert rows(Identity) == []


def test_a_token_signed_by_somebody_else_is_not_believed(app: Flask, owned: Owned, company: Company) -> None:
    make.login(account=owned.account, email="petra@muster.example")
    company.foreign_key = RSAKey.generate_key(2048, {"kid": "one"})
    assert _sign_in(Desk(app), owned).headers["Location"] == "/login"


def test_a_way_back_is_good_once_for_the_browser_that_left(app: Flask, owned: Owned) -> None:
    make.login(account=owned.account, email="petra@muster.example")
    [provider] = rows(IdentityProvider)
    desk, other = Desk(app), Desk(app)
    url = _depart(desk, f"/login/company/{provider.id}")
    assert parse_qs(urlsplit(url).query)["code_challenge_method"] == ["S256"]
    back = _at_the_company(url)
    assert other.get(back, follow=False).headers["Location"] == "/login"
    assert desk.get(f"{back}x", follow=False).status in (302, 303)
    assert desk.get(back, follow=False).headers["Location"] == "/login"  # the state was taken
    assert desk.get("/login/company/return?error=access_denied&state=x", follow=False).headers["Location"] == "/login"


def test_only_by_the_company_once_it_was_tried(app: Flask, owned: Owned, company: Company) -> None:
    petra = make.login(account=owned.account, role=Role.MANAGER, email="petra@muster.example")
    guest = make.login(account=owned.account, role=Role.VIEWER, email="guest@other.example")
    update_user(petra.actor, language="en")
    owner = at_a_desk(app, owned.login.email)
    early = _set_up(owner, owned, company, only="1", client_secret="")
    assert early.status == 422
    assert "sign in at your company once first" in early.text
    company.claims = {"sub": "olga", "email": owned.login.email, "email_verified": True}
    assert _sign_in(Desk(app), owned).headers["Location"] == "/"
    assert _set_up(owner, owned, company, only="1", client_secret="").status == 303
    by_password = Desk(app)
    by_password.sign_in(petra.email)
    page = by_password.get("/accounts")
    assert "You are in no account" in page.text
    assert "by the company's sign-in only" in page.text
    assert "Immobilien Test AG" in at_a_desk(app, guest.email).get("/accounts").text  # of another domain
    company.claims = {"sub": "petra", "email": petra.email, "email_verified": True}
    by_company = Desk(app)
    _sign_in(by_company, owned)
    assert "Immobilien Test AG" in by_company.get("/accounts").text
    assert owner.get("/accounts").text.count("You are in no account") == 1


def test_removed_it_lets_nobody_in_and_ends_its_logins(app: Flask, owned: Owned) -> None:
    make.login(account=owned.account, email="petra@muster.example")
    [provider] = rows(IdentityProvider)
    desk = Desk(app)
    _sign_in(desk, owned)
    at = f"/accounts/{owned.id}/sign-in"
    assert at_a_desk(app, owned.login.email).post(f"{at}/company/remove", at=at).status == 303
    assert desk.get("/me", follow=False).status == 302
    assert Desk(app).get(f"/login/company/{provider.id}", follow=False).status == 404
    assert rows(Identity) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer": "login.example"}, "issuer"),
        ({"issuer": ""}, "issuer"),
        ({"client_id": ""}, "client_id"),
        ({"domains": "no domain!"}, "domains"),
        ({"domains": ""}, "domains"),
    ],
)
def test_wrong_facts_are_refused_at_their_field(
    app: Flask, company: Company, changes: dict[str, str], field: str
) -> None:
    made = make.account(language="en")
    desk = at_a_desk(app, made.login.email)
    page = _set_up(desk, made, company, **changes)
    assert page.status == 422
    assert f'id="{field}-problem"' in page.html
    assert CLIENT_SECRET not in page.html
    assert rows(IdentityProvider) == []


def test_a_provider_that_is_silent_or_lies_about_its_name_is_said(app: Flask, company: Company) -> None:
    made = make.account(language="en")
    desk = at_a_desk(app, made.login.email)
    _set_up(desk, made, company, issuer=f"{company.issuer}/")  # not its own name
    [provider] = rows(IdentityProvider)
    visitor = Desk(app)
    assert visitor.get(f"/login/company/{provider.id}", follow=False).headers["Location"] == "/login"
    assert "sign-in did not let you in" in visitor.get("/login").text


@pytest.mark.parametrize(
    "url",
    ["http://login.example.com", "https://127.0.0.1/x", "https://10.0.0.1", "https://[::1]/", "https://u:p@1.1.1.1/"],
)
def test_our_own_network_is_not_looked_around(program: Settings, url: str) -> None:
    settings.use(dataclasses.replace(program, demo=False))
    with pytest.raises(ProviderRefused):
        check_address(url)


def test_a_login_of_another_platform_opens_an_existing_login(app: Flask, company: Company) -> None:
    login = make.account(email="nina@example.org", language="en").login
    chosen = dataclasses.replace(
        settings.current(),
        login_issuer=company.issuer,
        login_client_id=CLIENT_ID,
        login_client_secret=CLIENT_SECRET,
        login_name="Wattmarkt",
    )
    settings.use(chosen)
    company.claims = {"sub": "n-1", "email": login.email, "email_verified": True}
    desk = Desk(app)
    back = desk.get(_at_the_company(_depart(desk, "/login/platform")), follow=False)
    assert back.headers["Location"] == "/"
    assert "Immobilien Test AG" in desk.get("/accounts").text
    company.claims = {"sub": "n-2", "email": "nobody@example.org", "email_verified": True}
    stranger = Desk(app)
    stranger.get(_at_the_company(_depart(stranger, "/login/platform")), follow=False)
    assert "There is no login with your e-mail address here" in stranger.get("/login").text
