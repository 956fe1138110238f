"""Doors that change something about closing: see the modules."""

from closures.use_cases.closing import close_account, erase_kept
from closures.use_cases.exports import (
    begin_export,
    export_failed,
    export_written,
    forget_export,
    note_export_part,
    request_export,
)
from closures.use_cases.handing_out import hand_out, withdraw_hand_out
from closures.use_cases.wishes import request_closure, undo_closure

__all__ = [
    "begin_export",
    "close_account",
    "erase_kept",
    "export_failed",
    "export_written",
    "forget_export",
    "hand_out",
    "note_export_part",
    "request_closure",
    "request_export",
    "undo_closure",
    "withdraw_hand_out",
]
