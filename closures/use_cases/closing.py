"""The day itself, one transaction in which everything ends but what the law keeps; and the day when that goes, too."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from accounts.access import Actor, system
from accounts.models import Account, Grant
from accounts.shares import live
from accounts.use_cases import end_account
from accounts.values import AccountId
from billing.use_cases import end_selling, erase_books
from charging.use_cases import erase_meter_values, forget_drivers
from closures import inspection
from closures.events import AccountClosed, ClosureDelayed
from closures.models import Closure, HandOut
from closures.values import KEPT_YEARS, ClosureId, ClosureState
from imports.use_cases import erase_brought, forget_brought
from kit import clock, db
from kit.events import record
from kit.i18n import _, speaking
from kit.use_case import use_case
from licensing.use_cases import end_licences, erase_invoices
from partners.use_cases import leave_directory
from smart_me.use_cases import unlink
from stations.use_cases import release_stations
from webhooks.use_cases import remove_endpoints


@use_case
def close_account(actor: Actor, closure_id: ClosureId) -> bool:
    """End everything in the account, and put pseudonyms where people were named. Documents and books stay, locked.

    False: something in it still goes on, or it was undone meanwhile. A second time nothing happens.
    """
    system(actor)
    row = db.session().get_one(Closure, closure_id, with_for_update=True, populate_existing=True)
    if row.state is not ClosureState.WAITING:
        return False
    account_id = AccountId(row.account_id)
    account = db.session().get_one(Account, account_id, with_for_update=True)
    if inspection.obstacles(account):
        _delay(row)
        return False
    row.people = sorted({str(one) for one in _people(account_id)})
    with speaking(account.language, account.time_zone):
        pseudonym = _("Closed account %(code)s", code=account_id.hex[-8:])
    row.kept_until = _kept_until(clock.now(), account.time_zone)
    remove_endpoints(actor, account_id)
    unlink(actor, account_id)
    leave_directory(actor, account_id, pseudonym=pseudonym)
    end_licences(actor, account_id)
    end_selling(actor, account_id)
    forget_brought(actor, account_id)
    forget_drivers(actor, account_id)
    station_ids = release_stations(actor, account_id)
    end_account(actor, account_id, pseudonym=pseudonym, station_ids=station_ids)
    row.state, row.closed_at = ClosureState.CLOSED, clock.now()
    record(AccountClosed(closure_id=row.id, account_id=account_id))
    return True


@use_case
def erase_kept(actor: Actor, closure_id: ClosureId) -> None:
    """The law wants nothing to be kept any more: documents, books and invoices go, with the readings behind them."""
    system(actor)
    row = db.session().get_one(Closure, closure_id, with_for_update=True, populate_existing=True)
    if row.state is not ClosureState.CLOSED or row.kept_until is None or row.kept_until > clock.now():
        return
    for erase in (erase_books, erase_invoices, erase_meter_values, erase_brought):
        erase(actor, AccountId(row.account_id))
    db.session().execute(delete(HandOut).where(HandOut.closure_id == row.id))
    row.state, row.name, row.people = ClosureState.ERASED, "", []


def _delay(row: Closure) -> None:
    if row.delayed_at is None:
        row.delayed_at = clock.now()
        record(ClosureDelayed(row.id))


def _people(account_id: UUID) -> list[UUID]:
    given = select(Grant.user_id).where(Grant.account_id == account_id, Grant.user_id.is_not(None), live())
    return [user_id for user_id in db.session().scalars(given) if user_id is not None]


def _kept_until(now: datetime, zone: str) -> datetime:
    """The end of the tenth year after the one in which the account was closed."""
    year = now.astimezone(ZoneInfo(zone)).year
    return datetime(year + KEPT_YEARS + 1, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
