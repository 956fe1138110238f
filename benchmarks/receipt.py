"""Receipt PDFs: milliseconds a document, drawn one after another by a warm process, and by all of them at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.table import Row
from billing.documents import render_pdf
from kit import pdf

DOCUMENTS = 60
WARM_UP = 5


# a receipt as a driver gets it
SNAPSHOT: dict[str, Any] = {
    "version": 1,
    "kind": "receipt",
    "number": "R-000001",
    "issued_at": "2026-11-23T19:22:01+00:00",
    "corrects": None,
    "language": "de",
    "time_zone": "Europe/Zurich",
    "currency": "CHF",
    "brand": "Charging Platform",
    "seller": {
        "name": "Immobilien Muster AG",
        "street": "Lindenstrasse 12",
        "postcode": "8005",
        "city": "Zürich",
        "country": "CH",
        "uid": "CHE-999.999.996 MWST",
        "email": "laden@muster.example",
        "phone": "+41 44 000 00 00",
    },
    "place": {
        "station": "Tiefgarage A",
        "connector": "Platz 17",
        "connector_number": 1,
        "code": "4711023",
        "street": "Lindenstrasse 14",
        "postcode": "8005",
        "city": "Zürich",
    },
    "session": {
        "id": "1",
        "transaction_id": 1,
        "started_at": "2026-11-23T17:21:08+00:00",
        "ended_at": "2026-11-23T19:21:13+00:00",
        "meter_start_wh": 1_204_611,
        "meter_stop_wh": 1_228_067,
        "energy_wh": 23_456,
        "estimated": False,
        "offline": False,
    },
    "tariff_id": "-",
    "lines": [
        {"kind": "energy", "quantity": 23_456, "unit_price": "0.45", "amount_minor": 1_056},
        {"kind": "time", "quantity": 7_205, "unit_price": "0.02", "amount_minor": 240},
        {"kind": "session", "quantity": 1, "unit_price": "1.00", "amount_minor": 100},
    ],
    "net_minor": 1_291,
    "vat_minor": 105,
    "gross_minor": 1_396,
    "vat_percent": "8.1",
    "payment": {
        "card": "Visa •••• 4242",
        "held_minor": 6_000,
        "captured_minor": 1_396,
        "released_minor": 4_604,
        "provider": "sandbox",
        "provider_ref": "pi_1",
    },
}


def snapshot(number: int) -> dict[str, Any]:
    """A receipt of this number; every number is another document."""
    return {**SNAPSHOT, "number": f"R-{number:06d}"}


def milliseconds(threads: int) -> float:
    """How long a document takes when so many threads ask for one after another."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda number: render_pdf(snapshot(number)), range(WARM_UP * threads)))
        started = time.perf_counter()
        list(pool.map(lambda number: render_pdf(snapshot(number)), range(1_000, 1_000 + DOCUMENTS)))
        return (time.perf_counter() - started) * 1_000 / DOCUMENTS


def run() -> list[Row]:
    """One after another, and as many at once as there are drawing processes."""
    versions = pdf.library_versions()
    remark = f"tagged PDF/A, WeasyPrint {versions['weasyprint']}, Pango {versions['pango']}"
    rows = [
        Row(f"receipt PDF, {threads} at a time", f"{milliseconds(threads):.0f} ms/document", remark)
        for threads in sorted({1, pdf.PROCESSES})
    ]
    pdf.close()
    return rows
