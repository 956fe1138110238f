"""Refusals for programs: a `Problem` beside the result of every mutation, a stable code in every error."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import strawberry
import structlog
from graphql import ExecutionResult, GraphQLError
from strawberry import Info

from accounts.errors import LicenceNeeded
from graphql_api.limits import MOST_COST
from kit.errors import AppError, Conflict, Forbidden, Invalid

log = structlog.get_logger()
P = ParamSpec("P")
R = TypeVar("R")


@strawberry.type(description="What is the matter with one argument.")
class FieldProblem:
    """One field and the code of its problem."""

    field: str
    code: str


@strawberry.type(description="Why a mutation was refused. `code` is stable; nothing was changed.")
class Problem:
    """A refusal as data."""

    code: str
    fields: list[FieldProblem]
    right: str | None = strawberry.field(default=None, description="The right that is missing, where one is.")
    function: str | None = strawberry.field(
        default=None, description="The function that needs a licence, with the code `needs_licence`."
    )


def refusable(resolver: Callable[P, R]) -> Callable[P, R | Problem]:
    """Let a mutation return the refusal of its door as a `Problem`."""

    @functools.wraps(resolver)
    def run(*args: P.args, **kwargs: P.kwargs) -> R | Problem:
        try:
            return resolver(*args, **kwargs)
        except AppError as refusal:
            info = next(one for one in (*args, *kwargs.values()) if isinstance(one, Info))
            info.context.refusals.append(refusal)
            return problem(refusal)

    return run


def problem(refusal: AppError) -> Problem:
    """The refusal of a room, in the schema's words."""
    fields = refusal.details if isinstance(refusal, Invalid | Conflict) else {}
    return Problem(
        code=refusal.code,
        fields=[FieldProblem(field=_camel(name), code=code) for name, code in fields.items()],
        right=refusal.right or None if isinstance(refusal, Forbidden) else None,
        function=refusal.function.value if isinstance(refusal, LicenceNeeded) else None,
    )


def as_json(result: ExecutionResult, cost: int | None = None) -> dict[str, Any]:
    """The response body; whatever is not a refusal of ours is logged and shown as `internal` only."""
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [_shown(error) for error in result.errors]
    if cost is not None:
        body["extensions"] = {"cost": {"requested": cost, "most": MOST_COST}}
    return body


def _shown(error: GraphQLError) -> dict[str, Any]:
    cause = error.original_error
    shown = dict(error.formatted)
    if isinstance(cause, AppError):
        shown["message"], shown["extensions"] = cause.code, {"code": cause.code, **cause.details}
    elif cause is None or isinstance(cause, GraphQLError):
        shown["extensions"] = {"code": "bad_request", **(error.extensions or {})}
    else:
        log.error("graphql.failed", path=error.path, exc_info=cause)
        shown["message"], shown["extensions"] = "internal", {"code": "internal"}
    return shown


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
