"""Every door that earns money, in every state of the verification: the table of docs/verification.md, door by door."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from accounts.access import ANYONE
from accounts.rights import Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from billing import checkout, queries
from billing.models import Charge, Payment, PayoutProfile
from billing.use_cases import set_price
from billing.values import Earning, VerificationState
from charging.models import ChargingSession
from charging.use_cases import add_tag, start_session
from charging.values import SessionKind
from kit import clock, db, worker
from kit.errors import Conflict
from kit.settings import Settings
from stations.values import ConnectorId
from tests import scene
from tests.billing.shop import START_WH, Shop, open_shop, payment_of
from wsgi import create_app

S = VerificationState
KNOWN = {"charges_enabled": False, "payouts_enabled": False, "submitted": True, "bank_end": "", "restricted_at": None}
FACTS: dict[VerificationState, dict[str, Any]] = {
    S.UNVERIFIED: KNOWN | {"submitted": False},
    S.PENDING: KNOWN,
    S.VERIFIED_WITHOUT_BANK: KNOWN | {"charges_enabled": True},
    S.VERIFIED: KNOWN | {"charges_enabled": True, "payouts_enabled": True, "bank_end": "2957"},
    # whatever the provider still allows
    S.RESTRICTED: KNOWN | {"charges_enabled": True, "payouts_enabled": True, "bank_end": "2957", "restricted_at": ...},
}
# a price by GraphQL and by the portal's door, paying at a label, starting after that, payouts, charging by tag at a
# connector with a price; and charging for nothing
NOBODY, RESTRICTED, FREE = "operator_cannot_be_paid", "verification_restricted", "charges for nothing"
TABLE = {
    S.UNVERIFIED: ("", "", NOBODY, NOBODY, "no", FREE, ""),
    S.PENDING: ("", "", NOBODY, NOBODY, "no", FREE, ""),
    S.VERIFIED_WITHOUT_BANK: ("", "", "", "", "no", FREE, ""),
    S.VERIFIED: ("", "", "", "", "", FREE, ""),
    S.RESTRICTED: (RESTRICTED, RESTRICTED, NOBODY, NOBODY, "no", FREE, ""),
}


def put(shop: Shop, state: VerificationState) -> None:
    """The operator is in this state, whatever led there."""
    with db.transaction(writing=True) as unit:
        profile = unit.session.get_one(PayoutProfile, shop.account.id)
        for name, value in FACTS[state].items():
            setattr(profile, name, clock.now() if value is ... else value)


def priced(shop: Shop, energy: str) -> str:
    """Make a price public; what it is refused with."""
    none = Decimal(0)
    try:
        set_price(shop.owner, shop.connector.id, energy_price=Decimal(energy), time_price=none, session_fee=none)
    except Conflict as refused:
        return refused.code
    return ""


def scanned(shop: Shop) -> str:
    """A driver begins to pay; the page of the label has told what he is refused with."""
    told = queries.offer_of(ANYONE, ConnectorId(shop.connector.id)).refusal or ""
    try:
        shop.scan()
    except Conflict as refused:
        return refused.code if refused.code == told else f"{refused.code}, but the page told {told}"
    return told


def started(shop: Shop, state: VerificationState) -> str:
    """A card that was entered starts the charger, unless the state changed meanwhile."""
    put(shop, S.VERIFIED)
    payment_id = shop.scan()
    shop.pay(payment_id)
    put(shop, state)
    checkout.returned(payment_id)
    payment = payment_of(payment_id)
    return "" if payment.authorisation_id is not None else payment.failure or "not started"


def tagged(shop: Shop) -> str:
    """A car is charged with a tag of the account; what that brings its operator."""
    add_tag(shop.owner, AccountId(shop.account.id), "04AB12CD")
    with db.transaction(writing=True):
        start_session(shop.as_charger, number=1, id_tag="04AB12CD", meter_start_wh=START_WH, at=clock.now())
    (session,) = scene.rows(ChargingSession, ChargingSession.station_id == shop.station.id)
    with clock.moved_to(session.started_at + timedelta(hours=1)):
        shop.unplug(session, 10_000, clock.now())
        worker.drain()
    paid = scene.rows(Payment, Payment.account_id == shop.account.id, Payment.session_id == session.id)
    charged = scene.rows(Charge, Charge.session_id == session.id)
    ended = scene.row(ChargingSession, session.id)
    assert (ended.kind, ended.energy_wh) == (SessionKind.TAG, 10_000)
    return "earns" if paid or charged else FREE


def priced_by_program(shop: Shop, client: FlaskClient) -> str:
    """The same by GraphQL."""
    key = create_api_token(shop.owner, AccountId(shop.account.id), name="x", role=Role.API_CLIENT).secret
    prices = f'connectorId: "{shop.connector.id}", energyPrice: "0.6", timePrice: "0", sessionFee: "0"'
    query = f"mutation {{ setPrice({prices}) {{ __typename ... on Problem {{ code }} }} }}"
    answer = client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {key}"}).get_json()
    return str(answer["data"]["setPrice"].get("code", ""))


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_earns_money_is_open_as_the_table_says(database: str, program: Settings, state: VerificationState) -> None:
    client = create_app(program).test_client()
    shop = open_shop()
    put(shop, state)
    known = queries.verification(shop.owner, AccountId(shop.account.id))
    assert known.state is state
    found = (
        priced_by_program(shop, client),
        priced(shop, "0.5"),
        scanned(shop),
        started(open_shop(), state),
        "no" if Earning.PAYOUTS in known.blocked else "",
        tagged(shop),
        priced(shop, "0"),
    )
    assert found == TABLE[state]
