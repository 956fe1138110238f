"""Every read of closing: what it would do, how far it is, the copies, and what they contain."""

from closures.queries.closing import (
    ExportLetter,
    Letter,
    closure,
    closure_letter,
    due_closures,
    due_erasures,
    due_exports,
    export_letter,
    export_of_link,
    exports,
    preview,
)
from closures.queries.contents import TABLES, Table, documents, people, stretch

__all__ = [
    "TABLES",
    "ExportLetter",
    "Letter",
    "Table",
    "closure",
    "closure_letter",
    "documents",
    "due_closures",
    "due_erasures",
    "due_exports",
    "export_letter",
    "export_of_link",
    "exports",
    "people",
    "preview",
    "stretch",
]
