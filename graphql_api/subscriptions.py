"""What can be followed: the same objects as by a query, told again whenever they change."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from accounts.queries import account_tree
from graphql_api.commands import Command, CommandQueries
from graphql_api.connections import Connection
from graphql_api.context import Info
from graphql_api.sessions import Session, SessionQueries
from graphql_api.stations import Station, StationQueries
from stations.values import ShownState

MOST_ACCOUNTS = 500  # that one subscription listens to


@strawberry.type
class Subscription:
    """Everything that can be followed. Each field answers at once, and again after a change, by `/graphql/socket`."""

    @strawberry.field(description="A station with its connectors: their states, power, and last sessions.")
    def station(self, info: Info, id: UUID) -> Station:
        """One station."""
        _listen(info, [f"station:{id}"])
        found: Station = StationQueries().station(info, id)
        return found

    @strawberry.field(description="The stations of an account and those below it, as `stations` lists them.")
    def stations(
        self, info: Info, account_id: UUID, first: int = 25, state: ShownState | None = None
    ) -> Connection[Station]:
        """The first page."""
        _listen(info, _accounts(info, account_id))
        found: Connection[Station] = StationQueries().stations(info, first=first, account_id=account_id, state=state)
        return found

    @strawberry.field(description="A session: its energy and power while it runs, then its price.")
    def session(self, info: Info, id: UUID) -> Session:
        """One session."""
        found: Session = SessionQueries().session(info, id)
        _listen(info, [f"session:{id}", f"account:{found.account_id}"])
        return found

    @strawberry.field(description="The newest sessions of an account and those below it.")
    def sessions(self, info: Info, account_id: UUID, first: int = 20) -> Connection[Session]:
        """The first page."""
        _listen(info, _accounts(info, account_id))
        found: Connection[Session] = SessionQueries().sessions(info, first=first, account_id=account_id)
        return found

    @strawberry.field(description="A command until it is final, and its late answer if there is one.")
    def command(self, info: Info, id: UUID) -> Command:
        """One command."""
        found: Command = CommandQueries().command(info, id)
        _listen(info, [f"station:{found.station_id}"])
        return found


def _accounts(info: Info, account_id: UUID) -> Sequence[str]:
    """News of accounts below are told under their own names."""
    seen = [node.id for node in account_tree(info.context.actor)][:MOST_ACCOUNTS]
    return [f"account:{one}" for one in {account_id, *seen}]


def _listen(info: Info, topics: Sequence[str]) -> None:
    if info.context.topics is not None:
        info.context.topics.update(topics)
