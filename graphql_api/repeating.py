"""The header `Idempotency-Key`: a mutation that is sent twice is done once, and answered twice alike."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from graphql import ExecutionResult, FieldNode, OperationType

from accounts.use_cases import NotKept, answer_once
from graphql_api import documents
from graphql_api.context import Context
from kit.errors import AppError, Invalid

# asks somebody outside before it can answer, which no transaction may wait for; twice is harmless
NOT_REPEATABLE = frozenset({"connectProviderAccount"})


def repeatable(text: str, operation_name: str | None) -> bool:
    """Whether a key counts for this operation: a query changes nothing anyway. Raises Invalid(idempotency_key=)."""
    document = documents.read(text)
    operation = None if document.errors else document.operation(operation_name)
    if operation is None or operation.operation is not OperationType.MUTATION:
        return False
    names = [node.name.value if isinstance(node, FieldNode) else "" for node in operation.selection_set.selections]
    if len(names) != 1:
        raise Invalid(idempotency_key="one_mutation_only")
    if names[0] in NOT_REPEATABLE:
        raise Invalid(idempotency_key="not_repeatable")
    return True


def run_once(
    context: Context, key: str, asked: Mapping[str, Any], answer: Callable[[], tuple[ExecutionResult, bytes]]
) -> bytes:
    """The answer to a request with a key: of the first time, if there was one. Raises AppError.

    What was refused is not kept: nothing changed, and it is judged anew.
    """
    content = [asked["query"], asked.get("operationName"), asked.get("variables") or {}]
    fingerprint = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def deed() -> str:
        result, body = answer()
        if result.errors or context.refusals:
            raise NotKept(body.decode())
        return body.decode()

    try:
        return answer_once(context.actor, key, fingerprint, deed).encode()
    except NotKept as refused:
        return refused.answer.encode()


def refusal(error: AppError) -> dict[str, Any]:
    """A refusal of the key itself, as the body of an answer."""
    return {"data": None, "errors": [{"message": error.code, "extensions": {"code": error.code, **error.details}}]}
