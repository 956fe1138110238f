"""The menu of the portal: what there is, for whom."""

from dataclasses import dataclass

from flask import request

from accounts.values import AccountKind
from kit.i18n import lazy_ as word
from portal.actor import current_account, current_person

# pages that belong to another noun's place in the menu
PARTS = {
    "account_moves": "accounts",
    "account_places": "accounts",
    "commands": "stations",
    "behaviour": "stations",
    "reservations": "stations",
    "imports": "stations",
    "limits": "stations",
    "local_lists": "stations",
    "station_files": "stations",
    "connections": "stations",
    "connectors": "stations",
    "mass_changes": "properties",
    "opening_hours": "stations",
    "certificates": "stations",
    "security_events": "stations",
    "waiting": "stations",
    "work_orders": "stations",
    "announcements": "platform",
    "authority": "platform",
    "flags": "platform",
    "campaigns": "firmware",
    "payouts": "accounts",
    "sign_in_rules": "accounts",
    "smart_me": "accounts",
    "closed_accounts": "platform",
    "closures": "accounts",
    "former_payees": "platform",
    "access": "people",
    "api_clients": "tokens",
    "invitations": "people",
    "roles": "people",
    "station_groups": "people",
    "plans": "platform",
    "support": "people",
    "support_desk": "platform",
    "verification": "accounts",
    "verification_desk": "platform",
}


@dataclass(frozen=True)
class Entry:
    """A place in the menu. `right`: shown to whoever holds it in the chosen account; None: to everybody.

    `masters`: only where other accounts can stand below.
    """

    endpoint: str
    words: str
    icon: str
    right: str | None = None
    staff: bool = False
    masters: bool = False

    @property
    def here(self) -> bool:
        """Whether this is where the reader is."""
        noun = request.blueprint or ""
        return PARTS.get(noun, noun) == self.endpoint.partition(".")[0]


ENTRIES = (
    Entry("dashboard.overview", word("Dashboard"), "dashboard", "VIEW_STATIONS"),
    Entry("properties.overview", word("Properties"), "building", "VIEW_ACCOUNT", masters=True),
    Entry("stations.overview", word("Stations"), "plug", "VIEW_STATIONS"),
    Entry("sessions.overview", word("Sessions"), "bolt", "VIEW_SESSIONS"),
    Entry("doubts.overview", word("To look at"), "help-circle", "VIEW_SESSIONS"),
    Entry("messages.overview", word("Messages"), "message", "VIEW_MESSAGES"),
    Entry("tags.overview", word("Tags"), "tag", "VIEW_SESSIONS"),
    Entry("person_prices.overview", word("Prices for people"), "coin", "VIEW_TARIFFS"),
    Entry("firmware.overview", word("Firmware"), "download", "VIEW_STATIONS"),
    Entry("income.overview", word("Income"), "wallet", "VIEW_INCOME"),
    Entry("licences.overview", word("Plan"), "star", "VIEW_LICENCES"),
    Entry("accounts.overview", word("Accounts"), "building-community"),
    Entry("people.overview", word("People"), "users", "MANAGE_PEOPLE"),
    Entry("partners.directory", word("Partners"), "tools"),
    Entry("tokens.overview", word("API keys"), "key", "MANAGE_TOKENS"),
    Entry("webhook_endpoints.overview", word("Webhooks"), "send", "MANAGE_TOKENS"),
    Entry("audit.overview", word("Activity"), "history", "VIEW_AUDIT"),
    Entry("graphql.reference", word("Interface for programs"), "book", "MANAGE_TOKENS"),
    Entry("platform.tenants", word("Platform"), "world", staff=True),
)


def navigation() -> list[Entry]:
    """The entries for the signed-in person in the chosen account."""
    person, node = current_person(), current_account()
    if person is None:
        return []
    held = {right.name for right in node.reach} if node else set()
    master = node is not None and node.kind is AccountKind.MASTER
    return [
        entry
        for entry in ENTRIES
        if (not entry.staff or person.staff)
        and (not entry.masters or master)
        and (entry.right is None or entry.right in held)
    ]
