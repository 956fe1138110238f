"""Campaigns: wave after wave, where nobody charges and the clock allows it; stopped by failures."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from accounts.access import SYSTEM
from accounts.models import Account
from accounts.values import AccountId
from kit import clock, db, settings, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from stations import jobs
from stations.models import Campaign, CampaignStation, FileJob, Firmware, Station, StationCommand
from stations.queries import campaign, campaign_choices, campaign_stations, campaigns, campaigns_at_work
from stations.reactions import REACTIONS
from stations.uploads import take_firmware
from stations.use_cases import (
    Waves,
    cancel_campaign,
    create_campaign,
    finish_command,
    mark_command_sent,
    pause_campaign,
    remove_firmware,
    retry_station,
    skip_station,
    start_campaign,
)
from stations.values import (
    CampaignId,
    CampaignState,
    CampaignStationId,
    CampaignStationState,
    CommandId,
    CommandState,
    ConnectorStatus,
    FirmwareId,
    StationId,
)
from tests import scene
from tests.talk import Talk

pytestmark = pytest.mark.usefixtures("database", "program")
W, R, D, F, S = "waiting", "running", "done", "failed", "skipped"


@pytest.fixture
def people() -> scene.People:
    return scene.people()


@pytest.fixture
def stations(people: scene.People) -> list[Station]:
    return [scene.station(property=people.property, name=f"Platz {number}") for number in range(1, 6)]


@pytest.fixture
def firmware(people: scene.People) -> Firmware:
    account = AccountId(people.master.id)
    return take_firmware(people.alice, account, io.BytesIO(b"firmware"), "box.bin", version="2.5")


def planned(people: scene.People, firmware: Firmware, stations: Sequence[Station], waves: Waves) -> CampaignId:
    made = create_campaign(
        people.alice,
        AccountId(people.master.id),
        name="Frühling",
        firmware_id=FirmwareId(firmware.id),
        station_ids=[StationId(station.id) for station in stations],
        waves=waves,
    )
    return CampaignId(made.id)


def started(people: scene.People, firmware: Firmware, stations: Sequence[Station], waves: Waves) -> CampaignId:
    campaign_id = planned(people, firmware, stations, waves)
    start_campaign(people.alice, campaign_id)
    jobs.advance_campaigns()
    return campaign_id


def states(campaign_id: CampaignId) -> list[str]:
    return [one.row.state.value for one in campaign_stations(SYSTEM, campaign_id)]


def state(campaign_id: CampaignId) -> CampaignState:
    return campaign(SYSTEM, campaign_id).campaign.state


def tells(station: Station, *statuses: str) -> None:
    """The station tells how its update goes; then the campaign looks."""
    for status in statuses:
        Talk(station).call("FirmwareStatusNotification", {"status": status})
    jobs.advance_campaigns()


def installs(*stations: Station) -> None:
    for station in stations:
        tells(station, "Downloading", "Downloaded", "Installing", "Installed")


def test_waves_follow_one_another_when_the_last_station_is_done(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    made = started(people, firmware, stations, Waves(first_wave=1, wave_size=2, pause_minutes=0))
    assert [one.row.wave for one in campaign_stations(SYSTEM, made)] == [1, 2, 2, 3, 3]
    assert states(made) == [R, W, W, W, W]
    installs(stations[0])
    assert states(made) == [D, R, R, W, W]
    installs(stations[1])
    assert states(made) == [D, D, R, W, W]
    installs(stations[2])
    assert states(made) == [D, D, D, R, R]
    installs(*stations[3:])
    assert (states(made), state(made)) == ([D] * 5, CampaignState.DONE)
    assert campaigns_at_work(SYSTEM) == []
    assert len(scene.rows(FileJob)) == 5


def test_looking_often_sends_nothing_twice(people: scene.People, firmware: Firmware, stations: list[Station]) -> None:
    started(people, firmware, stations, Waves(first_wave=2))
    for _ in range(3):
        jobs.advance_campaigns()
    assert len(scene.rows(StationCommand)) == 2
    assert {row.requested_by.partition(":")[0] for row in scene.rows(FileJob)} == {"campaign"}


def test_a_pause_lies_between_two_waves(people: scene.People, firmware: Firmware, stations: list[Station]) -> None:
    made = started(people, firmware, stations[:2], Waves(first_wave=1, pause_minutes=30))
    installs(stations[0])
    assert states(made) == [D, W]
    with clock.moved_to(clock.now() + timedelta(minutes=29)):
        jobs.advance_campaigns()
        assert states(made) == [D, W]
    with clock.moved_to(clock.now() + timedelta(minutes=31)):
        jobs.advance_campaigns()
        assert states(made) == [D, R]


@pytest.mark.parametrize("status", [ConnectorStatus.CHARGING, ConnectorStatus.SUSPENDED_EV, ConnectorStatus.PREPARING])
def test_nobody_is_disturbed_while_charging(
    people: scene.People, firmware: Firmware, stations: list[Station], status: ConnectorStatus
) -> None:
    scene.says(stations[0], status)
    made = started(people, firmware, stations[:2], Waves(first_wave=2))
    assert states(made) == [W, R]
    assert [one.busy for one in campaign_stations(SYSTEM, made)] == [True, False]
    scene.says(stations[0], ConnectorStatus.AVAILABLE)
    jobs.advance_campaigns()
    assert states(made) == [R, R]


def test_a_station_that_is_away_is_waited_for_or_left_out(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    scene.silent(stations[0])
    made = started(people, firmware, stations[:2], Waves(first_wave=1, pause_minutes=0))
    assert states(made) == [W, W]
    first, _second = campaign_stations(SYSTEM, made)
    skip_station(people.alice, CampaignStationId(first.row.id))
    jobs.advance_campaigns()
    assert states(made) == [S, R]
    with pytest.raises(Conflict) as refused:
        skip_station(people.alice, CampaignStationId(first.row.id))
    assert refused.value.code == "station_over"


def test_a_station_that_says_nothing_any_more_holds_nobody_up_for_longer_than_people_want(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    made = started(people, firmware, stations[:2], Waves(pause_minutes=0))
    (first, _) = campaign_stations(SYSTEM, made)
    skip_station(people.alice, CampaignStationId(first.row.id))
    assert [row.state for row in scene.rows(StationCommand)] == [CommandState.CANCELLED]
    jobs.advance_campaigns()
    assert states(made) == [S, R]
    installs(stations[0])
    assert states(made) == [S, R]


def test_a_station_that_failed_tries_again_before_later_ones_begin(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    made = started(people, firmware, stations[:3], Waves(pause_minutes=0))
    first = CampaignStationId(campaign_stations(SYSTEM, made)[0].row.id)
    with pytest.raises(Conflict) as refused:
        retry_station(people.alice, first)
    assert refused.value.code == "station_not_over"
    tells(stations[0], "DownloadFailed")
    assert (states(made), state(made)) == ([F, W, W], CampaignState.STOPPED)
    retry_station(people.alice, first)
    start_campaign(people.alice, made)
    jobs.advance_campaigns()
    assert states(made) == [R, W, W]
    installs(stations[0])
    assert states(made) == [D, R, R]
    assert [job.number for job in scene.rows(FileJob, FileJob.station_id == stations[0].id)] == [1, 2]
    with pytest.raises(NotFound):
        retry_station(people.charlie, first)


def test_a_station_that_runs_the_version_already_is_left_in_peace(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    Talk(stations[0]).call(
        "BootNotification", {"chargePointVendor": "v", "chargePointModel": "m", "firmwareVersion": "2.5"}
    )
    made = started(people, firmware, stations[:2], Waves(pause_minutes=0))
    assert states(made) == [D, W]
    jobs.advance_campaigns()
    assert states(made) == [D, R]
    assert [job.station_id for job in scene.rows(FileJob)] == [stations[1].id]


def test_a_large_wave_begins_in_parts(
    people: scene.People, firmware: Firmware, stations: list[Station], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stations.use_cases.campaigns.MOST_AT_ONCE", 2)
    made = started(people, firmware, stations, Waves(first_wave=5))
    assert states(made) == [R, R, W, W, W]
    jobs.advance_campaigns()
    assert states(made) == [R, R, R, R, W]


def test_no_more_stations_start_than_can_fetch_the_file_at_once(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    settings.use(replace(settings.current(), threads=4))
    made = started(people, firmware, stations, Waves(first_wave=5))
    assert states(made) == [R, R, W, W, W]
    tells(stations[0], "Downloading")
    assert states(made) == [R, R, W, W, W]
    tells(stations[0], "Downloaded")
    assert states(made) == [R, R, R, W, W]
    with clock.moved_to(clock.now() + timedelta(minutes=11)):  # the others never say how far they are
        jobs.advance_campaigns()
    assert states(made) == [R] * 5


def test_a_station_that_finds_a_busy_server_tries_again(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    started(people, firmware, stations[:1], Waves())
    (command,) = scene.rows(StationCommand)
    assert (command.payload["retries"], command.payload["retryInterval"]) == (5, 120)


def test_stations_are_shown_a_part_at_a_time_and_by_state(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    made = started(people, firmware, stations, Waves(first_wave=2))
    installs(stations[0])
    names = [one.name for one in campaign_stations(people.alice, made, limit=2)]
    last = CampaignStationId(campaign_stations(people.alice, made, limit=2)[-1].row.id)
    names += [one.name for one in campaign_stations(people.alice, made, after=last)]
    assert names == [f"Platz {number}" for number in range(1, 6)]
    running = campaign_stations(people.alice, made, CampaignStationState.RUNNING)
    assert [one.name for one in running] == ["Platz 2"]
    assert campaign(people.alice, made).over == 1
    with pytest.raises(NotFound):
        campaign_stations(people.charlie, made)


@pytest.mark.parametrize(
    ("start", "end", "hour", "runs"),
    [(22, 5, 23, True), (22, 5, 4, True), (22, 5, 5, False), (22, 5, 12, False), (9, 17, 9, True), (9, 17, 17, False)],
)
def test_stations_start_within_the_window_of_their_own_time_zone(
    people: scene.People, firmware: Firmware, stations: list[Station], start: int, end: int, hour: int, runs: bool
) -> None:
    with db.transaction(writing=True) as unit:
        there = update(Account).where(Account.id == people.property.id)
        unit.session.execute(there.values(time_zone="America/New_York"))
    waves = Waves(window_from=start * 60, window_until=end * 60)
    with clock.moved_to(datetime(2027, 1, 12, (hour + 5) % 24, 0, tzinfo=UTC)):
        scene.says(stations[0], ConnectorStatus.AVAILABLE)
        made = started(people, firmware, stations[:1], waves)
        assert states(made) == [R if runs else W]


def test_one_failure_too_many_stops_it_and_whoever_starts_it_again_forgives(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    made = started(people, firmware, stations, Waves(first_wave=2, wave_size=3, pause_minutes=0, failures_allowed=1))
    tells(stations[0], "Downloading", "DownloadFailed")
    assert (states(made), state(made)) == ([F, R, W, W, W], CampaignState.RUNNING)
    tells(stations[1], "InstallationFailed")
    assert (states(made), state(made)) == ([F, F, W, W, W], CampaignState.STOPPED)
    assert campaign_stations(SYSTEM, made)[1].reason == "InstallationFailed"
    jobs.advance_campaigns()
    assert states(made)[2:] == [W, W, W]
    start_campaign(people.alice, made)
    jobs.advance_campaigns()
    assert (states(made), state(made)) == ([F, F, R, R, R], CampaignState.RUNNING)


def test_a_station_that_comes_to_a_good_end_late_counts_as_done(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    made = started(people, firmware, stations[:2], Waves(pause_minutes=0, failures_allowed=1))
    tells(stations[0], "DownloadFailed")
    assert states(made) == [F, R]
    installs(stations[0])
    assert states(made) == [D, R]


def test_a_refusal_is_a_failure(people: scene.People, firmware: Firmware, stations: list[Station]) -> None:
    worker.bind([REACTIONS], [])
    made = started(people, firmware, stations[:1], Waves())
    (command,) = scene.rows(StationCommand)
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), CommandState.FAILED, error="NotSupported: no")
    worker.drain()
    jobs.advance_campaigns()
    assert (states(made), state(made)) == ([F], CampaignState.STOPPED)


def test_paused_it_starts_nobody_and_still_hears_of_those_at_it(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    made = started(people, firmware, stations, Waves(pause_minutes=0))
    pause_campaign(people.alice, made)
    installs(stations[0])
    assert (states(made), state(made)) == ([D, W, W, W, W], CampaignState.PAUSED)
    start_campaign(people.alice, made)
    jobs.advance_campaigns()
    assert states(made) == [D, R, R, R, R]


def test_cancelled_it_takes_back_what_was_not_sent(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    made = started(people, firmware, stations, Waves(first_wave=2))
    first = scene.rows(StationCommand)[0]
    mark_command_sent(SYSTEM, CommandId(first.id))
    cancel_campaign(people.alice, made)
    assert states(made) == [R, S, S, S, S]
    installs(stations[0])
    assert (states(made), state(made)) == ([D, S, S, S, S], CampaignState.CANCELLED)
    for deed in (start_campaign, pause_campaign, cancel_campaign):
        with pytest.raises(Conflict):
            deed(people.alice, made)


def test_a_plan_is_judged_at_its_fields(people: scene.People, firmware: Firmware, stations: list[Station]) -> None:
    wrong = [
        (Waves(first_wave=0), {"first_wave": "out_of_range"}),
        (Waves(wave_size=0, pause_minutes=-1), {"wave_size": "out_of_range", "pause_minutes": "out_of_range"}),
        (Waves(window_from=60), {"window_until": "required"}),
        (Waves(window_from=60, window_until=60), {"window_until": "same_time"}),
        (Waves(window_from=0, window_until=1440), {"window_until": "out_of_range"}),
    ]
    for waves, problems in wrong:
        with pytest.raises(Invalid) as refused:
            planned(people, firmware, stations, waves)
        assert refused.value.fields == problems
    with pytest.raises(Invalid) as refused:
        planned(people, firmware, [], Waves())
    assert refused.value.fields == {"station_ids": "required"}
    with pytest.raises(NotFound):
        planned(people, firmware, [scene.station()], Waves())
    elsewhere = scene.station(property=people.other_property)
    with pytest.raises(Invalid) as refused:
        create_campaign(
            people.alice,
            AccountId(people.property.id),
            name="Frühling",
            firmware_id=FirmwareId(firmware.id),
            station_ids=[StationId(elsewhere.id)],
            waves=Waves(),
        )
    assert refused.value.fields == {"station_ids": "other_account"}
    assert scene.rows(Campaign) == scene.rows(CampaignStation) == []


def test_a_campaign_over_many_stations_asks_the_database_no_more_often(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    counts = []
    for chosen in (stations[:2], stations):
        with scene.statements() as seen:
            planned(people, firmware, chosen, Waves())
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_campaigns_are_seen_and_run_by_those_who_may(
    people: scene.People, firmware: Firmware, stations: list[Station]
) -> None:
    made = planned(people, firmware, stations, Waves())
    assert [row.stations for row in campaigns(people.alice)] == [5]
    assert campaigns(people.bob) == campaigns(people.charlie) == []
    with pytest.raises(NotFound):
        start_campaign(people.charlie, made)
    with pytest.raises(Forbidden):
        create_campaign(
            people.vera,
            AccountId(people.property.id),
            name="x",
            firmware_id=FirmwareId(firmware.id),
            station_ids=[],
            waves=Waves(),
        )
    with pytest.raises(Conflict):
        remove_firmware(people.alice, FirmwareId(firmware.id))
    offered = campaign_choices(people.alice, AccountId(people.master.id), FirmwareId(firmware.id))
    assert [row.station.name for row in offered] == [f"Platz {number}" for number in range(1, 6)]
