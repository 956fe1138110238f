"""What may stand where, as a table."""

import pytest

from smart_me import rules
from stations.kinds import StationKind

OCPP, PICO = StationKind.OCPP, StationKind.PICO


@pytest.mark.parametrize(
    ("kind", "linked", "refused"),
    [(OCPP, False, None), (PICO, False, None), (PICO, True, None), (OCPP, True, "ocpp_in_smart_me")],
)
def test_only_an_ocpp_station_in_a_linked_account_is_refused(kind: StationKind, linked: bool, refused: str) -> None:
    assert rules.refusal(kind, linked=linked) == refused


@pytest.mark.parametrize(
    ("stations", "linked", "zev", "must"),
    [(1, True, True, True), (1, True, False, False), (1, False, True, False), (0, True, True, False)],
)
def test_where_a_zev_is_billed_ocpp_stations_must_leave(stations: int, linked: bool, zev: bool, must: bool) -> None:
    assert rules.must_separate(stations, linked=linked, zev=zev) is must


def test_each_connector_of_an_ocpp_station_costs_a_professional_licence() -> None:
    told = rules.forecast(OCPP, 3, linked=True, zev=False, ocpp_connectors=2)
    assert (told.licences_now, told.licences_then, told.more, told.refusal) == (2, 5, 3, "ocpp_in_smart_me")
    assert rules.forecast(PICO, 3, linked=True, zev=True, ocpp_connectors=2).more == 0
    assert rules.forecast(OCPP, 3, linked=False, zev=False, ocpp_connectors=2).licences_then == 0
