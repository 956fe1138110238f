"""Plans and licences for programs: the same doors as the portal's."""

import re
from collections.abc import Callable
from typing import Any

import pytest

import wsgi
from kit.settings import Settings
from tests.licensing.shop import Shop, open_shop
from tests.portal.desk import at_a_desk

Send = Callable[..., Any]
HELD = """accountId trialDays trialDaysLeft nextInvoiceMinor places { id stationId stationName leavesAt }
          subscription { plan state interval nextInterval currency priceMinor cancelledAt }"""
SHOWN = f"{{ ... on Licences {{ {HELD} }} ... on Problem {{ code function fields {{ field code }} }} }}"
STATIONS = "$a: UUID!, $s: [UUID!]!"


@pytest.fixture
def shop(database: str, program: Settings) -> Shop:
    """Three stations in the free plan."""
    return open_shop()


@pytest.fixture
def send(shop: Shop, program: Settings) -> Send:
    """Ask as their owner."""
    desk = at_a_desk(wsgi.create_app(program), shop.master.login.email)
    found = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/me").html)
    assert found

    def sent(query: str, **variables: Any) -> Any:
        asked = {"query": query, "variables": variables}
        answer = desk.client.post("/graphql", json=asked, headers={"X-CSRFToken": found.group(1)}).get_json()
        assert "errors" not in answer or answer["data"] is None, answer
        return answer["data"] or answer["errors"][0]["extensions"]

    return sent


def test_a_licence_that_is_missing_is_named(send: Send, shop: Shop) -> None:
    station = str(shop.station_ids[0])
    read = "mutation($s: UUID!) { readSettings(stationId: $s) { ... on Problem { code function right } } }"
    refused = send(read, s=station)["readSettings"]
    assert refused == {"code": "needs_licence", "function": "maintenance", "right": None}
    asked = send("query($s: UUID!) { messages(search: { stationId: $s }) { nodes { id } } }", s=station)
    assert (asked["code"], asked["function"]) == ("needs_licence", "message_log")


def test_from_the_table_of_plans_to_a_subscription_and_its_end(send: Send, shop: Shop) -> None:
    account, stations = str(shop.id), [str(one) for one in shop.station_ids]
    table = send('{ planFunctions { function plans } planPrices(currency: "CHF") { interval grossMinor } }')
    assert {"function": "MAINTENANCE", "plans": ["premium"]} in table["planFunctions"]
    assert table["planPrices"][0] == {"interval": "MONTH", "grossMinor": 900}

    trial = f"mutation({STATIONS}) {{ startTrial(accountId: $a, stationIds: $s) {SHOWN} }}"
    begun = send(trial, a=account, s=stations[:1])["startTrial"]
    assert (begun["subscription"]["state"], begun["trialDaysLeft"]) == ("TRIAL", 30)
    assert send(trial, a=account, s=stations[:1])["startTrial"]["code"] == "subscribed_already"

    buy = f"mutation({STATIONS}) {{ subscribe(accountId: $a, interval: MONTH, stationIds: $s) {SHOWN} }}"
    assert send(buy, a=account, s=[])["subscribe"]["subscription"]["priceMinor"] == 900
    add = f"mutation({STATIONS}) {{ addLicences(accountId: $a, stationIds: $s) {SHOWN} }}"
    assert send(add, a=account, s=stations[1:2])["addLicences"]["nextInvoiceMinor"] == 1800
    assert send(add, a=account, s=stations[1:2])["addLicences"]["fields"][0]["code"] == "licensed_already"

    change = f"mutation($a: UUID!) {{ changeLicenceInterval(accountId: $a, interval: YEAR) {SHOWN} }}"
    assert send(change, a=account)["changeLicenceInterval"]["subscription"]["interval"] == "YEAR"
    place = str(shop.held.places[0].place.id)
    move = f"mutation($p: UUID!, $s: UUID) {{ moveLicence(placeId: $p, stationId: $s) {SHOWN} }}"
    assert send(move, p=place, s=stations[2])["moveLicence"]["places"][0]["stationName"] == "Platz 3"
    renew = f"mutation($p: UUID!) {{ renewLicence(placeId: $p, renewed: false) {SHOWN} }}"
    assert send(renew, p=place)["renewLicence"]["nextInvoiceMinor"] == 9000
    for name, field in (("cancelSubscription", False), ("resumeSubscription", True)):
        ended = send(f"mutation($a: UUID!) {{ {name}(accountId: $a) {SHOWN} }}", a=account)[name]
        assert (ended["subscription"]["cancelledAt"] is None) is field


def test_invoices_are_listed_and_paid(send: Send, shop: Shop) -> None:
    buy = f"mutation({STATIONS}) {{ subscribe(accountId: $a, interval: YEAR, stationIds: $s) {SHOWN} }}"
    send(buy, a=str(shop.id), s=[str(shop.station_ids[0])])
    listed = "query($a: UUID!) { platformInvoices(accountId: $a) { id number grossMinor reference paidAt pdfUrl } }"
    (invoice,) = send(listed, a=str(shop.id))["platformInvoices"]
    assert (invoice["number"], invoice["grossMinor"], invoice["paidAt"]) == ("L-000001", 9000, None)
    assert invoice["pdfUrl"].endswith(f"/licences/invoices/{invoice['id']}.pdf")
    pay = "mutation($i: UUID!) { payPlatformInvoice(invoiceId: $i) { ... on PaymentPage { url } } }"
    assert "/sandbox/checkout/" in send(pay, i=invoice["id"])["payPlatformInvoice"]["url"]
