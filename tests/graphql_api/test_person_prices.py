"""Prices of people for programs: the same doors as in the portal."""

from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

FACTS = """... on PersonPrice { id name email idTag stationName connectorNumber accountId
    tariff { energyPrice vatPercent } }
    ... on Problem { code function fields { field code } }"""
ADD = f"""mutation($where: PriceWhere!, $id: UUID!, $whom: PersonInput!, $price: PriceInput!) {{
    addPersonPrice(where: $where, whereId: $id, whom: $whom, price: $price) {{ {FACTS} }} }}"""


def test_a_price_is_added_listed_changed_and_removed(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice, name="Hof")
    at = {"where": "CONNECTOR", "id": str(station.connector.id)}
    anna = {"name": "Anna", "email": "anna@example.org"}
    made = ask(ADD, **at, whom=anna, price={"energyPrice": "0.30"})["data"]["addPersonPrice"]
    number = made.pop("id")
    assert made == {
        "name": "Anna",
        "email": "anna@example.org",
        "idTag": "",
        "stationName": "Hof",
        "connectorNumber": 1,
        "accountId": str(people.home.id),
        "tariff": {"energyPrice": "0.30", "vatPercent": "8.1"},
    }
    again = ask(ADD, **at, whom=anna, price={"energyPrice": "0.30"})["data"]["addPersonPrice"]
    assert (again["code"], again["fields"]) == ("invalid", [{"field": "whom", "code": "taken"}])
    change = f"mutation($id: UUID!) {{ changePersonPrice(id: $id, price: {{energyPrice: 0}}) {{ {FACTS} }} }}"
    assert ask(change, id=number)["data"]["changePersonPrice"]["tariff"]["energyPrice"] == "0"
    tell = ADD.replace("price: $price", "price: $price, tell: true").replace("{ id name", "{ id linkSentAt name")
    first, second = (
        ask(tell, where=kind, id=str(place), whom={"email": "b@example.org"}, price={"energyPrice": "0.30"})
        for kind, place in (("CONNECTOR", station.connector.id), ("STATION", station.id))
    )
    assert first["data"]["addPersonPrice"]["linkSentAt"] is not None
    assert second["data"]["addPersonPrice"]["linkSentAt"] is None, "the price counts, the letter is held back"
    listed = 'query($station: UUID) { personPrices(stationId: $station, text: "ann") { nodes { id } } }'
    assert ask(listed, station=str(station.id))["data"]["personPrices"]["nodes"] == [{"id": number}]
    send = f"mutation($id: UUID!) {{ sendPriceLink(id: $id) {{ {FACTS} }} }}"
    assert ask(send, id=number)["data"]["sendPriceLink"]["id"] == number
    assert ask(send, id=number)["data"]["sendPriceLink"]["code"] == "link_sent_lately"
    remove = "mutation($id: UUID!) { removePersonPrice(id: $id) { ... on Removed { id } ... on Problem { code } } }"
    assert ask(remove, id=number)["data"]["removePersonPrice"] == {"id": number}
    assert ask(remove, id=number)["data"]["removePersonPrice"] == {"code": "price_removed"}
    assert ask("query($id: UUID!) { personPrice(id: $id) { id } }", id=number)["errors"][0]["message"] == "not_found"


def test_places_of_others_are_not_found(ask: Ask, people: People) -> None:
    other = make.account(name="Fremde AG")
    theirs = make.station(property=make.property(master=other), owner=other.owner)
    refused = ask(ADD, where="STATION", id=str(theirs.id), whom={"email": "a@b.ch"}, price={"energyPrice": "1"})
    assert refused["data"]["addPersonPrice"]["code"] == "not_found"
