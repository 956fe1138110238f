"""The surface for people: pages for operators, drivers and the staff of the platform."""

from flask import Blueprint, Flask

from kit.settings import Settings
from portal import (
    access,
    accounts,
    auth,
    authority,
    behaviour,
    campaigns,
    certificates,
    checks,
    commands,
    company,
    connections,
    connectors,
    dashboard,
    doubts,
    driver_sessions,
    email_changes,
    firmware,
    hand_overs,
    income,
    invitations,
    legal,
    licences,
    limits,
    local_lists,
    message_exports,
    messages,
    my_codes,
    my_security,
    operations,
    partner_desk,
    partner_staff,
    partners,
    passkeys,
    payouts,
    people,
    plans,
    platform,
    properties,
    receipts,
    reservations,
    roles,
    sandbox,
    second_factor,
    security_events,
    sessions,
    sign_in_rules,
    smart_me,
    station_files,
    station_groups,
    station_moves,
    station_settings,
    stations,
    tags,
    tokens,
    transfers,
    verification,
    verification_desk,
    waiting,
    webhook_endpoints,
    webhooks,
    work_orders,
)
from portal.actor import login_manager, require_login
from portal.errors import register_errors
from portal.live import register_live
from portal.operations import watch_requests
from portal.render import register_rendering
from portal.security import register_security

# Everybody adds the blueprint of their noun here. Login is the default; `@public_page` marks the exceptions.
BLUEPRINTS: tuple[Blueprint, ...] = (
    access.blueprint,
    accounts.blueprint,
    auth.blueprint,
    authority.blueprint,
    certificates.blueprint,
    behaviour.blueprint,
    station_moves.blueprint,
    campaigns.blueprint,
    checks.blueprint,
    commands.blueprint,
    company.blueprint,
    connections.blueprint,
    connectors.blueprint,
    dashboard.blueprint,
    doubts.blueprint,
    driver_sessions.blueprint,
    email_changes.blueprint,
    firmware.blueprint,
    income.blueprint,
    hand_overs.blueprint,
    invitations.blueprint,
    legal.blueprint,
    licences.blueprint,
    limits.blueprint,
    local_lists.blueprint,
    message_exports.blueprint,
    messages.blueprint,
    my_codes.blueprint,
    my_security.blueprint,
    operations.blueprint,
    partner_desk.blueprint,
    partner_staff.blueprint,
    partners.blueprint,
    passkeys.blueprint,
    payouts.blueprint,
    people.blueprint,
    plans.blueprint,
    platform.blueprint,
    properties.blueprint,
    receipts.blueprint,
    reservations.blueprint,
    roles.blueprint,
    sandbox.blueprint,
    second_factor.blueprint,
    security_events.blueprint,
    sessions.blueprint,
    sign_in_rules.blueprint,
    smart_me.blueprint,
    smart_me.told,
    station_files.blueprint,
    station_groups.blueprint,
    station_settings.blueprint,
    stations.blueprint,
    tags.blueprint,
    tokens.blueprint,
    transfers.blueprint,
    verification.blueprint,
    verification_desk.blueprint,
    waiting.blueprint,
    webhook_endpoints.blueprint,
    webhooks.blueprint,
    work_orders.blueprint,
)


def register(app: Flask, settings: Settings) -> None:
    """Add all pages to the program."""
    login_manager.init_app(app)
    watch_requests(app)
    register_security(app, settings)
    register_rendering(app, settings)
    register_errors(app)
    app.before_request(require_login)
    register_live(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
