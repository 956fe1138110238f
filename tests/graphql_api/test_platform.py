"""The platform's staff by GraphQL: what its bank told, its certificates, the console. Nobody else finds any of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from accounts.access import SYSTEM
from accounts.models import Account
from accounts.use_cases import make_staff
from accounts.values import AccountId
from announcements.use_cases import write_announcement
from announcements.values import Draft
from billing.use_cases import request_legal_change
from kit import clock
from stations.use_cases import create_authority
from tests import make
from tests.graphql_api.callers import Browser, Program
from tests.licensing.shop import open_shop
from tests.licensing.test_bank import Part, entry, message
from tests.people import People


def _staff(client: FlaskClient) -> Browser:
    make_staff(SYSTEM, email=make.login(email="stefan@example.org").email)
    return Browser(client.application, "stefan@example.org")


def test_staff_reads_what_the_bank_told_and_settles_an_invoice(client: FlaskClient, alice: Program) -> None:
    staff, shop = _staff(client), open_shop()
    owner = Browser(client.application, shop.master.login.email)
    owner.does("subscribe", accountId=shop.id, interval="MONTH", stationIds=shop.station_ids)
    (invoice,) = shop.invoices()
    (told,) = owner.asks("platformInvoicesConnection", "nodes { number }", accountId=shop.id)["nodes"]
    amount = f"{invoice.gross_minor // 100}.{invoice.gross_minor % 100:02}"
    file = message(entry(amount, Part(amount, text="Rechnung")), entry("5.00", Part("5.00"), ref="E2")).decode()
    assert alice.refused("readBankFile", content=file) == "not_found"
    read = staff.does("readBankFile", "settled doubtful known", content=file)
    assert read == {"settled": 0, "doubtful": 2, "known": 0}
    waiting = staff.asks("bankBookings", "nodes { id amountMinor }")["nodes"]
    numbers = {one["amountMinor"]: one["id"] for one in waiting}
    foreign: dict[str, dict[str, Any]] = {
        "bankBookings": {},
        "settleWithBooking": {"id": numbers[invoice.gross_minor], "number": told["number"]},
        "putBookingAway": {"id": numbers[500], "note": "Spende"},
    }
    assert {alice.refused(field, **given) for field, given in foreign.items()} == {"not_found"}
    staff.does("settleWithBooking", **foreign["settleWithBooking"])
    staff.does("putBookingAway", **foreign["putBookingAway"])
    assert staff.asks("bankBookings", "nodes { id }")["nodes"] == []
    assert shop.invoices()[0].paid_at is not None


def test_staff_renews_the_authority(client: FlaskClient, alice: Program) -> None:
    staff = _staff(client)
    create_authority(SYSTEM)
    before = staff.asks("authorityCertificates", "id")
    assert alice.refused("authorityCertificates") == alice.refused("renewAuthority") == "not_found"
    made = staff.does("renewAuthority", "id")
    after = staff.asks("authorityCertificates", "id")
    assert made in after
    assert len(after) == len(before) + 1


def test_staff_looks_after_accounts(client: FlaskClient, alice: Program, people: People) -> None:
    staff = _staff(client)
    home: dict[str, Any] = {"accountId": people.home.id}
    given: dict[str, dict[str, Any]] = {
        "suspendTenant": home,
        "resumeTenant": home,
        "reviewTenant": home,
        "setPlatformFee": home | {"percent": "1.5"},
        "setFlag": {"name": "own_import", "percent": 0, "accountIds": [people.home.id]},
    }
    silent = [*given, "tenants", "flags", "allAnnouncements", "legalChanges"]
    assert {alice.refused(field, **given.get(field, {})) for field in silent} == {"not_found"}
    assert staff.does("suspendTenant", "suspendedAt", **home)["suspendedAt"] is not None
    assert staff.does("resumeTenant", "suspendedAt", **home) == {"suspendedAt": None}
    staff.does("reviewTenant", **home)
    staff.does("setPlatformFee", **given["setPlatformFee"])
    assert staff.refused("setPlatformFee", **home, percent="100") == "invalid percent=out_of_range"
    (found,) = staff.asks("tenants", "nodes { id platformFeePercent reviewedAt }", search="Haus am See")["nodes"]
    assert (found["id"], float(found["platformFeePercent"])) == (str(people.home.id), 1.5)
    assert found["reviewedAt"] is not None
    staff.does("setFlag", **given["setFlag"])
    assert staff.asks("flags", "name percent accountIds") == [
        {"name": "own_import", "percent": 0, "accountIds": [str(people.home.id)]}
    ]
    assert alice.asks("functionsOn", **home) == ["own_import"]


def test_staff_ends_an_announcement(client: FlaskClient, alice: Program, people: People) -> None:
    staff, now = _staff(client), clock.now()
    draft = Draft({"de": "Wartung am Sonntag"}, now - timedelta(hours=1), now + timedelta(days=1))
    number = write_announcement(replace(SYSTEM, staff=True), draft).id
    assert alice.refused("endAnnouncement", id=number) == "not_found"
    assert [one["id"] for one in alice.asks("announcements", "id", accountId=people.home.id)] == [str(number)]
    staff.does("endAnnouncement", id=number)
    assert alice.asks("announcements", "id", accountId=people.home.id) == []
    (told,) = staff.asks("allAnnouncements", "nodes { audience announcement { id } }")["nodes"]
    assert told == {"audience": "ALL", "announcement": {"id": str(number)}}


def test_staff_decides_who_becomes_a_company(client: FlaskClient, alice: Program, people: People) -> None:
    staff = _staff(client)
    make.legal_data(account_id=people.home.id)
    row = make.row(Account, people.home.id)
    facts: Any = {one: getattr(row, one) for one in ("legal_name", "street", "postcode", "city", "country")}
    for field, given, state in (
        ("declineLegalChange", {"answer": "Der Auszug fehlt"}, "DECLINED"),
        ("approveLegalChange", {}, "APPROVED"),
    ):
        request_legal_change(
            SYSTEM, AccountId(people.home.id), reason="Neu eine AG", **facts, uid="", vat_registered=False
        )
        (waits,) = staff.asks("legalChanges", "nodes { id reason }")["nodes"]
        assert alice.refused(field, id=waits["id"], **given) == "not_found"
        assert staff.does(field, "state", id=waits["id"], **given) == {"state": state}
        assert alice.asks("verification", "changes { state }", accountId=people.home.id)["changes"][0]["state"] == state
    assert staff.asks("legalChanges", "nodes { id }")["nodes"] == []
