"""What `tests.make` hands out where a row alone would not do."""

from dataclasses import dataclass

from accounts.access import Actor
from accounts.models import Account, User
from accounts.values import AccountId
from stations.models import Connector, Station
from stations.values import StationId


@dataclass(frozen=True)
class Login:
    """A person who can sign in with `PASSWORD`; `actor` is what the doors see."""

    user: User
    actor: Actor

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return self.user.email


@dataclass(frozen=True)
class Owned:
    """A master account and its owner."""

    account: Account
    login: Login

    @property
    def owner(self) -> Actor:
        """The owner as the doors see him."""
        return self.login.actor

    @property
    def id(self) -> AccountId:
        """The account's id."""
        return AccountId(self.account.id)


@dataclass(frozen=True)
class MadeStation:
    """A station, its password in clear, its connectors without number 0, and somebody who may do all with it."""

    station: Station
    password: str
    connectors: tuple[Connector, ...]
    owner: Actor

    @property
    def id(self) -> StationId:
        """The station's id."""
        return StationId(self.station.id)

    @property
    def identity(self) -> str:
        """The last part of its OCPP address."""
        return self.station.identity

    @property
    def connector(self) -> Connector:
        """The first connector."""
        return self.connectors[0]

    @property
    def code(self) -> str:
        """The number on the first connector's label."""
        assert self.connector.code is not None
        return self.connector.code

    @property
    def actor(self) -> Actor:
        """The station as the hot doors see it."""
        return Actor.station(self.station.id)
