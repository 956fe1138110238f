"""Notices of the payment provider: only genuine ones are taken, however they come."""

import hashlib
import hmac
import json
import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

import wsgi
from billing.models import ProviderEvent
from kit import db
from tests import make

SECRET = "whsec_of_the_tests"


@pytest.fixture
def provider(database: str, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """The provider's side of a platform that takes payments through Stripe."""
    settings = make.settings_for(
        tmp_path_factory.mktemp("stripe"),
        PAYMENT_PROVIDER="stripe",
        STRIPE_SECRET_KEY="sk_test_of_the_tests",
        STRIPE_WEBHOOK_SECRET=SECRET,
    )
    return wsgi.create_app(settings).test_client()


def notice(ref: str = "evt_1") -> bytes:
    """The bytes of a notice about nothing of ours."""
    about = {"id": "cs_1", "object": "checkout.session", "metadata": {}}
    told = {"id": ref, "object": "event", "type": "checkout.session.completed", "data": {"object": about}}
    return json.dumps(told).encode()


def signed(raw: bytes, secret: str = SECRET, age_s: int = 0) -> dict[str, str]:
    """The header that vouches for the bytes."""
    at = int(time.time()) - age_s
    digest = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={digest}"}


def stored() -> int:
    """How many notices were kept."""
    with db.transaction(writing=False) as unit:
        return unit.session.scalar(select(func.count()).select_from(ProviderEvent)) or 0


def test_a_genuine_notice_is_taken_once_however_often_it_comes(provider: FlaskClient) -> None:
    raw = notice()
    assert [provider.post("/webhooks/stripe", data=raw, headers=signed(raw)).status_code for _ in range(2)] == [
        204,
        204,
    ]
    assert stored() == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"Stripe-Signature": "nonsense"}, signed(notice(), "whsec_of_somebody_else"), signed(notice(), age_s=900)],
)
def test_a_notice_that_is_not_genuine_is_refused_unread(provider: FlaskClient, headers: dict[str, str]) -> None:
    answer = provider.post("/webhooks/stripe", data=notice(), headers=headers)
    assert (answer.status_code, answer.data) == (400, b"signature does not fit\n")
    assert stored() == 0


def test_changed_bytes_are_refused(provider: FlaskClient) -> None:
    answer = provider.post("/webhooks/stripe", data=notice("evt_2"), headers=signed(notice("evt_1")))
    assert answer.status_code == 400
    assert stored() == 0


def test_a_provider_that_catches_up_is_not_slowed_down(provider: FlaskClient) -> None:
    statuses = set()
    for number in range(120):
        raw = notice(f"evt_{number}")
        statuses.add(provider.post("/webhooks/stripe", data=raw, headers=signed(raw)).status_code)
    assert statuses == {204}
    assert stored() == 120


def test_an_endless_body_is_refused(provider: FlaskClient) -> None:
    raw = b"x" * 300_000
    assert provider.post("/webhooks/stripe", data=raw, headers=signed(raw)).status_code == 413
    assert stored() == 0


def test_without_the_provider_there_is_no_such_address(client: FlaskClient) -> None:
    raw = notice()
    assert client.post("/webhooks/stripe", data=raw, headers=signed(raw)).status_code == 404
