"""Every read of this room."""

from mass_changes.queries.previews import Preview, PreviewRow, preview_mass_change
from mass_changes.queries.runs import (
    ChangedConnector,
    MassChangeRun,
    mass_change,
    mass_change_rows,
    mass_changes,
    mass_changes_at_work,
)

__all__ = [
    "ChangedConnector",
    "MassChangeRun",
    "Preview",
    "PreviewRow",
    "mass_change",
    "mass_change_rows",
    "mass_changes",
    "mass_changes_at_work",
    "preview_mass_change",
]
