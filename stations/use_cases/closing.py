"""Stations of an account that ends: chargers are hung up on and free to be entered elsewhere."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select, update

from accounts.access import Actor, system
from accounts.values import AccountId
from kit import clock, db
from kit.ids import secret_hex
from kit.notes import tell
from kit.use_case import use_case
from stations.models import (
    Connector,
    HeldMessage,
    Station,
    StationCertificate,
    StationCommand,
    StationMove,
    WaitingStation,
)
from stations.passwords import PASSWORD_BYTES, hash_password
from stations.use_cases.commands import end_unsent
from stations.use_cases.logins import end_logins
from stations.values import CertificateState, CommandState

_PLACE = ("description", "street", "postcode", "city", "serial")
_OPEN = (CertificateState.REQUESTED, CertificateState.SIGNED, CertificateState.IN_FORCE, CertificateState.REPLACED)


@use_case
def release_stations(actor: Actor, account_id: AccountId) -> Sequence[UUID]:
    """Disconnect every charger of an account for good; the ids of the stations. Their identities, numbers on labels and
    places are forgotten, certificates are taken back, and commands that wait are not sent any more.
    """
    system(actor)
    session, now = db.session(), clock.now()
    stations = session.scalars(select(Station).where(Station.account_id == account_id).with_for_update()).all()
    for station in stations:
        _forget(station)
    ids = [station.id for station in stations]
    end_unsent(CommandState.EXPIRED, StationCommand.station_id.in_(ids))
    revoked = update(StationCertificate).where(
        StationCertificate.station_id.in_(ids), StationCertificate.state.in_(_OPEN)
    )
    session.execute(revoked.values(state=CertificateState.REVOKED, ended_at=now))
    labels = update(Connector).where(Connector.station_id.in_(ids))
    session.execute(labels.values(code=None, name=""))
    for model in (HeldMessage, WaitingStation, StationMove):
        session.execute(delete(model).where(model.account_id == account_id))
    session.flush()
    return ids


def _forget(station: Station) -> None:
    station.identity, station.generated = f"closed-{station.id.hex}", False
    station.password_hash, station.next_password_hash = hash_password(secret_hex(PASSWORD_BYTES).encode()), None
    station.next_security_profile, station.raise_command_id, station.password_due = None, None, False
    station.name = station.id.hex[-8:]
    for field in _PLACE:
        setattr(station, field, "")
    station.latitude_e6 = station.longitude_e6 = None
    end_logins(station)
    tell("station", station.id)
