"""What closing announces."""

from dataclasses import dataclass
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class ClosureRequested(Event):
    """An owner wants the account to be closed; until its day it can be undone."""

    closure_id: UUID


@dataclass(frozen=True)
class ClosureUndone(Event):
    """It stays open after all."""

    closure_id: UUID


@dataclass(frozen=True)
class ClosureDelayed(Event):
    """Its day has come, and something in it goes on; it is tried again until that is over."""

    closure_id: UUID


@dataclass(frozen=True)
class AccountClosed(Event):
    """An account is closed. `people`: who had a role in it, as they were told."""

    closure_id: UUID
    account_id: UUID


@dataclass(frozen=True)
class ExportReady(Event):
    """A copy of an account can be fetched."""

    export_id: UUID
