"""PDFs of documents: the same bytes from the same snapshot, and every word that must be on them."""

import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from accounts.access import SYSTEM, Actor
from billing.documents import document_pdf, render_html, render_pdf, versions
from billing.queries import receipt_document
from billing.use_cases import issue_credit_note, issue_receipt
from kit.errors import NotFound
from kit.i18n import LANGUAGES
from tests.billing.rows import add_operator, agreed_terms, sell

ROOT = Path(__file__).parent.parent.parent

SNAPSHOT: dict[str, Any] = {
    "version": 1,
    "kind": "receipt",
    "number": "R-000123",
    "issued_at": "2026-10-25T01:31:00+00:00",
    "corrects": None,
    "language": "en",
    "time_zone": "Europe/Zurich",
    "currency": "CHF",
    "brand": "Ladenetz",
    "seller": {
        "name": "Coopérative <Les Tilleuls> & Cie",
        "street": "Rue du Lac 1",
        "postcode": "1003",
        "city": "Lausanne",
        "country": "CH",
        "uid": "CHE-116.281.710 TVA",
        "email": "bornes@tilleuls.example",
        "phone": "+41 21 000 00 00",
    },
    "place": {
        "station": "Parking Nord",
        "connector": "",
        "connector_number": 2,
        "code": "4711023",
        "street": "Rue du Lac 3",
        "postcode": "1003",
        "city": "Lausanne",
    },
    "session": {
        "id": "01",
        "transaction_id": 7,
        "started_at": "2026-10-25T00:30:08+00:00",
        "ended_at": "2026-10-25T01:30:13+00:00",
        "meter_start_wh": 1_204_611,
        "meter_stop_wh": 1_228_067,
        "energy_wh": 23_456,
        "estimated": True,
        "offline": True,
    },
    "tariff_id": "01",
    "lines": [
        {"kind": "energy", "quantity": 23_456, "unit_price": "0.45", "amount_minor": 1_056},
        {"kind": "time", "quantity": 3_605, "unit_price": "0.0205", "amount_minor": 123},
        {"kind": "session", "quantity": 1, "unit_price": "1.00", "amount_minor": 100},
        {"kind": "limit", "quantity": 1, "unit_price": None, "amount_minor": -79},
    ],
    "net_minor": 1_110,
    "vat_minor": 90,
    "gross_minor": 1_200,
    "vat_percent": "8.1",
    "payment": {
        "card": "Visa •••• 4242",
        "held_minor": 1_200,
        "captured_minor": 1_200,
        "released_minor": 0,
        "provider": "sandbox",
        "provider_ref": "pi_3Q8xY2",
    },
}

FRESH_PROCESS = """
import hashlib, json, sys
from billing.documents import render_pdf
print(hashlib.sha256(render_pdf(json.load(sys.stdin))).hexdigest())
"""


def words(content: bytes) -> str:
    """The text of a PDF, runs of blanks as one."""
    reader = PdfReader(io.BytesIO(content))
    assert len(reader.pages) == 1
    return re.sub(r"\s+", " ", reader.pages[0].extract_text())


