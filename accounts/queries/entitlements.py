"""Which functions an account has, for surfaces that show or offer them."""

from uuid import UUID

from accounts.access import Actor, ActorKind, allowed_in
from accounts.entitlements import entitled
from accounts.functions import Function
from accounts.rights import Right
from kit.use_case import query


@query
def has_function(actor: Actor, function: Function, account_id: UUID, station_id: UUID | None = None) -> bool:
    """Whether the account (without a station: anything in it) has a function. Raises NotFound, Forbidden."""
    allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    return actor.kind is ActorKind.SYSTEM or entitled(function, account_id, station_id)
