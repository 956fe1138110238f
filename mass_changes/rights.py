"""Which right a change needs."""

from accounts.rights import Right
from mass_changes.values import Subject

NEEDED: dict[Subject, Right] = {
    Subject.PRICES: Right.MANAGE_TARIFFS,
    Subject.OPENING_HOURS: Right.MANAGE_STATIONS,
    Subject.VAT: Right.MANAGE_TARIFFS,
}
