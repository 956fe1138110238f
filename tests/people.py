"""The people of the tests: Alice owns the master account, Bob is technician of one property, Charlie is a stranger.

Every door is tried by all of them; a denied try also asserts that nothing changed.
"""

from dataclasses import dataclass

from accounts.access import Actor
from accounts.models import Account
from accounts.rights import Role
from tests import make
from tests.made import Login, Owned


@dataclass(frozen=True)
class People:
    """Who is who, and where. Bob works at `home` only; `next_door` is the property beside it."""

    master: Owned
    home: Account
    next_door: Account
    alice_login: Login
    bob_login: Login
    charlie_login: Login

    @property
    def alice(self) -> Actor:
        """Owner of the master account."""
        return self.alice_login.actor

    @property
    def bob(self) -> Actor:
        """Technician of one property."""
        return self.bob_login.actor

    @property
    def charlie(self) -> Actor:
        """Owner of a master account of his own; a stranger here."""
        return self.charlie_login.actor


def everybody() -> People:
    """Make them all."""
    master = make.owned()
    home = make.property(master=master, name="Haus am See")
    next_door = make.property(master=master, name="Haus am Berg")
    bob = make.login(account=home, role=Role.TECHNICIAN)
    charlie = make.account(name="Fremde Liegenschaften GmbH").login
    return People(master, home, next_door, master.login, bob, charlie)
