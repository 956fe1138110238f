"""What the doors of this room do, in words; by the names of the doors."""

from kit.i18n import lazy_ as word

DEEDS: dict[str, str] = {
    "add_endpoint": word("Webhook added"),
    "claim_delivery": word("Delivery of a webhook begun"),
    "note_try": word("Try of a webhook noted"),
    "ping_endpoint": word("Webhook tried out"),
    "prune_deliveries": word("Old deliveries of webhooks removed"),
    "remove_endpoint": word("Webhook removed"),
    "remove_endpoints": word("All webhooks removed"),
    "renew_endpoint_secret": word("Secret of a webhook renewed"),
    "replay_delivery": word("Webhook delivered again"),
    "switch_endpoint": word("Webhook switched on or off"),
    "update_endpoint": word("Webhook changed"),
    "write_delivery": word("Delivery of a webhook written"),
}