def in_a_fresh_process(snapshot: dict[str, Any]) -> str:
    """The digest of the PDF, drawn by a program that was started for it alone."""
    run = subprocess.run(
        [sys.executable, "-c", FRESH_PROCESS],
        input=json.dumps(snapshot),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


def test_two_fresh_processes_draw_the_same_bytes_as_this_one() -> None:
    here = hashlib.sha256(render_pdf(SNAPSHOT)).hexdigest()
    assert [in_a_fresh_process(SNAPSHOT), in_a_fresh_process(SNAPSHOT)] == [here, here]
    assert hashlib.sha256(render_pdf({**SNAPSHOT, "number": "R-000124"})).hexdigest() != here


def test_a_receipt_shows_all_that_it_must() -> None:
    shown = words(render_pdf(SNAPSHOT))
    for each in (
        "Coopérative <Les Tilleuls> & Cie",
        "Rue du Lac 1",
        "CH-1003 Lausanne",
        "CHE-116.281.710 TVA",
        "Receipt",
        "R-000123",
        "25 October 2026",
        "Parking Nord",
        "Connector 2",
        "No. 4711023",
        "1’204.611 kWh",
        "1’228.067 kWh",
        "23.456 kWh",
        "CHF 0.45 per kWh",
        "60:05 min",
        "CHF 0.0205 per minute",
        "CHF 10.56",
        "Beyond the reserved amount, not charged CHF −0.79",
        "Total, VAT included CHF 12.00",
        "of which VAT at 8.1 % CHF 0.90",
        "Net amount CHF 11.10",
        "Visa •••• 4242",
        "Reserved before the session CHF 12.00",
        "Released again CHF 0.00",
        "pi_3Q8xY2",
        "The final meter reading is estimated",
        "The charger was offline",
        "Sold by Coopérative <Les Tilleuls> & Cie. Issued on behalf of the seller through Ladenetz.",
        "bornes@tilleuls.example · +41 21 000 00 00",
    ):
        assert each in shown


def test_a_connector_that_nobody_knows_is_said_in_words() -> None:
    page = render_html(SNAPSHOT | {"place": SNAPSHOT["place"] | {"connector_number": 0}})
    assert "Unknown connector" in page
    assert "Connector 0" not in page


def test_a_station_without_a_place_leaves_no_empty_line() -> None:
    nowhere = {"street": "", "postcode": "", "city": ""}
    page = render_html(SNAPSHOT | {"place": SNAPSHOT["place"] | nowhere})
    assert "Parking Nord</strong><br>Connector 2" in re.sub(r"\s*(<[^>]+>)\s*", r"\1", page)


def test_the_doubled_hour_of_autumn_is_told_apart() -> None:
    shown = words(render_pdf(SNAPSHOT))
    assert "02:30:08 UTC+02:00" in shown
    assert "02:30:13 UTC+01:00" in shown


def test_without_registration_no_word_of_tax_is_printed() -> None:
    seller = {**SNAPSHOT["seller"], "uid": None}
    plain = {**SNAPSHOT, "vat_percent": None, "vat_minor": 0, "net_minor": 1_200, "seller": seller}
    shown = words(render_pdf(plain))
    assert "Total CHF 12.00" in shown
    assert not re.search(r"VAT|CHE-|Net amount", shown)


def test_a_credit_note_refers_to_its_receipt() -> None:
    note = {
        **SNAPSHOT,
        "kind": "credit_note",
        "number": "C-000004",
        "corrects": {"number": "R-000123", "issued_at": SNAPSHOT["issued_at"], "gross_minor": 1_200},
        "lines": [{"kind": "refund", "quantity": 1, "unit_price": None, "amount_minor": -500}],
        "gross_minor": -500,
        "vat_minor": -37,
        "net_minor": -463,
        "payment": {**SNAPSHOT["payment"], "held_minor": None, "captured_minor": -500, "released_minor": None},
    }
    shown = words(render_pdf(note))
    assert "Credit note C-000004" in shown
    assert "This credit note belongs to receipt R-000123 of 25 October 2026 over CHF 12.00." in shown
    assert "Total, VAT included CHF −5.00" in shown
    assert "Paid back CHF 5.00" in shown
    assert "Reserved" not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_which_language_it_is_in(language: str) -> None:
    assert f'<html lang="{language}">' in render_html({**SNAPSHOT, "language": language})


@pytest.mark.usefixtures("database")
def test_the_first_drawing_is_kept_as_digest_and_versions() -> None:
    payment_id = sell(add_operator())
    document = issue_receipt(SYSTEM, payment_id)
    file = document_pdf(Actor.payer(payment_id), document.id)
    kept = receipt_document(SYSTEM, document.id)
    assert file.name == "R-000001.pdf"
    assert kept.sha256 == hashlib.sha256(file.content).hexdigest()
    assert kept.versions == versions("de")
    assert set(versions("de")) >= {"weasyprint", "pydyf", "fonttools", "pango", "harfbuzz", "templates"}
    assert document_pdf(SYSTEM, document.id).content == file.content


@pytest.mark.usefixtures("database")
def test_a_stranger_gets_no_pdf_and_records_no_drawing() -> None:
    document = issue_receipt(SYSTEM, sell(add_operator()))
    with pytest.raises(NotFound):
        document_pdf(Actor.payer(document.id), document.id)
    assert receipt_document(SYSTEM, document.id).sha256 is None


@pytest.mark.usefixtures("database")
def test_what_was_issued_can_be_drawn_in_every_language() -> None:
    for language in LANGUAGES:
        payment_id = sell(add_operator(), language=language, terms=agreed_terms())
        receipt = issue_receipt(SYSTEM, payment_id)
        note = issue_credit_note(SYSTEM, payment_id, 1_396, business_key="all")
        assert "CHF 13.96" in words(document_pdf(SYSTEM, receipt.id).content)
        assert "CHF −13.96" in words(document_pdf(SYSTEM, note.id).content)
