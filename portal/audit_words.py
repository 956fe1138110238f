"""Audit lines in plain words: who, what it was done to, by what way, and what changed."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from accounts.access import ActorKind
from accounts.queries import AuditRow, names_of
from kit.i18n import _, exactly
from kit.i18n import lazy_ as word
from kit.masking import MASK
from portal.actor import current_actor
from portal.labels.columns import COLUMNS

THINGS: dict[str, str] = {
    "accepted_mixtures": word("Accepted mixture of stations"),
    "account_closures": word("Closing of the account"),
    "account_exports": word("Copy of the account"),
    "account_hand_outs": word("Hand-out of documents"),
    "accounts": word("Account"),
    "api_clients": word("API client"),
    "api_tokens": word("API key"),
    "campaigns": word("Campaign"),
    "client_queries": word("Registered query"),
    "commissioning_reports": word("Commissioning report"),
    "connectors": word("Connector"),
    "documents": word("Document"),
    "firmwares": word("Firmware"),
    "grants": word("Role"),
    "hand_overs": word("Hand-over"),
    "identity_providers": word("Company sign-in"),
    "imports": word("Import"),
    "installer_proposals": word("Proposal of a partner"),
    "invitations": word("Invitation"),
    "legal_changes": word("Change between private person and company"),
    "licence_cards": word("Card of the licence"),
    "licence_gifts": word("Free licence period"),
    "licence_places": word("Licence of a station"),
    "licence_prices": word("Price of a plan"),
    "licence_subscriptions": word("Subscription"),
    "own_roles": word("Own role"),
    "partner_assignments": word("Stations of a partner"),
    "partners": word("Partner"),
    "payments": word("Payment"),
    "payout_profiles": word("Payout account"),
    "person_prices": word("Price for a person"),
    "platform_bank_bookings": word("Booking of the bank"),
    "reservations": word("Reservation"),
    "schedule_habits": word("Habit of a model"),
    "sessions": word("Session"),
    "sign_in_rules": word("Rule for signing in"),
    "smart_me_links": word("Link with smart-me"),
    "station_certificates": word("Certificate"),
    "station_commands": word("Command"),
    "station_groups": word("Group of stations"),
    "stations": word("Station"),
    "support_visits": word("Visit of support"),
    "tags": word("Tag"),
    "tariff_assignments": word("Price of a connector"),
    "tariffs": word("Price"),
    "webhook_endpoints": word("Webhook"),
    "work_orders": word("Work order"),
}
KINDS: dict[str, str] = {
    ActorKind.USER.value: word("A person"),
    ActorKind.TOKEN.value: word("An API key"),
    ActorKind.STATION.value: word("The station"),
    ActorKind.PAYER.value: word("A driver"),
    ActorKind.ANYONE.value: word("Somebody who is not signed in"),
    ActorKind.SYSTEM.value: word("The platform"),
    "account": word("The account"),
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
UNSHOWN = ("id", "account_id", "created_at")
EMPTY: tuple[Any, ...] = (None, "", {}, [], MASK)
SURFACES: dict[str, str] = {"portal": word("in the portal"), "graphql": word("by GraphQL")}


def actor_names(references: Iterable[str]) -> dict[str, str]:
    """What to call everybody who did something."""
    wanted = set(references)
    named = names_of(current_actor(), wanted)
    return {one: named.get(one) or kind_words(one) for one in wanted}


def kind_words(reference: str) -> str:
    """What kind of actor this is."""
    kind = reference.partition(":")[0]
    return _(KINDS[kind]) if kind in KINDS else reference


def thing_words(thing: str, row: AuditRow | None = None) -> str:
    """What something was done to: its kind and, where the line tells, its name."""
    table = thing.partition(":")[0]
    words = _(THINGS[table]) if table in THINGS else table.replace("_", " ")
    name = _name(thing, row) if row is not None else ""
    return f"{words} «{name}»" if name else words


def surface_words(surface: str) -> str:
    """By what way somebody came; empty for what came from inside of the program."""
    return _(SURFACES[surface]) if surface in SURFACES else surface


def value_words(value: Any) -> str:
    """A value before or after."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(value_words, value))
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return exactly(datetime.fromisoformat(value))
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def differences(change: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Field by field what was and what is. Of a new row only what it has; masked secrets only where they changed."""
    before, after = change["before"], change["after"]
    names = [name for name in dict.fromkeys((*before, *after)) if name not in UNSHOWN]
    if change["deed"] == "created":
        names = [name for name in names if after[name] not in EMPTY]
    return [(column_words(name), value_words(before.get(name)), value_words(after.get(name))) for name in names]


def column_words(name: str) -> str:
    """What a fact of a row is called; one that the program no longer has goes by its old name."""
    return _(COLUMNS[name]) if name in COLUMNS else name.replace("_", " ")


def _name(thing: str, row: AuditRow) -> str:
    change: dict[str, Any] = next((one for one in row.changes if one["thing"] == thing), {"before": {}, "after": {}})
    return str(change["after"].get("name") or change["before"].get("name") or "")
