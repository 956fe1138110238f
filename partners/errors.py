"""The refusals of this room."""

from kit.errors import Conflict


class PartnerAlready(Conflict):
    """This account is a partner already."""

    code = "partner_already"


class NotTrained(Conflict):
    """Only partners whose training counts are invited."""

    code = "not_trained"
