"""What may stand in an account that is one of smart-me, too. The only place that knows; pure.

smart-me mirrors each connector of a foreign (OCPP) station as a meter of its own, and every meter there needs a
licence of the highest level. Its own Pico stations are in that account anyway. So OCPP stations get an account of
their own, and where the meters of a ZEV are billed they have to.
"""

from smart_me.values import Forecast
from stations.kinds import StationKind

SEPARATE = "ocpp_in_smart_me"


def refusal(kind: StationKind, *, linked: bool) -> str | None:
    """Why a station of this kind can't be put into an account; None: it can."""
    return SEPARATE if linked and kind is StationKind.OCPP else None


def licences(ocpp_connectors: int, *, linked: bool) -> int:
    """How many Professional licences smart-me asks for: one for each connector of an OCPP station."""
    return ocpp_connectors if linked else 0


def must_separate(ocpp_stations: int, *, linked: bool, zev: bool) -> bool:
    """Whether stations have to leave: OCPP stations stand where a ZEV is billed."""
    return linked and zev and ocpp_stations > 0


def forecast(kind: StationKind, connectors: int, *, linked: bool, zev: bool, ocpp_connectors: int) -> Forecast:
    """What it would mean to add a station with so many connectors."""
    then = ocpp_connectors + (connectors if kind is StationKind.OCPP else 0)
    return Forecast(
        linked=linked,
        zev=zev,
        licences_now=licences(ocpp_connectors, linked=linked),
        licences_then=licences(then, linked=linked),
        refusal=refusal(kind, linked=linked),
    )
