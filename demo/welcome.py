"""What `make run` says once the demo stands: where to go, and how to sign in."""

import json
from pathlib import Path


def text(stations: Path, public_url: str) -> str:
    """The demo's logins and some connectors to scan, as lines for a terminal. `stations` is the filler's file."""
    demo = json.loads(stations.read_text(encoding="utf-8"))
    lines = ["", f"  Portal            {public_url}/", ""]
    lines += [
        f"  {login['role']:<12}{login['email']:<36}{login['password']:<16}{login['account']}"
        for login in demo["logins"]
    ]
    lines += ["", "  Scan as a driver (card 4242 4242 4242 4242; the car plugs itself in):"]
    for plug in _one_of_each(demo["connectors"]):
        lines.append(f"  {public_url}/q/{plug['code']}   {plug['station']}, {plug['city']} ({plug['current'].upper()})")
    lines += ["", f"  GraphQL           {public_url}/graphql", f"  Authorization:    Bearer {demo['api_token']}"]
    lines += [f"  Letters           {public_url}/dev/mail", ""]
    return "\n".join(lines)


def _one_of_each(connectors: list[dict[str, str]]) -> list[dict[str, str]]:
    """One connector of each town, and of each kind of current."""
    seen: dict[tuple[str, str], dict[str, str]] = {}
    for connector in connectors:
        seen.setdefault((connector["city"], connector["current"]), connector)
    return list(seen.values())
