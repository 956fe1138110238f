"""Firmware of an account, and which of it fits a station."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from accounts.access import Actor, allowed, allowed_in, visible, within
from accounts.models import AccountLineage
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.use_case import query
from stations.models import Firmware, Station
from stations.values import FirmwareId, StationId

MOST_SHOWN = 200


@query
def firmwares(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    before: FirmwareId | None = None,
    limit: int = MOST_SHOWN,
) -> Sequence[Firmware]:
    """What is on the list of an account and those below, the newest first."""
    wanted = visible(actor, Right.VIEW_STATIONS, select(Firmware), Firmware).where(Firmware.removed_at.is_(None))
    if account_id is not None:
        wanted = wanted.where(within(Firmware, account_id))
    if before is not None:
        wanted = wanted.where(Firmware.id < before)
    return db.session().scalars(wanted.order_by(Firmware.id.desc()).limit(limit)).all()


@query
def firmware(actor: Actor, firmware_id: FirmwareId) -> Firmware:
    """One firmware, also one that was taken off the list. Raises NotFound, Forbidden."""
    return allowed(actor, Right.VIEW_STATIONS, Firmware, firmware_id)


@query
def firmwares_for(actor: Actor, station_id: StationId) -> Sequence[Firmware]:
    """What a station can be sent: of its account or one above that the actor sees too, for its vendor and model."""
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == station.account_id)
    wanted = visible(actor, Right.VIEW_STATIONS, select(Firmware), Firmware).where(
        Firmware.removed_at.is_(None), Firmware.account_id.in_(above)
    )
    for column, told in ((Firmware.vendor, station.vendor), (Firmware.model, station.model)):
        if told:
            wanted = wanted.where(or_(column == "", func.lower(column) == told.lower()))
    return db.session().scalars(wanted.order_by(Firmware.id.desc()).limit(MOST_SHOWN)).all()


@query
def may_add_firmware(actor: Actor, account_id: AccountId) -> None:
    """Whether the actor may add firmware there, asked before a large file is read. Raises NotFound, Forbidden."""
    allowed_in(actor, Right.MANAGE_STATIONS, account_id)
