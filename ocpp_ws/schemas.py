"""The JSON schemas that the `ocpp` package ships, compiled once."""

import functools
import importlib.resources
from typing import Any

import jsonschema_rs
import orjson

from kit.masking import MASK, mask


def _compile(name: str, instead: str | None = None) -> jsonschema_rs.Draft4Validator:
    source = importlib.resources.files("ocpp.v16") / "schemas" / f"{name}.json"
    return jsonschema_rs.Draft4Validator(orjson.loads(source.read_bytes().removeprefix(b"\xef\xbb\xbf")), mask=instead)


_compiled: dict[str, jsonschema_rs.Draft4Validator] = {}


def schema(name: str) -> jsonschema_rs.Draft4Validator:
    """The compiled schema of a message: `Heartbeat`, `HeartbeatResponse`."""
    found = _compiled.get(name)
    if found is None:
        found = _compiled[name] = _compile(name)
    return found


def violation(name: str, payload: dict[str, Any]) -> tuple[str, str] | None:
    """The first thing that is not as the schema wants it: where (a path of names, without indexes) and what.

    The value is quoted, unless it is a secret or there is one in it.
    """
    validator = schema(name)
    if validator.is_valid(payload):
        return None
    error = next(iter(validator.iter_errors(payload)))
    if _at(mask(payload), error.instance_path) != error.instance:
        error = next(iter(_discreet(name).iter_errors(payload)))
    where = "/".join(str(part) for part in error.instance_path if not isinstance(part, int))
    return where, error.message[:500]


@functools.cache
def _discreet(name: str) -> jsonschema_rs.Draft4Validator:
    """The schema of a message whose complaints quote no value."""
    return _compile(name, instead=MASK)


def _at(masked: Any, path: list[str | int]) -> Any:
    for part in path:
        if masked == MASK:
            break
        masked = masked[part]
    return masked
