"""Every mutation is carried out by a test.

Whether a door refuses whom it should is for the matrix; whether it then does anything is for stories
(`tests/graphql_api`). A story that names a mutation is taken to carry it out; the matrix and the tests that only look
for foreign things don't count.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from graphql_api.schema import schema

TESTS = Path(__file__).parents[1]
REFUSING = {"test_foreign_ids.py"}


def test_every_mutation_is_named_by_a_story() -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    named = set().union(*(re.findall(r"\w+", text) for text in _texts()))
    assert sorted(set(mutations.fields) - named) == [], "carry it out in tests/graphql_api, and look at what came of it"


def _texts() -> Iterator[str]:
    """What stands in quotes in the stories."""
    for path in TESTS.rglob("*.py"):
        if path.parent.name != "house" and path.name not in REFUSING:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
