"""Whoever asks by GraphQL: a program with its key, a person with the login's cookie; each writes operations by the
schema.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from graphql_api.schema import schema
from tests.graphql_api.signed_in import Person

PROBLEM = "... on Problem { code right function fields { field code } }"


class Caller:
    """Asks one field at a time."""

    def send(self, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The body of the answer."""
        raise NotImplementedError

    def asks(self, field: str, shown: str = "", **arguments: Any) -> Any:
        """What a query answers."""
        answer = self.send(*_operation("query", field, shown, arguments))
        assert "errors" not in answer, answer
        return answer["data"][field]

    def does(self, field: str, shown: str = "__typename", **arguments: Any) -> Any:
        """Carry a mutation out; what it answers."""
        answer = self.send(*_operation("mutation", field, shown, arguments))
        assert "errors" not in answer, answer
        told = answer["data"][field]
        assert "fields" not in told, f"{field} is refused: {told}"
        return told

    def refused(self, field: str, **arguments: Any) -> str:
        """The code with which a query or mutation is refused, and what is missing or wrong."""
        kind = "mutation" if field in schema._schema.mutation_type.fields else "query"  # type: ignore[union-attr]
        answer = self.send(*_operation(kind, field, "__typename", arguments))
        if "errors" in answer:
            return str(answer["errors"][0]["extensions"]["code"])
        told = answer["data"][field]
        assert "fields" in told, f"{field} is not refused: {told}"
        wrong = [f"{one['field']}={one['code']}" for one in told["fields"]]
        return " ".join([told["code"], *filter(None, (told["right"], told["function"])), *wrong])


class Program(Caller):
    """With a key."""

    def __init__(self, client: FlaskClient, secret: str) -> None:
        self.client = client
        self.secret = secret

    def send(self, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Over HTTP."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        answer = self.client.post("/graphql", json={"query": text, "variables": variables}, headers=headers)
        told: dict[str, Any] = answer.get_json()
        return told


class Browser(Caller):
    """Somebody signed in."""

    def __init__(self, app: Flask, email: str) -> None:
        self.person = Person(app, email)

    def send(self, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Over HTTP."""
        return self.person.ask(text, **variables)


def _operation(kind: str, name: str, shown: str, arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    root: Any = schema._schema.mutation_type if kind == "mutation" else schema._schema.query_type
    field = root.fields[name]
    told = ", ".join(f"${one}: {field.args[one].type}" for one in arguments)
    given = ", ".join(f"{one}: ${one}" for one in arguments)
    of = get_named_type(field.type)
    if isinstance(of, GraphQLUnionType):
        (result,) = (one.name for one in of.types if one.name != "Problem")
        shown = f"{{ ... on {result} {{ {shown} }} {PROBLEM} }}"
    elif isinstance(of, GraphQLObjectType):
        shown = f"{{ {shown} }}"
    else:
        shown = ""
    text = f"{kind}{f'({told})' if told else ''} {{ {name}{f'({given})' if given else ''} {shown} }}"
    return text, _plain(arguments)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
