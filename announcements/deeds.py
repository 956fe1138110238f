"""What the doors of this room do, in words; by the names of the doors."""

from kit.i18n import lazy_ as word

DEEDS: dict[str, str] = {
    "change_announcement": word("Announcement changed"),
    "end_announcement": word("Announcement ended"),
    "put_away": word("Announcement put away"),
    "write_announcement": word("Announcement written"),
}
