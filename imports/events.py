"""What imports announce."""

from dataclasses import dataclass
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class ImportStarted(Event):
    """Somebody looked at the preview and wants it so; the rows are to be carried out."""

    import_id: UUID
