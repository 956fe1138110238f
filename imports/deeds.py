"""What the doors of this room do, in words; by the names of the doors."""

from kit.i18n import lazy_ as word

DEEDS: dict[str, str] = {
    "carry_on_import": word("Rows of an import made"),
    "discard_import": word("Preview of an import discarded"),
    "erase_brought": word("Costs of imported sessions erased"),
    "forget_brought": word("Imports of a closed account removed"),
    "forget_previews": word("Old previews of imports removed"),
    "preview_import": word("File for an import looked at"),
    "start_import": word("Import started"),
    "undo_import": word("Import undone"),
}
