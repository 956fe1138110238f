"""What may be said to a charger: each message's payload, judged by the catalogue before it is stored."""

from collections.abc import Mapping
from typing import Any

from kit.errors import Invalid
from stations import fields
from stations.catalogue import CATALOGUE
from stations.passwords import SHORTEST_PASSWORD
from stations.values import Action, SecurityProfile

PROFILE_KEY = "securityprofile"
PASSWORD_KEY = "authorizationkey"  # noqa: S105  # the name of the setting, not its value


def judged(action: Action, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload as it will be sent. Raises Invalid with the paths of all fields that can't be taken."""
    taken = fields.judged(CATALOGUE[action].fields, payload)
    if is_password_change(action, taken) and len(taken["value"]) < SHORTEST_PASSWORD:
        raise Invalid(value="too_short")
    return taken


def is_password_change(action: Action, payload: Mapping[str, Any]) -> bool:
    """Whether this message gives the charger a new password."""
    return action is Action.CHANGE_CONFIGURATION and str(payload.get("key", "")).strip().lower() == PASSWORD_KEY


def profile_change(action: Action, payload: Mapping[str, Any]) -> SecurityProfile | None:
    """The security profile that this message tells the charger to take; None for every other message."""
    if action is not Action.CHANGE_CONFIGURATION or str(payload.get("key", "")).strip().lower() != PROFILE_KEY:
        return None
    return next((one for one in SecurityProfile if one.value == str(payload.get("value", "")).strip()), None)
