"""Drivers of an account that ends: who charged is forgotten, how much is not."""

from sqlalchemy import delete, update

from accounts.access import Actor, system
from accounts.values import AccountId
from charging.models import (
    ChargingSession,
    DoubtfulFact,
    HandStart,
    LocalList,
    MeterValue,
    OrphanStop,
    Reservation,
    Tag,
)
from kit import db
from kit.use_case import use_case

FORGOTTEN = "FORGOTTEN"  # where the number of a tag stood


@use_case
def forget_drivers(actor: Actor, account_id: AccountId) -> None:
    """Delete the tags of an account and what chargers know of them by heart; sessions, reservations and the like tell
    no tag any more.
    """
    system(actor)
    session = db.session()
    for gone in (Tag, LocalList, DoubtfulFact):
        session.execute(delete(gone).where(gone.account_id == account_id))
    for model in (ChargingSession, HandStart, OrphanStop):
        session.execute(update(model).where(model.account_id == account_id).values(id_tag=FORGOTTEN))
    kept = update(Reservation).where(Reservation.account_id == account_id)
    session.execute(kept.values(id_tag=FORGOTTEN, parent_id_tag=""))
    session.expire_all()


@use_case
def erase_meter_values(actor: Actor, account_id: AccountId) -> None:
    """The time is over for which readings have to prove what was sold: they go, sessions keep their totals."""
    system(actor)
    db.session().execute(delete(MeterValue).where(MeterValue.account_id == account_id))
