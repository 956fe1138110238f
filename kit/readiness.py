"""Whether this process can serve: what a proxy asks before it sends anybody here."""

import structlog

from kit import bus, db

log = structlog.get_logger()


def problems() -> list[str]:
    """The names of what does not answer; empty when all is well."""
    found = []
    for name, answers in (("database", db.answers), ("bus", bus.current().answers)):
        try:
            well = answers()
        except Exception as error:
            log.warning("not_ready", part=name, error=type(error).__name__)
            well = False
        if not well:
            found.append(name)
    return found
