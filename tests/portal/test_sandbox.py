"""The sandbox provider's hosted pages."""

from urllib.parse import urlsplit

import pytest
from flask import Flask

import wsgi
from accounts.values import AccountId
from billing import onboarding
from billing.payments import sandbox
from billing.queries import payout_facts
from tests import make
from tests.portal.garage import Garage, garage, payments
from tests.portal.phone import Phone


@pytest.fixture
def place(app: Flask) -> Garage:
    """A garage where paying works."""
    return garage(app)


@pytest.fixture
def stripe_only(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The same database with real payments, and no demo."""
    from kit.settings import Settings

    settings = Settings.from_environ(
        {
            "VAR_DIR": str(tmp_path_factory.mktemp("real")),
            "PUBLIC_URL": "http://localhost:8000",
            "SECRET_KEY": "k" * 40,
            "ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "SMTP_URL": "smtp://localhost:2525",
            "MAIL_FROM": "us@example.org",
            "IMPRINT_NAME": "Netz AG",
            "IMPRINT_ADDRESS": "Bern",
            "IMPRINT_EMAIL": "us@example.org",
            "PAYMENT_PROVIDER": "stripe",
            "STRIPE_SECRET_KEY": "sk_test_of_the_tests",
            "STRIPE_WEBHOOK_SECRET": "whsec_of_the_tests",
        }
    )
    return wsgi.create_app(settings)


def opened(place: Garage, phone: Phone) -> str:
    """The address of a checkout that waits for a card."""
    phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    url = payments()[-1].checkout_url
    assert url is not None
    return urlsplit(url).path


def test_the_page_names_seller_and_amount_and_offers_every_test_card(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    page = phone.get(opened(place, phone))
    for words in ("Test mode: no real money", "Garage Muster AG", "CHF 60.00", f"Charging at connector {place.code}"):
        assert words in page.text
    for card in sandbox.CARDS:
        assert f'value="{card.number}"' in page.html
        assert card.meaning in page.text


def test_a_page_that_is_over_leads_back_to_the_shop(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    address = opened(place, phone)
    payment = payments()[-1]
    phone.send(phone.get(address), "/give-up")
    gone = phone.get(address, follow=False)
    assert gone.status == 303
    assert gone.headers["Location"].endswith(f"/pay/{payment.id}/cancel")
    place.pay(phone)
    paid = payments()[-1]
    done = phone.get(urlsplit(paid.checkout_url or "").path, follow=False)
    assert done.headers["Location"].endswith(f"/pay/{paid.id}/return")


def test_an_unknown_checkout_is_not_there(app: Flask) -> None:
    assert Phone(app).get("/sandbox/checkout/sbx_checkout_unknown").status == 404
    assert Phone(app).get("/sandbox/account/sbx_account_unknown").status == 404


def test_with_real_payments_the_pages_do_not_exist(place: Garage, app: Flask, stripe_only: Flask) -> None:
    make.settings_for(place.app.config["SETTINGS"].var_dir)
    address = opened(place, Phone(app))
    from kit import settings

    settings.use(stripe_only.config["SETTINGS"])
    assert Phone(stripe_only).get(address).status == 404


def test_an_operator_signs_up_and_can_be_paid(app: Flask) -> None:
    owned = make.account(name="Neue Garage AG")
    account_id = AccountId(owned.account.id)
    make.legal_data(account_id=account_id, owner=owned.owner)
    url = onboarding.start(owned.owner, account_id, "http://localhost:8000/code")
    phone = Phone(app)
    page = phone.get(url)
    assert "Neue Garage AG" in page.text
    assert "Payouts:" not in page.text
    assert not payout_facts(owned.owner, account_id).can_be_paid
    back = phone.send(page, urlsplit(url).path)
    assert back.path == "/code"
    assert "Payouts: held back" in phone.get(url).text
    onboarding.returned(account_id)
    assert payout_facts(owned.owner, account_id).can_be_paid
