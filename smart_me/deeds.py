"""What the doors of this room do, in words; by the names of the doors."""

from kit.i18n import lazy_ as word

DEEDS: dict[str, str] = {
    "account_beside": word("Account for OCPP stations made beside"),
    "connect_account": word("Linked with smart-me"),
    "decide": word("Account at smart-me assigned"),
    "dismiss": word("Account at smart-me put aside"),
    "link_made": word("Account made at smart-me"),
    "link_refused": word("Name taken at smart-me already"),
    "lose": word("Access to smart-me lost"),
    "receive_account": word("Account received from smart-me"),
    "renewed": word("Access to smart-me renewed"),
    "separate": word("OCPP stations separated from smart-me"),
    "set_zev": word("ZEV at smart-me switched"),
    "unlink": word("Link with smart-me ended"),
    "want_account": word("Account at smart-me asked for"),
}
