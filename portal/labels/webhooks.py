"""Words for what programs of others are told."""

from enum import Enum

from kit.i18n import lazy_ as word
from webhooks.values import DeliveryState, DisabledBecause, EventType

WEBHOOKS: dict[Enum, str] = {
    EventType.SESSION_STARTED: word("A session began"),
    EventType.SESSION_ENDED: word("A session ended"),
    EventType.COMMAND_FINISHED: word("A command is final"),
    EventType.STATION_ADDED: word("A station was added"),
    EventType.STATION_TROUBLED: word("A station is in trouble"),
    EventType.STATION_WELL: word("A station is well again"),
    EventType.RECEIPT_ISSUED: word("A receipt was issued"),
    EventType.PING: word("Test"),
    DeliveryState.PENDING: word("On its way"),
    DeliveryState.DELIVERED: word("Arrived"),
    DeliveryState.FAILED: word("Did not arrive"),
    DisabledBecause.SWITCHED_OFF: word("Switched off"),
    DisabledBecause.FAILING: word("Switched off: nothing arrived for five days"),
}
WEBHOOK_COLOURS: dict[Enum, str] = {
    DeliveryState.PENDING: "azure",
    DeliveryState.DELIVERED: "green",
    DeliveryState.FAILED: "red",
}
