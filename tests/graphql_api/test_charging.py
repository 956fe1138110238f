"""What runs and what was paid by GraphQL: a session is stopped, money goes back, doubts are put away."""

from accounts.rights import ROLE_RIGHTS, Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from tests import make
from tests.billing.shop import open_shop
from tests.graphql_api.callers import Program
from tests.people import People
from tests.talk import Talk


def test_a_session_is_stopped_and_its_doubts_are_put_away(alice: Program, charlie: Program, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    Talk(station.station).start(tag="04FF")
    (session,) = alice.asks("sessions", "nodes { id state }", stationId=station.id)["nodes"]
    assert session["state"] == "ACTIVE"
    stopped = alice.does("stopCharging", "sessionId commandId", sessionId=session["id"])
    command = alice.asks("command", "action stationId", id=stopped["commandId"])
    assert command == {"action": "REMOTE_STOP", "stationId": str(station.id)}
    home = {"accountId": people.home.id}
    assert alice.asks("doubts", "nodes { code }", **home)["nodes"] != []
    foreign = {
        "session": {"id": session["id"]},
        "stopCharging": {"sessionId": session["id"]},
        "command": {"id": stopped["commandId"]},
        "markAllDoubtsLookedAt": home,
    }
    assert {charlie.refused(field, **told) for field, told in foreign.items()} == {"not_found"}
    assert alice.does("markAllDoubtsLookedAt", "count", **home)["count"] > 0
    assert alice.asks("doubts", "nodes { code }", **home)["nodes"] == []


def test_a_part_of_a_payment_goes_back_once(alice: Program, charlie: Program) -> None:
    shop = open_shop()
    payment = shop.charge()
    rights = list(ROLE_RIGHTS[Role.OWNER])
    secret = create_api_token(shop.owner, AccountId(shop.account.id), name="Kasse", rights=rights).secret
    till, back = Program(alice.client, secret), {"paymentId": payment, "amountMinor": 120, "idempotencyKey": "k1"}
    assert charlie.refused("refund", **back) == alice.refused("refund", **back) == "not_found"
    made = till.does("refund", "id amountMinor", **back)
    assert made["amountMinor"] == 120
    assert till.does("refund", "id amountMinor", **back) == made, "the same wish again"
    too_much = back | {"amountMinor": 1_000_000, "idempotencyKey": "k2"}
    assert till.refused("refund", **too_much) != ""
