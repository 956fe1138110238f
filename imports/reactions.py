"""What imports do when something happened."""

from collections.abc import Mapping, Sequence

from imports.events import ImportStarted
from imports.use_cases import carry_out
from imports.values import ImportId
from kit.events import Event
from kit.worker import Reaction


def make_rows(event: ImportStarted) -> None:
    """The rows of the preview become what they tell."""
    carry_out(ImportId(event.import_id))


REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {ImportStarted: [make_rows]}
