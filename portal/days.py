"""Days that people enter, as the instants that are meant."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.errors import Invalid
from portal.actor import current_account
from portal.forms import Form


def last_day(form: Form, name: str = "ends_at") -> datetime | None:
    """The end of the last day, where the account is."""
    text, node = form.text(name), current_account()
    if not text or node is None:
        return None
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError as error:
        raise Invalid(**{name: "not_a_day"}) from error
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(node.time_zone))
