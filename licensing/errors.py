"""The refusals of this room."""

from kit.errors import Conflict


class SubscribedAlready(Conflict):
    """An account has one subscription at a time; stations are added to it."""

    code = "subscribed_already"


class NotSubscribed(Conflict):
    """There is no subscription to change."""

    code = "not_subscribed"


class TrialUsed(Conflict):
    """An account tries a plan once."""

    code = "trial_used"


class Locked(Conflict):
    """An invoice is overdue; nothing is added or changed until it is paid."""

    code = "licence_locked"


class NotForSale(Conflict):
    """The platform sells no licences, or none in this currency."""

    code = "not_for_sale"


class AddressMissing(Conflict):
    """An invoice needs the name and the address of whoever gets it."""

    code = "address_missing"
