"""Where a station may stand that is about to be added or moved, as far as smart-me is concerned; off unless set up."""

from uuid import UUID

from accounts.values import AccountId
from kit.errors import AppError, Invalid
from portal.actor import current_actor, look_again
from portal.forms import Form
from smart_me import cloud, queries, use_cases
from smart_me.rules import SEPARATE
from smart_me.values import Forecast
from stations.kinds import StationKind


def kind_of(form: Form, known: StationKind = StationKind.OCPP) -> StationKind:
    """What is asked only where smart-me is set up; elsewhere it stays what it is."""
    return form.choice("kind", StationKind) if cloud.offered() else known


def place_for(form: Form, account_id: AccountId, kind: StationKind, field: str) -> AccountId:
    """The chosen account; or the one beside it, where the reader takes the way out. Raises Invalid(`field`=)."""
    if not cloud.offered():
        return account_id
    told = queries.station_forecast(current_actor(), account_id, kind=kind, connectors=0)
    if told.refusal is None:
        return account_id
    if not form.ticked("beside"):
        raise Invalid(**{field: SEPARATE})
    beside = AccountId(use_cases.account_beside(current_actor(), account_id).id)
    look_again()
    return beside


def forecast_of(form: Form) -> Forecast | None:
    """What an OCPP station with so many connectors would cost in the chosen account; None where that is no question."""
    if not cloud.offered():
        return None
    try:
        account_id, connectors = AccountId(UUID(form.value("account"))), int(form.value("connectors") or 1)
        told = queries.station_forecast(
            current_actor(), account_id, kind=StationKind.OCPP, connectors=max(1, min(connectors, 100))
        )
    except (ValueError, AppError):
        return None
    return told if told.linked else None
