"""Every read of this room."""

from smart_me.queries.links import (
    LinkPage,
    expiring_links,
    link,
    link_page,
    station_forecast,
    undecided_links,
)

__all__ = [
    "LinkPage",
    "expiring_links",
    "link",
    "link_page",
    "station_forecast",
    "undecided_links",
]
