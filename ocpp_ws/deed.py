"""What goes through a writer beside the messages of chargers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID


class Deed:
    """A door to walk through, and what happens with its result on the hub's thread.

    `connecting`: the station that has a new socket by it.
    """

    __slots__ = ("connecting", "deed", "then")

    def __init__(
        self, deed: Callable[[], object], then: Callable[[Any], None] | None, connecting: UUID | None = None
    ) -> None:
        self.deed = deed
        self.then = then
        self.connecting = connecting

    def run(self) -> object:
        """On the writer's thread, inside of its transaction."""
        return self.deed()
