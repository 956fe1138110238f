"""What people can do in the portal, programs can do by GraphQL: every door of the one is a door of the other."""

import ast
from pathlib import Path

from kit.use_case import DOORS
from tests.house.walk import ROOMS, import_rooms, source_files, tree

import_rooms()
NAMES = {(name.split(".")[0], name.split(".")[-1]) for name in DOORS if name.split(".")[0] in ROOMS}

# doors that only people need, and why
FOR_PEOPLE = {
    "accounts.account_menu": "what a menu offers",
    "accounts.account_node": "a page needs one account of what `accounts` tells",
    "accounts.audit_choices": "what a form offers",
    "accounts.invitation_of_link": "a mailed link is opened by a person",
    "accounts.note_grant_uses": "the portal notes when a person last worked somewhere",
    "billing.person_price_page": "`personPrices` goes on by cursors instead of numbers",
    "billing.price_places": "what a form offers",
    "billing.shown_price": "a mailed link is opened by a driver",
    "billing.own_legal_kind": "`verification` tells the same",
    "stations.station_names": "names beside ids; `station` tells them",
    "stations.stations_to_choose": "what a form offers",
    "accounts.add_passkey": "a person signs in, or looks after the own login",
    "accounts.agree_to_email_change": "a person signs in, or looks after the own login",
    "accounts.begin_codes": "a person signs in, or looks after the own login",
    "accounts.begin_login": "a person signs in, or looks after the own login",
    "accounts.cancel_email_change": "a person signs in, or looks after the own login",
    "accounts.company_logins_for": "how people sign in is for people to set",
    "accounts.confirm_codes": "a person signs in, or looks after the own login",
    "accounts.confirmation_link_holder": "a mailed link is opened by a person",
    "accounts.email_wish_of_link": "a person signs in, or looks after the own login",
    "accounts.knows_device": "a person signs in, or looks after the own login",
    "accounts.my_email_wish": "a person signs in, or looks after the own login",
    "accounts.names_of": "names beside references; the schema gives the references",
    "accounts.new_passkey_question": "a person signs in, or looks after the own login",
    "accounts.note_check": "a person signs in, or looks after the own login",
    "accounts.note_login_seen": "a person signs in, or looks after the own login",
    "accounts.passkey_question": "a person signs in, or looks after the own login",
    "accounts.provider_client": "a person signs in, or looks after the own login",
    "accounts.recognise": "a person signs in, or looks after the own login",
    "accounts.recognise_for_platform": "a person signs in, or looks after the own login",
    "accounts.remove_codes": "a person signs in, or looks after the own login",
    "accounts.remove_passkey": "a person signs in, or looks after the own login",
    "accounts.rename_passkey": "a person signs in, or looks after the own login",
    "accounts.renew_recovery_codes": "a person signs in, or looks after the own login",
    "accounts.request_email_change": "a person signs in, or looks after the own login",
    "accounts.request_password_reset": "passwords belong to people",
    "accounts.reset_link_holder": "a mailed link is opened by a person",
    "accounts.second_factors_of": "a person signs in, or looks after the own login",
    "accounts.seller": "`account` tells the same",
    "accounts.signed_in": "a login of a browser",
    "accounts.stop_email_change": "a person signs in, or looks after the own login",
    "imports.imported_session": "`session` tells its kind; `import` its facts",
    "accounts.tenants_named": "names beside ids; `tenants(search)` finds them",
    "announcements.anything_announced": "a look before `announcements`",
    "announcements.announcement": "`allAnnouncements` tells the same",
    "announcements.change_announcement": "the platform's own staff, who have no keys",
    "announcements.put_away": "a person has read it; a key is nobody",
    "announcements.write_announcement": "the platform's own staff, who have no keys",
    "accounts.ask_for_visit": "the platform's own staff, who have no keys",
    "accounts.enter_account": "the platform's own staff, who have no keys",
    "accounts.leave_account": "the platform's own staff, who have no keys",
    "accounts.note_look": "the platform's own staff, who have no keys",
    "accounts.visits_for_staff": "the platform's own staff, who have no keys",
    "accounts.present_visits": "a note on pages; `supportVisits` tells it",
    "accounts.tenant": "`tenants` tells the same",
    "accounts.use_code": "a person signs in, or looks after the own login",
    "accounts.use_passkey": "a person signs in, or looks after the own login",
    "billing.balances": "`income` tells the same",
    "billing.captured_payment": "`session` with its charge tells the same",
    "billing.change_email": "a driver's own payment, by its link",
    "billing.curve_for_payer": "a driver's own payment, by its link",
    "billing.failed_payments": "the platform's own staff, who have no keys",
    "billing.offer_of": "a driver at a connector",
    "billing.payment_by_link": "a driver's own payment, by its link",
    "billing.payment_view": "a driver's own payment, by its link",
    "billing.request_payment": "a driver pays with a card, on a page of the provider",
    "billing.stop_charging": "a driver's own payment; `stopCharging` is the operator's",
    "billing.terms_of": "a driver at a connector",
    "billing.try_again": "the platform's own staff, who have no keys",
    "billing.unpayable_accounts": "a note on pages; `payout` tells it per account",
    "charging.doubts_of_station": "`doubts(stationId)` tells the same",
    "charging.open_doubts": "a number on the menu; `doubts` and `orphanStops` list them",
    "charging.open_reservations": "`reservations(stationId, state)` tells the same",
    "charging.recent_starts": "`commands(action: REMOTE_START)` tells the same",
    "charging.schedule_style": "`setScheduleStyle` answers with it",
    "charging.session_curve": "`session { meterValues }` tells the same",
    "charging.session_of_transaction": "a link on a page of a message",
    "charging.tag_page": "`tags` goes on by cursors instead of numbers",
    "stations.campaign_choices": "what a form offers",
    "stations.campaign_stations": "`campaign { stations }` tells the same",
    "stations.connector_by_code": "a driver who scanned a label",
    "stations.create_authority": "made at the installation of the platform",
    "stations.expiring_certificates": "a note on pages; `stationSecurity` tells it per station",
    "stations.firmware_file": "`GET /firmware/<id>/file` with the same key",
    "stations.firmwares_for": "what a form offers",
    "stations.like_stations": "what a form offers",
    "stations.makes": "what a form offers",
    "stations.own_root": "a file to download, by its address",
    "stations.plan_work": "a page before `orderWork`",
    "stations.received_file": "`GET /file-jobs/<id>/file` with the same key",
    "stations.station_list": "`stations` goes on by cursors instead of numbers",
    "stations.stations_on_map": "`stations { latitude longitude }` tells the same",
    "stations.troubled_stations": "`stations(state: FAULTED)` and `(state: OUT_OF_SERVICE)` tell the same",
    "stations.work_order_choices": "what a form offers",
    "stations.work_order_stations": "`commands(workOrderId)` tells the same",
    "accounts.has_function": "the refusal names the function; `licences` tells who has it",
    "licensing.credit_invoice": "the platform's own staff, who have no keys",
    "licensing.end_free_period": "the platform's own staff, who have no keys",
    "licensing.free_periods": "the platform's own staff, who have no keys",
    "licensing.give_free_period": "the platform's own staff, who have no keys",
    "licensing.invoice": "`platformInvoices` tells the same",
    "licensing.invoice_document": "a PDF, by its address with the same key",
    "licensing.note_bank_payment": "the platform's own staff, who have no keys",
    "licensing.offer": "a page in the place of another; `planPrices` and `licences` tell the same",
    "licensing.preview": "what a form says before it is sent",
    "licensing.set_plan_price": "the platform's own staff, who have no keys",
    "licensing.subscriptions": "the platform's own staff, who have no keys",
    "licensing.unpaid_invoices": "the platform's own staff, who have no keys",
    "partners.confirm_training": "the platform's own staff, who have no keys",
    "partners.end_training": "the platform's own staff, who have no keys",
    "partners.open_proposals": "the platform's own staff, who have no keys",
    "partners.partners_for_staff": "the platform's own staff, who have no keys",
    "partners.region_counts": "numbers on a map; `partners(region)` lists them",
    "partners.settle_proposal": "the platform's own staff, who have no keys",
    "smart_me.decide": "a person says which account is theirs; a key is nobody",
    "smart_me.dismiss": "a person says which account is theirs; a key is nobody",
    "smart_me.undecided_links": "a person says which account is theirs; a key is nobody",
    "closures.export_of_link": "a mailed link is opened by a person; `accountExports` tells its address",
    "handovers.hand_over_of_link": "a mailed link is opened by a person",
    "handovers.open_hand_over": "`handOvers` tells the same",
    "webhooks.endpoint": "`webhookEndpoints` tells the same",
}


def test_every_door_of_the_portal_is_open_to_programs_or_has_its_reason() -> None:
    missing = doors_used("portal") - doors_used("graphql_api") - set(FOR_PEOPLE)
    assert sorted(missing) == [], "add a field to the schema, or say here why programs need none"


def test_no_reason_is_older_than_its_door() -> None:
    used = doors_used("portal") - doors_used("graphql_api")
    assert sorted(set(FOR_PEOPLE) - used) == [], "take it off the list"


def doors_used(surface: str) -> set[str]:
    """The doors, as `room.door`, that the modules of a surface name."""
    return {f"{room}.{door}" for path in source_files(surface) for room, door in _named(path) if (room, door) in NAMES}


def _named(path: Path) -> set[tuple[str, str]]:
    """Everything of a room that the module uses: imported by its name, or as an attribute of an imported module."""
    modules: dict[str, str] = {}
    found: set[tuple[str, str]] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ROOMS:
            for one in node.names:
                modules[one.asname or one.name] = node.module.split(".")[0]
                found.add((node.module.split(".")[0], one.name))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            found.add((modules[node.value.id], node.attr))
    return found
