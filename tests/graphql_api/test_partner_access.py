"""A partner's access by GraphQL: offered, accepted, used, given back; only people sign a report."""

from datetime import timedelta

from kit import clock
from tests import make
from tests.graphql_api.callers import Browser, Program
from tests.people import People


def test_a_partner_puts_a_station_into_service(alice: Program, charlie: Program, people: People) -> None:
    garage = make.station(property=people.home, owner=people.alice)
    company = make.account(name="Muster Elektro AG")
    partner = make.partner(account=company.account)
    at_company = Browser(alice.client.application, company.login.email)
    offer = {
        "accountId": people.home.id,
        "partnerId": partner.id,
        "stationIds": [garage.id],
        "endsAt": clock.now() + timedelta(days=14),
    }
    assert charlie.refused("invitePartner", **offer) == "not_found"
    (first,) = alice.does("invitePartner", "ids", **offer)["ids"]
    assert charlie.refused("declinePartnerAssignment", id=first) == "not_found"
    at_company.does("declinePartnerAssignment", id=first)
    (second,) = alice.does("invitePartner", "ids", **offer, note="Bitte bis Freitag")["ids"]
    assert at_company.refused("commissioning", stationId=garage.id) == "not_found"
    assert alice.refused("acceptPartnerAssignment", id=second) == "not_found"
    at_company.does("acceptPartnerAssignment", id=second)
    assert at_company.refused("signCommissioningReport", stationId=garage.id) == "invalid remarks=required"
    signed = at_company.does("signCommissioningReport", "id passed", stationId=garage.id, remarks="Zähler fehlt")
    assert signed["passed"] is False
    own = at_company.asks("ownCommissioningReportsConnection", "nodes { id }", accountId=company.id)
    assert own["nodes"] == [{"id": signed["id"]}]
    assert charlie.refused("commissioningReport", id=signed["id"]) == "not_found"
    alice.does("endPartnerAssignment", id=second)
    assert at_company.refused("commissioning", stationId=garage.id) == "not_found"
    told = alice.asks("partnerAssignmentsConnection", "nodes { id state note }", accountId=people.home.id)["nodes"]
    assert {one["id"]: one["note"] for one in told} == {first: "", second: "Bitte bis Freitag"}
    assert "ACTIVE" not in {one["state"] for one in told}
