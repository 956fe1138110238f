"""For the platform's staff: whose income the payment provider still keeps, and letting it go."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from billing import queries, use_cases
from billing.values import FormerPayeeId
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable

if TYPE_CHECKING:
    from billing.models import FormerPayee as Row


@strawberry.type(description="An operator who left his account at the payment provider while payouts were held there.")
class FormerPayee:
    """Since when, and whether staff let it go."""

    id: UUID
    account_id: UUID
    provider: str
    provider_account: str = strawberry.field(description="The provider's reference of him.")
    payouts_held_at: datetime | None = strawberry.field(description="Null: the provider pays out.")
    left_at: datetime
    released_at: datetime | None = strawberry.field(description="When staff let it go.")

    @classmethod
    def of(cls, row: "Row | queries.FormerPayeeRow") -> Self:
        """As the schema shows it."""
        return cls(**{name: getattr(row, name) for name in cls.__annotations__})


FormerPayeeResult = Annotated[FormerPayee | Problem, strawberry.union("FormerPayeeResult")]


@strawberry.type
class FormerPayeeQueries:
    """Whose income is kept."""

    @strawberry.field(
        description="Operators who left their account here and of whom the payment provider keeps something, "
        "who left last comes first. For staff."
    )
    def former_payees_connection(
        self, info: Info, first: int = 20, after: str | None = None
    ) -> Connection[FormerPayee]:
        """A page of them."""
        return newest_first(info, (first, after), partial(queries.former_payees, info.context.actor), FormerPayee.of)


@strawberry.type
class FormerPayeeMutations:
    """Letting it go."""

    @strawberry.mutation(description="Have the payment provider pay out what it kept of a former operator. For staff.")
    @refusable
    def release_former_payee(self, info: Info, id: UUID) -> FormerPayeeResult:
        """Released."""
        return FormerPayee.of(use_cases.release_payouts(info.context.actor, FormerPayeeId(id)))
