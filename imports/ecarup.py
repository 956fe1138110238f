"""Answers of eCarUp's public API as rows: its stations (`/v1/stations`) and the history of a station.

The fields are those that the vendor names; how they are nested in JSON and how instants are written is unconfirmed, so
both spellings of a name are taken (`start_time`, `startTime`), and a list alone or under any name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from imports.values import Row, What
from kit.errors import Invalid

PLUGS = ("unknown", "type_2", "schuko", "swiss", "unknown", "ccs", "chademo")  # by their numbers; UK plugs are unknown


def rows(told: Any) -> Iterator[Row]:
    """Everything in an answer that can be brought along. Raises Invalid(file="not_ecarup")."""
    number = 0
    for item in _items(told):
        found = _station(item) if "connectors" in item else _session(item) if _get(item, "start_time") else None
        if found is None:
            raise Invalid(file="not_ecarup")
        for what, facts in found:
            number += 1
            yield Row(number, what, {name: str(value) for name, value in facts.items() if value not in (None, "")})


def _items(told: Any) -> list[Mapping[str, Any]]:
    if isinstance(told, dict) and "connectors" not in told and not _get(told, "start_time"):
        told = next((value for value in told.values() if isinstance(value, list)), None)
    items = told if isinstance(told, list) else [told]
    if not all(isinstance(item, dict) for item in items):
        raise Invalid(file="not_ecarup")
    return items


def _station(item: Mapping[str, Any]) -> Iterator[tuple[What, dict[str, Any]]]:
    place = {name: _get(item, name) for name in ("street", "city", "latitude", "longitude")}
    facts = {
        "station": _get(item, "name"),
        "identity": _get(item, "serialnumber") or _get(item, "serial_number"),
        "external_id": _get(item, "id"),
        "postcode": _get(item, "postcode"),
        "country": _get(item, "country_code"),
        **place,
    }
    connectors = [one for one in item["connectors"] if isinstance(one, dict)] or [{}]
    for place_in_list, one in enumerate(connectors, start=1):
        power_w, plug = _get(one, "maxpower") or _get(one, "max_power"), _get(one, "plugtype")
        yield (
            What.STATIONS,
            {
                **facts,
                "connector": _get(one, "number") or place_in_list,
                "connector_name": _get(one, "name"),
                "plug": PLUGS[plug] if isinstance(plug, int) and 0 <= plug < len(PLUGS) else "unknown",
                "max_power_kw": power_w / 1000 if isinstance(power_w, int | float) and power_w else None,
            },
        )
    for one in connectors:
        access = _get(one, "access")
        for email in _get(access, "special_users") or [] if isinstance(access, dict) else []:
            yield What.PEOPLE, {**_user(email), "station": facts["station"], "connector": _get(one, "number")}


def _user(told: Any) -> dict[str, Any]:
    """A special user: the API names the address alone; prices beside it are taken where there are any."""
    if not isinstance(told, dict):
        return {"email": told}
    names = ("email", "name", "tag", "energy_price", "time_price")
    return {name: _get(told, name) for name in names}


def _session(item: Mapping[str, Any]) -> Iterator[tuple[What, dict[str, Any]]]:
    station, costs = _get(item, "station") or {}, _get(item, "driver_costs") or {}
    used = _get(item, "consumption_kwh")
    paid = [_get(costs, name) for name in ("energy", "time")]
    yield (
        What.HISTORY,
        {
            "station": _get(station, "name"),
            "external_id": _get(station, "id"),
            "connector": _get(station, "connector_number"),
            "started_at": _get(item, "start_time"),
            "duration": _get(item, "duration_s"),
            "energy_kwh": used,
            "driver": _get(item, "driver_identifier"),
            "costs": sum(one for one in paid if isinstance(one, int | float)) if any(paid) else None,
            "currency": _get(costs, "currency"),
            "reference": _get(item, "id"),
        },
    )


def _get(item: Mapping[str, Any], name: str) -> Any:
    """A value by its name, in either spelling."""
    first, *rest = name.split("_")
    return item.get(name, item.get(first + "".join(word.capitalize() for word in rest)))
