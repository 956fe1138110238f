"""What the doors of this room do, in words; by the names of the doors."""

from kit.i18n import lazy_ as word

DEEDS: dict[str, str] = {
    "go_on": word("Connectors of a mass change changed"),
    "start_mass_change": word("Mass change started"),
    "stop_mass_change": word("Mass change stopped"),
    "undo_mass_change": word("Mass change undone"),
}
