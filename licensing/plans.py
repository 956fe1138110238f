"""The shipped plans: which function is in which, their first prices, and how long things may take.

Another file can stand in its place (`PLANS_FILE`); both are held against `plans.schema.json`.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import jsonschema_rs
import orjson

from accounts.functions import Function
from kit import settings
from licensing.values import Interval, Plan, Price

HERE = Path(__file__).parent


class PlansInvalid(Exception):
    """The file of plans does not follow its schema."""


@dataclass(frozen=True)
class Catalogue:
    """All plans, and the patience of the platform in days. Reminders and grace count from the due date."""

    plans: tuple[Plan, ...]
    trial_days: int
    payment_days: int
    reminders_after_days: tuple[int, ...]
    grace_days: int

    def plan(self, plan_id: str) -> Plan | None:
        """The plan of this name."""
        return next((plan for plan in self.plans if plan.id == plan_id), None)

    @property
    def for_sale(self) -> tuple[Plan, ...]:
        """The plans that cost something."""
        return tuple(plan for plan in self.plans if plan.prices)

    @property
    def everybodys(self) -> frozenset[Function]:
        """The functions for which nobody needs a licence."""
        return frozenset().union(*(plan.functions for plan in self.plans if not plan.prices))

    def plan_with(self, function: Function) -> Plan | None:
        """The first plan for sale that contains it."""
        return next((plan for plan in self.for_sale if function in plan.functions), None)


def catalogue() -> Catalogue:
    """The plans of this process. Raises PlansInvalid."""
    return _read(settings.current().plans_file or HERE / "plans.json")


@functools.cache
def _read(path: Path) -> Catalogue:
    data = orjson.loads(path.read_bytes())
    schema = orjson.loads((HERE / "plans.schema.json").read_bytes())
    problems = [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(data)]
    if problems:
        raise PlansInvalid(f"{path}: {problems[0]}")
    plans = tuple(
        Plan(
            one["id"],
            frozenset(Function(name) for name in one["functions"]),
            tuple(
                Price(one["id"], price["currency"], Interval(price["interval"]), price["gross_minor"])
                for price in one["prices"]
            ),
        )
        for one in data["plans"]
    )
    days = {name: data[name] for name in ("trial_days", "payment_days", "grace_days")}
    return Catalogue(plans, reminders_after_days=tuple(data["reminders_after_days"]), **days)
