"""Moving a station to another account while its charger stays connected."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from accounts.access import Actor, allowed, allowed_in
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Invalid
from kit.events import record
from kit.notes import tell
from kit.use_case import use_case
from stations.admission import admit
from stations.events import NEW_ACCOUNT, StationMoved
from stations.identities import identity_taken
from stations.models import (
    Connector,
    InstalledCertificate,
    SettingsReading,
    Station,
    StationAbility,
    StationCertificate,
    StationCommand,
    StationMove,
    StationSetting,
    StationTrouble,
)
from stations.use_cases.held import settle_waiting
from stations.values import CommandState, StationId

# What a station is and has. Not what happened: messages, security events, files and finished commands stay.
_ALONG: Mapping[type[Any], tuple[Any, ...]] = {
    Connector: (),
    StationSetting: (),
    SettingsReading: (),
    StationAbility: (),
    StationCertificate: (),
    InstalledCertificate: (),
    StationTrouble: (StationTrouble.over_at.is_(None),),
    StationCommand: (StationCommand.state.in_([CommandState.PENDING, CommandState.SENT]),),
}


@use_case
def move_station(actor: Actor, station_id: StationId, account_id: AccountId) -> Station:
    """Let a station belong to another account, with its connectors, numbers, settings and certificates.

    Its charger stays connected and needs no new address. What happened before stays where it happened: a session that
    runs ends in the account in which it began, and so does one that was paid for already. Whoever manages the account
    may let it go (a technician could take it home); there it needs the right to manage stations. Raises
    Invalid(account=) for `same`, `identity_taken`, `other_currency`.
    """
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id, lock=True)
    left = AccountId(station.account_id)
    allowed_in(actor, Right.MANAGE_ACCOUNT, left)
    allowed_in(actor, Right.MANAGE_STATIONS, account_id)
    _judge(station, account_id)
    admit(account_id, station.kind)
    session = db.session()
    session.add(
        StationMove(
            account_id=left,
            to_account_id=account_id,
            station_id=station.id,
            identity=station.identity,
            moved_by=actor.reference,
            moved_at=clock.now(),
        )
    )
    station.account_id = account_id
    for model, which in _ALONG.items():
        session.execute(update(model).where(model.station_id == station.id, *which).values(account_id=account_id))
    settle_waiting(station, station.identity)
    record(StationMoved(station_id=station.id, from_account_id=left, account_id=account_id))
    tell(NEW_ACCOUNT, data=f"{station.id.hex} {account_id.hex}".encode())
    for changed in (("station", station.id), ("account", left), ("account", account_id)):
        tell(*changed)
    return station


def _judge(station: Station, account_id: AccountId) -> None:
    if station.account_id == account_id:
        raise Invalid(account="same")
    here, there = (db.session().get_one(Account, one) for one in (station.account_id, account_id))
    if here.currency != there.currency:
        raise Invalid(account="other_currency")
    if identity_taken(account_id, station.identity, but_for=StationId(station.id)):
        raise Invalid(account="identity_taken")
