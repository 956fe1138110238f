"""What the doors of this room do, in words; by the names of the doors."""

from kit.i18n import lazy_ as word

DEEDS: dict[str, str] = {
    "accept_assignment": word("Stations taken on by the partner"),
    "confirm_training": word("Training of a partner confirmed"),
    "decline_assignment": word("Stations given back by the partner"),
    "dissolve_assignment": word("Group of a partner’s stations dissolved"),
    "end_assignment": word("Stations taken back from a partner"),
    "end_training": word("Training of a partner ended"),
    "invite_partner": word("Partner invited to stations"),
    "leave_directory": word("Partner of a closed account taken out of the directory"),
    "propose_installer": word("Company proposed as partner"),
    "register_partner": word("Company registered as partner"),
    "settle_proposal": word("Proposal of a partner settled"),
    "sign_report": word("Commissioning report signed"),
    "update_partner": word("Partner’s details changed"),
}
