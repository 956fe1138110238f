"""What hand-overs refuse."""

from kit.errors import Conflict


class AccountsBelow(Conflict):
    """An account changes hands alone: what stands below it is handed over, or moved, first."""

    code = "accounts_below"


class HandOverOpen(Conflict):
    """One hand-over at a time."""

    code = "hand_over_open"


class InvoicesOpen(Conflict):
    """Invoices of the platform are overdue; the debt would stay behind with nobody to ask."""

    code = "hand_over_debt"


class TooLateToUndo(Conflict):
    """The new owner has agreed, or it is over."""

    code = "hand_over_agreed"


class KnownAlready(Conflict):
    """There is a login with this address already: sign in to agree."""

    code = "known_already"
