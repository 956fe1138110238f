"""Receipts and credit notes: what they say, that they are issued once, and who may read them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from accounts.access import ANYONE, SYSTEM, Actor, ActorKind
from accounts.models import Account
from accounts.rights import Role
from accounts.use_cases import update_account
from accounts.values import AccountId
from billing import use_cases
from billing.models import Charge, Document
from billing.queries import documents_of_payment, receipt_document, receipts
from billing.use_cases import issue_credit_note, issue_receipt, price_session, record_rendering
from billing.values import DocumentKind, PaymentState
from charging.values import SessionState
from kit import clock, db, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.events import OutboxRow
from kit.ids import new_id
from stations.queries import connector_card
from stations.values import ConnectorId
from tests import scene
from tests.billing.rows import (
    add_account,
    add_operator,
    add_payment,
    add_session,
    agreed_terms,
    sell,
)
from tests.billing.shop import open_shop, payment_of

pytestmark = pytest.mark.usefixtures("database")

ISSUED = datetime(2026, 11, 23, 19, 22, 1, tzinfo=UTC)


def count(what: Any) -> int:
    with db.transaction(writing=False) as unit:
        return unit.session.scalar(select(func.count()).select_from(what)) or 0


def test_a_receipt_says_everything_that_was_agreed_used_and_paid() -> None:
    operator = add_operator()
    payment_id = sell(operator)
    with clock.moved_to(ISSUED):
        document = issue_receipt(SYSTEM, payment_id)
    said = document.snapshot
    assert said["seller"] == {
        "name": "Immobilien Muster AG",
        "street": "Lindenstrasse 12",
        "postcode": "8005",
        "city": "Zürich",
        "country": "CH",
        "uid": "CHE-116.281.710 MWST",
        "email": "laden@muster.example",
        "phone": "+41 44 000 00 00",
    }
    assert (said["number"], said["language"], said["time_zone"], said["brand"]) == (
        "R-000001",
        "de",
        "Europe/Zurich",
        "Ladenetz",
    )
    assert said["session"]["meter_start_wh"] == 1_204_611
    assert said["session"]["meter_stop_wh"] == 1_228_067
    assert said["session"]["energy_wh"] == 23_456
    assert said["session"]["started_at"] == "2026-11-23T17:21:08+00:00"
    assert said["lines"] == [
        {"kind": "energy", "quantity": 23_456, "unit_price": "0.45", "amount_minor": 1_056},
        {"kind": "time", "quantity": 7_205, "unit_price": "0.02", "amount_minor": 240},
        {"kind": "session", "quantity": 1, "unit_price": "1.00", "amount_minor": 100},
    ]
    assert (said["net_minor"], said["vat_minor"], said["gross_minor"], said["vat_percent"]) == (
        1_291,
        105,
        1_396,
        "8.1",
    )
    assert said["payment"]["held_minor"] == 6_000
    assert (said["payment"]["captured_minor"], said["payment"]["released_minor"]) == (1_396, 4_604)
    assert (said["payment"]["card"], said["place"]["connector"]) == ("Visa •••• 4242", "Platz 17")
    assert (document.gross_minor, document.currency) == (1_396, "CHF")
    assert document.issued_at == datetime.fromisoformat(said["issued_at"])
    assert timedelta(0) <= document.issued_at - ISSUED < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("language", "uid"),
    [("fr", "CHE-116.281.710 TVA"), ("it", "CHE-116.281.710 IVA"), ("en", "CHE-116.281.710 MWST")],
)
def test_the_tax_number_speaks_the_drivers_language(language: str, uid: str) -> None:
    document = issue_receipt(SYSTEM, sell(add_operator(), language=language))
    assert document.snapshot["seller"]["uid"] == uid


def test_who_is_not_registered_shows_neither_tax_nor_number() -> None:
    operator = add_operator(vat_registered=False)
    said = issue_receipt(SYSTEM, sell(operator, terms=agreed_terms(vat_percent=None))).snapshot
    assert (said["seller"]["uid"], said["vat_percent"], said["vat_minor"]) == (None, None, 0)
    assert said["net_minor"] == said["gross_minor"] == 1_396


def test_a_receipt_is_issued_once_and_announced_once() -> None:
    payment_id = sell(add_operator())
    first, second = issue_receipt(SYSTEM, payment_id), issue_receipt(SYSTEM, payment_id)
    assert first.id == second.id
    with db.transaction(writing=False) as unit:
        [announced] = unit.session.scalars(select(OutboxRow).where(OutboxRow.kind == "DocumentIssued"))
    assert announced.payload == {"document_id": str(first.id), "payment_id": str(payment_id)}


def test_properties_of_one_legal_person_share_its_numbers() -> None:
    master_id = add_account(name="Muster")
    first, second = add_operator(parent_id=master_id), add_operator(parent_id=master_id)
    unnamed = add_operator(parent_id=master_id, legal_name="", uid="")
    other = add_operator(parent_id=master_id, legal_name="Stockwerkeigentümer Lindenhof", uid="")
    numbers = [issue_receipt(SYSTEM, sell(each)).snapshot["number"] for each in (first, second, unnamed, other, first)]
    assert numbers == ["R-000001", "R-000002", "R-000003", "R-000001", "R-000004"]


def test_a_seller_who_changes_his_name_goes_on_counting_and_never_uses_a_number_twice() -> None:
    shop = open_shop()
    assert shop.account.parent_id is not None
    master_id, property_id = AccountId(shop.account.parent_id), AccountId(shop.account.id)
    boss = scene.somebody(Role.OWNER, scene.row(Account, master_id))
    for each in (property_id, master_id):
        update_account(boss, each, legal_name="Muster AG", uid="CHE-116.281.710", vat_registered=True)
    sold = [shop.charge(), shop.charge()]
    for whose, name in ((property_id, "Haus AG"), (master_id, "Holding AG"), (property_id, "Muster AG")):
        update_account(boss, whose, legal_name=name)
        sold.append(shop.charge())
    assert {payment_of(each).state for each in sold} == {PaymentState.CAPTURED}
    receipts = scene.rows(Document, Document.kind == DocumentKind.RECEIPT)
    assert [(row.snapshot["seller"]["name"], row.number, row.series_account_id) for row in receipts] == [
        ("Muster AG", 1, master_id),
        ("Muster AG", 2, master_id),
        ("Haus AG", 1, property_id),
        ("Haus AG", 2, property_id),
        ("Muster AG", 3, property_id),
    ]
    use_cases.refund(boss, sold[0], 100)
    worker.drain()
    (note,) = scene.rows(Document, Document.kind == DocumentKind.CREDIT_NOTE)
    assert (note.snapshot["seller"]["name"], note.number, note.series_account_id) == ("Muster AG", 1, master_id)


def test_a_session_is_priced_once_by_the_terms_that_were_agreed() -> None:
    operator = add_operator()
    session_id = add_session(operator)
    charge = price_session(SYSTEM, session_id, agreed_terms())
    again = price_session(SYSTEM, session_id, agreed_terms(energy_price=Decimal(9)))
    assert (again.id, again.gross_minor, count(Charge)) == (charge.id, 1_396, 1)


def test_a_paid_session_never_costs_more_than_was_reserved() -> None:
    operator = add_operator()
    said = issue_receipt(SYSTEM, sell(operator, energy_wh=200_000)).snapshot
    assert (said["gross_minor"], said["payment"]["released_minor"]) == (6_000, 0)
    assert said["lines"][-1] == {"kind": "limit", "quantity": 1, "unit_price": None, "amount_minor": -3_340}


def test_a_session_that_runs_or_does_not_exist_has_no_price() -> None:
    running = add_session(add_operator(), state=SessionState.ACTIVE, ended_at=None)
    with pytest.raises(Conflict, match="session_active"):
        price_session(SYSTEM, running, agreed_terms())
    with pytest.raises(NotFound):
        price_session(SYSTEM, new_id(), agreed_terms())
    assert count(Charge) == 0


def test_nothing_is_issued_before_the_money_was_taken() -> None:
    operator = add_operator()
    payment_id = add_payment(operator, agreed_terms())
    with pytest.raises(Conflict, match="not_priced"):
        issue_receipt(SYSTEM, payment_id)
    price_session(SYSTEM, add_session(operator), agreed_terms(), payment_id)
    with pytest.raises(Conflict, match="not_captured"):
        issue_receipt(SYSTEM, payment_id)
    with pytest.raises(NotFound):
        issue_receipt(SYSTEM, new_id())
    assert issue_receipt(SYSTEM, sell(operator)).snapshot["number"] == "R-000001"


def test_a_full_credit_mirrors_its_receipt() -> None:
    payment_id = sell(add_operator())
    receipt = issue_receipt(SYSTEM, payment_id)
    note = issue_credit_note(SYSTEM, payment_id, 1_396, business_key="refund:1")
    said = note.snapshot
    assert (said["number"], said["corrects"]["number"], note.corrects_id) == ("C-000001", "R-000001", receipt.id)
    assert (said["net_minor"], said["vat_minor"], said["gross_minor"]) == (-1_291, -105, -1_396)
    assert [line["amount_minor"] for line in said["lines"]] == [-1_056, -240, -100]
    assert receipt.snapshot["gross_minor"] == 1_396


def test_partial_credits_take_the_rate_of_the_receipt_and_mirror_it_together() -> None:
    terms = agreed_terms(time_price=Decimal(0), session_fee=Decimal(0))
    payment_id = sell(add_operator(), terms=terms)
    issue_receipt(SYSTEM, payment_id)
    notes = [
        issue_credit_note(SYSTEM, payment_id, amount, business_key=str(number)).snapshot
        for number, amount in enumerate((500, 33, 523))
    ]
    assert [(n["net_minor"], n["vat_minor"], n["gross_minor"]) for n in notes] == [
        (-463, -37, -500),
        (-30, -3, -33),
        (-484, -39, -523),
    ]
    assert sum(n["vat_minor"] for n in notes) == -79
    assert notes[0]["lines"] == [{"kind": "refund", "quantity": 1, "unit_price": None, "amount_minor": -500}]


def test_no_more_is_credited_than_was_paid_and_the_same_refund_once() -> None:
    payment_id = sell(add_operator())
    with pytest.raises(Conflict, match="no_receipt"):
        issue_credit_note(SYSTEM, payment_id, 100, business_key="a")
    issue_receipt(SYSTEM, payment_id)
    first = issue_credit_note(SYSTEM, payment_id, 1_000, business_key="a")
    assert issue_credit_note(SYSTEM, payment_id, 1_000, business_key="a").id == first.id
    for amount, code in ((397, "too_high"), (0, "not_positive"), (-5, "not_positive")):
        with pytest.raises(Invalid) as refused:
            issue_credit_note(SYSTEM, payment_id, amount, business_key="b")
        assert refused.value.fields == {"amount": code}
    assert count(Document) == 2
    assert issue_credit_note(SYSTEM, payment_id, 396, business_key="b").snapshot["number"] == "C-000002"


def test_the_first_rendering_is_recorded_and_no_other() -> None:
    document = issue_receipt(SYSTEM, sell(add_operator()))
    assert record_rendering(SYSTEM, document.id, "a" * 64, {"weasyprint": "70.0"})
    assert not record_rendering(SYSTEM, document.id, "b" * 64, {"weasyprint": "71.0"})
    kept = receipt_document(SYSTEM, document.id)
    assert (kept.sha256, kept.versions) == ("a" * 64, {"weasyprint": "70.0"})


def test_receipts_come_newest_first_and_in_pages() -> None:
    operator, other = add_operator(), add_operator()
    issued = []
    for minute in range(5):
        with clock.moved_to(ISSUED.replace(minute=30 + minute)):
            issued.append(issue_receipt(SYSTEM, sell(operator)).id)
    issue_receipt(SYSTEM, sell(other))
    owner = operator.actor(Role.OWNER)
    first = [each.id for each in receipts(owner, limit=2)]
    second = [each.id for each in receipts(owner, operator.account_id, before=first[-1], limit=2)]
    third = [each.id for each in receipts(owner, before=second[-1], limit=2)]
    assert first + second + third == issued[::-1]
    assert [each.id for each in receipts(SYSTEM, operator.account_id)] == issued[::-1]
    assert len(receipts(SYSTEM)) == 6


def test_only_operator_and_payer_read_a_receipt() -> None:
    operator, other = add_operator(), add_operator()
    payment_id, foreign = sell(operator), sell(other)
    document, foreign_document = issue_receipt(SYSTEM, payment_id), issue_receipt(SYSTEM, foreign)
    payer = Actor.payer(payment_id)
    for reader in (operator.actor(Role.ACCOUNTANT), payer, SYSTEM):
        assert receipt_document(reader, document.id).id == document.id
    assert [each.id for each in documents_of_payment(payer, payment_id)] == [document.id]
    for reader in (other.actor(Role.OWNER), Actor.payer(foreign), ANYONE, Actor.station(operator.station_id)):
        with pytest.raises(NotFound):
            receipt_document(reader, document.id)
    with pytest.raises(Forbidden):
        receipt_document(operator.actor(Role.TECHNICIAN), document.id)
    with pytest.raises(NotFound):
        receipt_document(payer, foreign_document.id)
    with pytest.raises(NotFound):
        documents_of_payment(payer, foreign)
    with pytest.raises(Forbidden):
        receipts(operator.actor(Role.VIEWER), operator.account_id)
    with pytest.raises(NotFound):
        receipts(other.actor(Role.OWNER), operator.account_id)
    assert receipts(operator.actor(Role.VIEWER)) == []


@pytest.mark.parametrize("kind", [ActorKind.USER, ActorKind.ANYONE, ActorKind.PAYER])
def test_only_the_program_itself_issues_documents(kind: ActorKind) -> None:
    operator = add_operator()
    payment_id = sell(operator)
    actor = Actor(kind, payment_id, {operator.account_id: frozenset({Role.OWNER})})
    deeds = (
        lambda: issue_receipt(actor, payment_id),
        lambda: issue_credit_note(actor, payment_id, 1, business_key="x"),
        lambda: record_rendering(actor, UUID(int=1), "", {}),
        lambda: price_session(actor, UUID(int=1), agreed_terms()),
    )
    for deed in deeds:
        with pytest.raises(Forbidden):
            deed()
    assert count(select(Document.id).where(Document.kind == DocumentKind.RECEIPT).subquery()) == 0


def test_the_price_page_names_the_seller_of_the_receipt() -> None:
    master_id = add_account(name="Muster")
    operator = add_operator(parent_id=master_id, name="Lindenhof", legal_name="", street="", contact_email="")
    card = connector_card(ANYONE, ConnectorId(operator.connector_id))
    said = issue_receipt(SYSTEM, sell(operator)).snapshot["seller"]
    assert card is not None
    assert (card.seller_name, card.seller_street, card.contact_phone) == (said["name"], said["street"], said["phone"])
    assert (said["name"], said["street"]) == ("Immobilien Muster AG", "Lindenstrasse 12")
