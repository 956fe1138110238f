"""A card for the platform's invoices by GraphQL: stored on the provider's page, shown, removed."""

from typing import Any

from flask.testing import FlaskClient

from billing.payments import sandbox
from kit import worker
from licensing import stored_cards
from tests.billing.shop import ref_of
from tests.graphql_api.callers import Browser, Program
from tests.licensing.shop import open_shop


def test_a_card_is_stored_shown_and_removed(client: FlaskClient, charlie: Program) -> None:
    shop = open_shop()
    owner = Browser(client.application, shop.master.login.email)
    here: dict[str, Any] = {"accountId": shop.id}
    owner.does("subscribe", **here, interval="MONTH", stationIds=shop.station_ids)
    page = owner.does("storeLicenceCard", "url", **here)["url"]
    sandbox.pay(ref_of(page), "4242424242424242")
    stored_cards.returned(shop.id)
    worker.drain()
    assert owner.asks("licences", "card { card failure }", **here)["card"] == {"card": "•••• 4242", "failure": ""}
    for field in ("licences", "storeLicenceCard", "removeLicenceCard"):
        assert charlie.refused(field, **here) == "not_found"
    assert owner.does("removeLicenceCard", "card { card }", **here) == {"card": None}
    assert owner.refused("removeLicenceCard", **here) == "no_card"
