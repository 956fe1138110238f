"""What can be wished at all, whatever the connectors are like."""

from kit.errors import Invalid
from mass_changes.values import PARTS, ROUNDINGS, How, Subject, Wish
from stations.opening_hours import judged

MOST_PERCENT = 1_000


def judged_wish(wish: Wish) -> Wish:
    """The wish, where it makes sense. Raises Invalid by the part of the price: unknown, not_a_number, out_of_range;
    `steps` required; `round_to` unknown; and as `opening_hours.judged` does.
    """
    match wish.subject:
        case Subject.PRICES:
            _judge_steps(wish)
        case Subject.OPENING_HOURS if wish.hours is not None:
            judged(wish.hours)
        case Subject.VAT if wish.vat_percent is not None and not 0 <= wish.vat_percent < 100:
            raise Invalid(vat_percent="out_of_range")
    return wish


def _judge_steps(wish: Wish) -> None:
    if not wish.steps:
        raise Invalid(steps="required")
    if wish.round_to not in ROUNDINGS:
        raise Invalid(round_to="unknown")
    for part, step in wish.steps.items():
        if part not in PARTS:
            raise Invalid(steps="unknown")
        if not step.value.is_finite():
            raise Invalid(**{part: "not_a_number"})
        most = MOST_PERCENT if step.how is How.PERCENT else 100
        if not (0 if step.how is How.SET else -100) <= step.value <= most:
            raise Invalid(**{part: "out_of_range"})
