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
from closures.queries.kept import (
    KeptDocument,
    closed_account,
    closed_accounts,
    hand_out_of_link,
    hand_outs,
    kept_documents,
)

__all__ = [
    "TABLES",
    "ExportLetter",
    "KeptDocument",
    "Letter",
    "Table",
    "closed_account",
    "closed_accounts",
    "closure",
    "closure_letter",
    "documents",
    "due_closures",
    "due_erasures",
    "due_exports",
    "export_letter",
    "export_of_link",
    "exports",
    "hand_out_of_link",
    "hand_outs",
    "kept_documents",
    "people",
    "preview",
    "stretch",
]
