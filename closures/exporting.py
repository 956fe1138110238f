"""A copy of an account as a ZIP file: every table as CSV and as JSON lines, every document as PDF, and who did what.

It is written aside and only then kept, part by part; no transaction is open while a document is drawn.
"""

import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
import structlog

from accounts.access import SYSTEM
from accounts.audit_export import exported_lines, json_line
from accounts.queries import AuditFilter
from accounts.values import AccountId
from billing.documents import document_pdf
from billing.models import Document
from closures import queries
from closures.queries import TABLES, Table
from closures.use_cases import export_failed, export_written, note_export_part
from closures.values import ExportId
from kit import files
from kit.i18n import _, speaking
from kit.spreadsheets import MARK, csv_text
from licensing.documents import invoice_pdf
from licensing.models import Invoice
from licensing.values import InvoiceId

log = structlog.get_logger()
LARGEST = 20 * 1024**3
TOLD_EVERY = 20  # documents


@dataclass
class _Progress:
    """How far a copy is; told from time to time, which also says that somebody is at it."""

    export_id: ExportId
    parts: int
    done: int = field(default=0)

    def step(self, *, tell: bool = True) -> None:
        """One part more."""
        self.done += 1
        if tell or self.done % TOLD_EVERY == 0:
            note_export_part(SYSTEM, self.export_id, done=self.done, parts=self.parts)


def write(export_id: ExportId) -> None:
    """Write the copy, and say what became of it. It is harmless when done twice: the second file counts."""
    letter = queries.export_letter(SYSTEM, export_id)
    account_id = AccountId(letter.row.account_id)
    try:
        with tempfile.TemporaryFile() as aside:
            with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
                with speaking(letter.account.language, letter.account.time_zone):
                    archive.writestr("README.txt", _read_me(letter.account.name))
                _fill(archive, export_id, account_id)
            aside.seek(0)
            kept = files.receive(aside, most=LARGEST)
        export_written(SYSTEM, export_id, kept)
    except Exception:
        log.exception("closures.export_failed", export_id=str(export_id))
        export_failed(SYSTEM, export_id)


def _fill(archive: zipfile.ZipFile, export_id: ExportId, account_id: AccountId) -> None:
    receipts = queries.documents(SYSTEM, Document, account_id)
    invoices = queries.documents(SYSTEM, Invoice, account_id)
    progress = _Progress(export_id, len(TABLES) + 2 + len(receipts) + len(invoices))
    for table in TABLES:
        _write_table(archive, table, account_id)
        progress.step()
    _write_rows(archive, "people", lambda: [queries.people(SYSTEM, account_id)])
    progress.step()
    lines = exported_lines(SYSTEM, AuditFilter(account_id))
    _write_texts(archive, "activity.jsonl", ("".join(map(json_line, rows)) for rows in lines))
    progress.step()
    for document_id in receipts:
        pdf = document_pdf(SYSTEM, document_id)
        write_pdf(archive, "documents", document_id, pdf.name, pdf.content)
        progress.step(tell=False)
    for invoice_id in invoices:
        bill = invoice_pdf(SYSTEM, InvoiceId(invoice_id))
        write_pdf(archive, "invoices", invoice_id, bill.name, bill.content)
        progress.step(tell=False)


def _write_table(archive: zipfile.ZipFile, table: Table, account_id: UUID) -> None:
    _write_rows(archive, table.name, lambda: table.rows(account_id), table.head)


def _write_rows(
    archive: zipfile.ZipFile,
    name: str,
    rows: Callable[[], Iterable[list[dict[str, Any]]]],
    head: tuple[str, ...] = ("id", "name", "email", "role", "granted_at", "ends_at", "revoked_at"),
) -> None:
    """Read twice and never whole: a table may have millions of rows."""

    def as_csv() -> Iterator[str]:
        yield MARK + csv_text([head])
        for some in rows():
            yield csv_text([[_cell(row[one]) for one in head] for row in some])

    def as_lines() -> Iterator[str]:
        for some in rows():
            yield "".join(orjson.dumps(row, default=str, option=orjson.OPT_APPEND_NEWLINE).decode() for row in some)

    _write_texts(archive, f"{name}.csv", as_csv())
    _write_texts(archive, f"{name}.jsonl", as_lines())


def _write_texts(archive: zipfile.ZipFile, name: str, texts: Iterable[str]) -> None:
    with archive.open(name, "w", force_zip64=True) as file:
        for text in texts:
            file.write(text.encode())


def write_pdf(archive: zipfile.ZipFile, folder: str, row_id: UUID, name: str, content: bytes) -> None:
    """Put a document into the file."""
    path = f"{folder}/{name}"
    if path in archive.NameToInfo:  # two series can give out the same number
        path = f"{folder}/{row_id.hex[-8:]}-{name}"
    archive.writestr(path, content, zipfile.ZIP_STORED)


def _cell(value: Any) -> object:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, Enum):
        return value.value
    return orjson.dumps(value, default=str).decode() if isinstance(value, dict | list) else value


def _read_me(account: str) -> str:
    return _(
        "A copy of everything in the account %(account)s.\n\nEvery table is here twice: as .csv for spreadsheets, as "
        ".jsonl for programs. Amounts are in the smallest unit of their currency, energy in watt hours, instants in "
        "UTC. documents: receipts and credit notes. invoices: those of the platform. activity.jsonl: who did what.\n",
        account=account,
    )
