"""The refusals of this room."""

from kit.errors import Conflict, Invalid, Unavailable


class SmartMeSilent(Unavailable):
    """smart-me does not answer."""

    code = "smart_me_silent"


class SmartMeRefused(Conflict):
    """smart-me did not take what we sent, or answered what nobody understands."""

    code = "smart_me_refused"


class NameTaken(Conflict):
    """smart-me has an account of that name already."""

    code = "smart_me_name_taken"


class LinkedElsewhere(Conflict):
    """That account of smart-me belongs to another account here."""

    code = "smart_me_linked_elsewhere"


class BadSignature(Invalid):
    """Who sent this could not sign it."""

    def __init__(self) -> None:
        super().__init__(signature="does_not_fit")
