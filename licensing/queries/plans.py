"""What there is, in which plan, and what it costs."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select

from accounts.access import Actor, allowed, can, public
from accounts.functions import PLANNED, Function
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import db, settings
from kit.use_case import query
from licensing.holdings import open_subscription
from licensing.models import Subscription
from licensing.plans import catalogue
from licensing.prices import current_prices
from licensing.values import Price, SubscriptionState


@dataclass(frozen=True)
class FunctionRow:
    """A function and the plans that contain it."""

    function: Function
    plans: tuple[str, ...]


@query
def function_table(actor: Actor) -> list[FunctionRow]:
    """Which function that can be used is in which plan; in everybody's where the platform sells no licences."""
    public("who thinks of buying must know what there is")
    plans = catalogue().plans
    everywhere = () if settings.current().sells_licences else tuple(plan.id for plan in plans)
    return [
        FunctionRow(function, everywhere or tuple(plan.id for plan in plans if function in plan.functions))
        for function in Function
        if function not in PLANNED
    ]


@query
def prices(actor: Actor, currency: str | None = None) -> list[Price]:
    """What a licence for a station costs today, VAT included; nothing where none are sold."""
    public("prices are shown before anybody buys")
    return current_prices(currency) if settings.current().sells_licences else []


@dataclass(frozen=True)
class Offer:
    """What somebody gets instead of a function that needs a licence. `plan` None: it is in no plan for sale."""

    account_id: AccountId
    account_name: str
    function: Function
    plan: str | None
    prices: tuple[Price, ...]
    trial_days: int
    may_manage: bool
    state: SubscriptionState | None

    @property
    def may_try(self) -> bool:
        """Whether a trial is the next step."""
        return self.trial_days > 0 and self.state is None


@query
def offer(actor: Actor, account_id: AccountId, function: Function) -> Offer:
    """The plan that contains a function, its prices, and what the account can do next. Raises NotFound, Forbidden."""
    account = allowed(actor, Right.VIEW_ACCOUNT, Account, account_id)
    plan = catalogue().plan_with(function)
    subscription = open_subscription(account_id)
    return Offer(
        account_id=AccountId(account.id),
        account_name=account.name,
        function=function,
        plan=None if plan is None else plan.id,
        prices=tuple(each for each in current_prices(account.currency) if plan is not None and each.plan == plan.id),
        trial_days=0 if has_tried(account_id) else catalogue().trial_days,
        may_manage=can(actor, Right.MANAGE_LICENCES, account_id),
        state=None if subscription is None else subscription.state,
    )


def has_tried(account_id: UUID) -> bool:
    """Whether the account ever had a subscription; then there is no trial any more."""
    return db.session().scalar(select(exists().where(Subscription.account_id == account_id))) is True
