"""The surface for programs: GraphQL over the same doors, under the same rights."""

from graphql_api.documents import is_query
from graphql_api.socket import SUBPROTOCOL
from graphql_api.view import register

__all__ = ["SUBPROTOCOL", "is_query", "register"]
