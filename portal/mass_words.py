"""What a mass change says in words: its wish, a price or hours before and after, and why a connector stays as it is."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from accounts.rights import Right
from kit.i18n import _, percent, price
from kit.i18n import lazy_ as word
from mass_changes.values import PARTS, How, Step, Subject, Wish
from portal.errors import PROBLEMS, problem_words
from portal.hours_words import hours_summary
from portal.labels import field_words, label
from portal.labels.fields import FIELD_PROBLEMS
from stations.opening_hours import OpeningHours

PART_WORDS = {
    "energy_price": word("Per kWh"),
    "time_price": word("Per minute"),
    "session_fee": word("Per session"),
}
WHY_NOT = {
    "no_price": word("It has no price yet that could change."),
    "changed_since": word("Somebody has changed it since; it is left as it is."),
    "not_found": word("You don't see this connector any more."),
}


def value_words(plain: Mapping[str, Any] | None) -> str:
    """A price or hours, as they stand in a row."""
    if plain is None:
        return _("no price")
    if "hours" in plain:
        return _("as the station") if plain["hours"] is None else hours_summary(OpeningHours.from_plain(plain["hours"]))
    units = (_("per kWh"), _("per minute"), _("per session"))
    amounts = ((Decimal(plain[part]), unit) for part, unit in zip(PARTS, units, strict=True))
    words = [f"{price(amount, plain['currency'])} {unit}" for amount, unit in amounts if amount] or [
        _("Free of charge")
    ]
    if plain["vat_percent"] is not None:
        words.append(_("VAT %(rate)s", rate=percent(Decimal(plain["vat_percent"]))))
    return " · ".join(words)


def wish_words(wish: Wish) -> str:
    """What was wished, in one line."""
    match wish.subject:
        case Subject.PRICES:
            steps = [f"{_(PART_WORDS[part])} {_step_words(wish.steps[part])}" for part in PARTS if part in wish.steps]
            return " · ".join([*steps, _("rounded to %(step)s", step=wish.round_to)])
        case Subject.OPENING_HOURS:
            return value_words(wish.plain())
        case Subject.VAT:
            rate = wish.vat_percent
            return _("the standard rate of the country") if rate is None else percent(rate)


def why_not(problem: str, field: str | None) -> str:
    """Why a connector stays as it is."""
    if problem == "forbidden" and field:
        return _("You lack the right “%(right)s” there.", right=label(Right(field)))
    if problem in WHY_NOT:
        return _(WHY_NOT[problem])
    if problem in PROBLEMS:
        return problem_words(problem)
    words = field_words(problem) if problem in FIELD_PROBLEMS else problem_words(problem)
    about = _("VAT") if field == "vat_percent" else _(PART_WORDS[field]) if field in PART_WORDS else ""
    return f"{about}: {words}" if about else words


def _step_words(step: Step) -> str:
    sign = "+" if step.value > 0 else ""
    match step.how:
        case How.SET:
            return f"= {step.value}"
        case How.PERCENT:
            return f"{sign}{step.value} %"
        case How.AMOUNT:
            return f"{sign}{step.value}"
