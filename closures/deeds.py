"""What the doors of this room do, in words; by the names of the doors."""

from kit.i18n import lazy_ as word

DEEDS: dict[str, str] = {
    "begin_export": word("Copy of the account begun"),
    "close_account": word("Account closed"),
    "erase_kept": word("What was kept by law erased"),
    "export_failed": word("Copy of the account failed"),
    "export_written": word("Copy of the account written"),
    "forget_export": word("Copy of the account removed"),
    "hand_out": word("Documents of the closed account handed out"),
    "request_closure": word("Closing of the account asked for"),
    "request_export": word("Copy of the account asked for"),
    "undo_closure": word("Closing of the account undone"),
    "withdraw_hand_out": word("Link to documents of the closed account withdrawn"),
}
