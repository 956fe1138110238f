"""What imports refuse."""

from kit.errors import Conflict


class ImportOver(Conflict):
    """The import was carried out or undone already, or runs."""

    code = "import_over"


class ImportUsed(Conflict):
    """Something of the import is used by now: `row` says which."""

    code = "import_used"
