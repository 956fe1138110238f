"""Running one operation: read, measured, then executed with the short way for plain objects.

A query sees one moment: it is one transaction, however many doors it goes through. Each mutation has its own.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType, execute
from graphql.execution.execute import assume_not_awaitable

from graphql_api import documents
from graphql_api.context import Context
from graphql_api.limits import Measure, TooMuch
from graphql_api.persisted import QueryNotListed, must_be_listed
from graphql_api.plans import PlainExecutor
from kit.use_case import reading


@dataclass(frozen=True)
class Answer:
    """What came of it, and what it cost (None: it was not that far)."""

    result: ExecutionResult
    cost: int | None = None


def run(
    text: str,
    context: Context,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    subscription: bool = False,
) -> Answer:
    """Run one query or mutation; or a subscription once, which is then what it shows now."""
    try:
        must_be_listed(context.actor, text)
    except QueryNotListed as refused:
        error = GraphQLError(refused.code, extensions={"code": refused.code})
        return Answer(ExecutionResult(None, [error]))
    document = documents.read(text)
    if document.errors or document.node is None:
        return Answer(ExecutionResult(None, list(document.errors)))
    operation = document.operation(operation_name)
    if operation is None:
        return _refused("Which operation?")
    if subscription is not (operation.operation is OperationType.SUBSCRIPTION):
        return _refused("Subscriptions are for the socket, and nothing else is.")
    given = dict(variables or {})
    try:
        cost = Measure(documents.core, document.node, given).cost(operation)
    except TooMuch as much:
        error = GraphQLError(str(much), extensions=much.extensions)
        return Answer(ExecutionResult(None, [error]), much.cost)
    with nullcontext() if operation.operation is OperationType.MUTATION else reading():
        result = execute(
            documents.core,
            document.node,
            context_value=replace(context, plans=document.plans),
            variable_values=given,
            operation_name=operation_name,
            executor_class=PlainExecutor,
            is_awaitable=assume_not_awaitable,
            hide_suggestions=True,
        )
    assert isinstance(result, ExecutionResult)
    return Answer(result, cost)


def _refused(message: str) -> Answer:
    return Answer(ExecutionResult(None, [GraphQLError(message)]))
