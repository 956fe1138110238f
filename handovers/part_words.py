"""Words for what goes along, and for what ends."""

from enum import Enum

from handovers.values import Part
from kit.i18n import lazy_ as word

PARTS: dict[Enum, str] = {
    Part.STATIONS: word("Stations, which stay connected"),
    Part.CONNECTORS: word("Connectors with their labels"),
    Part.PRICES: word("Connectors with a price"),
    Part.PERSON_PRICES: word("Prices for people"),
    Part.TAGS: word("Tags"),
    Part.SESSIONS: word("Sessions so far, without their money"),
    Part.GROUPS: word("Station groups"),
    Part.OWN_ROLES: word("Own roles"),
    Part.LICENCES: word("Licences"),
    Part.MASTER: word("Link to the master account"),
    Part.PEOPLE: word("People with a role; they are signed out"),
    Part.COMPANIES: word("Accounts with a role"),
    Part.INVITATIONS: word("Open invitations"),
    Part.TOKENS: word("API keys"),
    Part.API_CLIENTS: word("API clients"),
    Part.COMPANY_LOGIN: word("Company sign-in"),
    Part.WEBHOOKS: word("Webhooks"),
    Part.SMART_ME: word("Link with smart-me"),
    Part.PAYOUT: word("Payout account and verification"),
    Part.LEGAL_DATA: word("Seller on receipts"),
    Part.DOCUMENTS: word("Receipts so far, which stay with the old owner"),
}
