"""The platform's staff by GraphQL: what its bank told, and its certificates. Nobody else finds any of it."""

from typing import Any

from flask.testing import FlaskClient

from accounts.access import SYSTEM
from accounts.use_cases import make_staff
from stations.use_cases import create_authority
from tests import make
from tests.graphql_api.callers import Browser, Program
from tests.licensing.shop import open_shop
from tests.licensing.test_bank import Part, entry, message


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
