"""The moment itself: one transaction, in which an account with everything in it gets another owner."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from accounts.access import Actor, ActorKind, system
from accounts.models import Account, User
from accounts.sellers import seller_of
from accounts.use_cases import change_owner, part_audit
from accounts.values import AccountId, UserId
from billing.use_cases import part_books
from charging.models import ChargingSession
from charging.values import SessionState
from handovers import inventory
from handovers.events import AccountHandedOver, HandOverEnded
from handovers.models import HandOver
from handovers.values import HandOverId, HandOverState, Item
from kit import clock, db
from kit.events import record
from kit.i18n import _, day, speaking
from kit.use_case import use_case
from licensing.use_cases import part_invoices
from smart_me.use_cases import unlink
from stations.models import Connector, Station
from webhooks.use_cases import remove_endpoints

VERSION = 1


@use_case
def carry_out(actor: Actor, hand_over_id: HandOverId) -> HandOver:
    """Let the account belong to whoever agreed to take it. A second time nothing happens. Where others stand below
    by now, it ends instead.

    No socket, station, tag or price is touched, and no session: one that runs is paid to whom it was begun with.
    """
    system(actor)
    row = db.session().get_one(HandOver, hand_over_id, with_for_update=True, populate_existing=True)
    if row.state is not HandOverState.AGREED:
        return row
    assert row.user_id is not None, "somebody agreed"
    account_id = AccountId(row.account_id)
    account = db.session().get_one(Account, account_id, with_for_update=True)
    if inventory.accounts_below(account):  # since it was agreed on: they are not part of it
        row.state, row.ended_at, row.ended_by = HandOverState.CANCELLED, clock.now(), actor.reference
        record(HandOverEnded(row.id))
        return row
    protocol = _protocol(row, account)
    with speaking(account.language, account.time_zone):
        look_back_name = _("Looks back")
        archive_name = _("%(account)s until %(day)s", account=account.name, day=day(clock.now()))
    archive = change_owner(
        actor,
        account_id,
        user_id=UserId(row.user_id),
        archive_name=archive_name,
        look_back_name=look_back_name,
        station_ids=inventory.station_ids(account_id),
        by=f"{ActorKind.USER.value}:{row.requested_by}",
    )
    archive_id = AccountId(archive.id)
    part_books(actor, account_id, archive_id)
    part_invoices(actor, account_id, archive_id)
    remove_endpoints(actor, account_id)
    unlink(actor, account_id)  # it is the old owner's account there, and its tokens open it
    part_audit(actor, account_id, archive_id)  # the last, so that all of the above is the old owner's to read
    row.state, row.archive_id, row.protocol = HandOverState.DONE, archive_id, protocol
    row.ended_at = clock.now()
    record(AccountHandedOver(hand_over_id=row.id, account_id=account_id, archive_id=archive_id))
    return row


def _protocol(row: HandOver, account: Account) -> dict[str, Any]:
    """What is true at this moment, for both to keep."""
    session = db.session()
    seller, facts = seller_of(account.id), inventory.preview(account)
    old, new = session.get_one(User, row.requested_by), session.get_one(User, row.user_id)
    return {
        "version": VERSION,
        "account": account.name,
        "code": account.code,
        "time_zone": account.time_zone,
        "handed_over_at": clock.now().isoformat(),
        "requested_at": row.requested_at.isoformat(),
        "old_agreed_at": None if row.old_agreed_at is None else row.old_agreed_at.isoformat(),
        "new_agreed_at": None if row.new_agreed_at is None else row.new_agreed_at.isoformat(),
        "old": {"name": old.name, "email": old.email, "seller": seller.name, "uid": seller.uid},
        "new": {"name": new.name, "email": new.email},
        "goes": [_plain(item) for item in facts.goes],
        "ends": [_plain(item) for item in facts.ends],
        "meters": _meters(account),
        "running": _running(account),
    }


def _plain(item: Item) -> dict[str, Any]:
    return {**asdict(item), "part": item.part.value, "names": list(item.names)}


def _meters(account: Account) -> list[dict[str, Any]]:
    """Every connector, with the register as it was told last in a session."""
    newest = (
        select(ChargingSession.last_wh)
        .where(ChargingSession.connector_id == Connector.id)
        .order_by(ChargingSession.started_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    joined = (
        select(Station.name, Station.identity, Connector.number, Connector.code, newest)
        .join(Connector, Connector.station_id == Station.id)
        .where(Station.account_id == account.id, Connector.number > 0)
        .order_by(Station.name, Connector.number)
    )
    names = ("station", "identity", "connector", "code", "register_wh")
    return [dict(zip(names, found, strict=True)) for found in db.session().execute(joined)]


def _running(account: Account) -> list[dict[str, Any]]:
    """Sessions across the moment: they end under the old owner."""
    active = (
        select(Station.name, ChargingSession.transaction_id, ChargingSession.started_at, ChargingSession.last_wh)
        .join(Station, Station.id == ChargingSession.station_id)
        .where(ChargingSession.account_id == account.id, ChargingSession.state == SessionState.ACTIVE)
        .order_by(ChargingSession.started_at)
    )
    return [
        {"station": name, "transaction": number, "started_at": started_at.isoformat(), "register_wh": last_wh}
        for name, number, started_at, last_wh in db.session().execute(active)
    ]
