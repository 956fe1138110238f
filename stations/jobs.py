"""What this room does by the clock."""

import time
from datetime import timedelta

from sqlalchemy import select

from accounts.access import SYSTEM
from kit import bus, clock, db, files, settings
from kit.worker import Job
from stations import proxy_files
from stations.models import Station
from stations.queries import (
    any_silent_gateway,
    campaigns_at_work,
    commands_overdue,
    expiring_certificates,
    open_commands,
    stations_to_set_up,
    unanswered_commands,
    wants_quiet,
    work_orders_due,
)
from stations.use_cases import (
    advance_campaign,
    end_silent_jobs,
    expire_commands,
    finish_command,
    forget_silent_gateways,
    give_turns,
    look_for_troubles,
    prune_commands,
    prune_connections,
    prune_file_jobs,
    prune_files,
    prune_messages,
    prune_questions,
    prune_security_events,
    prune_troubles,
    prune_waiting,
    request_command,
    set_up_station,
)
from stations.values import SILENCE_BEFORE_OUT_OF_SERVICE, Action, CommandState, StationId

_EVERY_SILENCE = timedelta(seconds=30)
# 20,000 messages every 15 seconds: more than 1,000 a second, which is what a large platform writes
_BITES, _PAUSE_S = 40, 0.025


def end_overdue_commands() -> None:
    """Give up on commands that were never sent in time, or never answered."""
    while commands_overdue(SYSTEM):
        expire_commands(SYSTEM)
    for command_id in unanswered_commands(SYSTEM):
        finish_command(SYSTEM, command_id, CommandState.TIMED_OUT)


def give_next_turns() -> None:
    """Go on with work orders."""
    for work_order_id in work_orders_due(SYSTEM):
        give_turns(SYSTEM, work_order_id)


def note_silences() -> None:
    """Let open pages hear of stations that have just become out of service by saying nothing."""
    limit = clock.now() - SILENCE_BEFORE_OUT_OF_SERVICE
    just_silent = select(Station.id, Station.account_id).where(
        Station.last_seen_at.between(limit - 2 * _EVERY_SILENCE, limit)
    )
    with db.transaction(writing=False) as unit:
        rows = unit.session.execute(just_silent).all()
    for station_id, account_id in rows:
        bus.current().publish(f"station:{station_id}")
        bus.current().publish(f"account:{account_id}")


def look_for_stations_in_trouble() -> None:
    """Find stations that connect again and again, do not answer, or are gone for long."""
    look_for_troubles(SYSTEM)


def remove_old_security_events() -> None:
    """Keep reports of stations about their safety no longer than SECURITY_EVENT_DAYS."""
    prune_security_events(SYSTEM)


def remove_old_connections() -> None:
    """Keep the log of connections no longer than CONNECTION_LOG_DAYS."""
    while prune_connections(SYSTEM):
        pass
    prune_troubles(SYSTEM)


def forget_waiting_chargers() -> None:
    """Chargers that nobody accepted and that stay away are forgotten after a month."""
    prune_waiting(SYSTEM)


def shorten_message_log() -> None:
    """Keep messages no longer than MESSAGE_LOG_DAYS: a little at a time, so that chargers never wait for it."""
    for _ in range(_BITES):
        if not prune_messages(SYSTEM):
            return
        time.sleep(_PAUSE_S)


def forget_own_questions() -> None:
    """What the platform asked by itself is kept no longer than the messages about it."""
    for _ in range(_BITES):
        if not prune_questions(SYSTEM):
            return
        time.sleep(_PAUSE_S)


def forget_old_commands() -> None:
    """Keep commands, work orders and the stories of files no longer than COMMAND_DAYS once they are over."""
    for prune in (prune_file_jobs, prune_commands):
        for _ in range(_BITES):
            if not prune(SYSTEM):
                break
            time.sleep(_PAUSE_S)


def renew_certificates() -> None:
    """Ask stations whose certificate ends soon to ask for a new one; again every day, until they have it."""
    for row in expiring_certificates(SYSTEM):
        asked = open_commands(SYSTEM, row.station_id, Action.EXTENDED_TRIGGER_MESSAGE)
        if not asked and not wants_quiet(SYSTEM, row.station_id):
            wanted = {"requestedMessage": "SignChargePointCertificate"}
            request_command(
                SYSTEM, row.station_id, Action.EXTENDED_TRIGGER_MESSAGE, wanted, expires_in=timedelta(days=1)
            )


def write_proxy_files() -> None:
    """Let the proxy know of revoked certificates; its list is good for 30 days, so it is written every day."""
    proxy_files.write(settings.current().certificates_dir)


def forget_silent() -> None:
    """Forget gateways that are gone without a word, killed or cut off, and the sockets that they held."""
    if settings.current().redis_url is not None and any_silent_gateway(SYSTEM):  # else there is one, and it is here
        forget_silent_gateways(SYSTEM)


def advance_campaigns() -> None:
    """Start the stations whose turn it is."""
    for campaign_id in campaigns_at_work(SYSTEM):
        advance_campaign(SYSTEM, campaign_id)


def set_up_stations() -> None:
    """Read what stations have set after they started, and set what is wished; a few at a time, each after a while."""
    for station_id in stations_to_set_up(SYSTEM):
        set_up_station(SYSTEM, StationId(station_id))


def end_silent_files() -> None:
    """Give up on files that stations said nothing more about."""
    end_silent_jobs(SYSTEM)


def remove_old_files() -> None:
    """Keep what stations sent no longer than FILE_DAYS."""
    prune_files(SYSTEM)


def remove_loose_files() -> None:
    """Remove files that were let go, or that never came to belong to anything."""
    files.remove_loose()


JOBS = [
    Job("stations.end_overdue_commands", timedelta(seconds=2), end_overdue_commands, quick=True),
    Job("stations.forget_silent_gateways", timedelta(seconds=10), forget_silent, quick=True),
    Job("stations.give_next_turns", timedelta(seconds=2), give_next_turns, quick=True),
    Job("stations.note_silences", _EVERY_SILENCE, note_silences, quick=True),
    Job("stations.look_for_troubles", timedelta(minutes=1), look_for_stations_in_trouble),
    Job("stations.advance_campaigns", timedelta(seconds=5), advance_campaigns, quick=True),
    Job("stations.set_up_stations", timedelta(seconds=5), set_up_stations, quick=True),
    Job("stations.end_silent_files", timedelta(minutes=5), end_silent_files, quick=True),
    Job("stations.prune_files", timedelta(hours=6), remove_old_files),
    Job("stations.remove_loose_files", timedelta(minutes=5), remove_loose_files),
    Job("stations.prune_security_events", timedelta(hours=6), remove_old_security_events),
    Job("stations.prune_connections", timedelta(hours=6), remove_old_connections),
    Job("stations.shorten_message_log", timedelta(seconds=15), shorten_message_log),
    Job("stations.forget_own_questions", timedelta(minutes=15), forget_own_questions),
    Job("stations.forget_old_commands", timedelta(hours=1), forget_old_commands),
    Job("stations.forget_waiting_chargers", timedelta(hours=6), forget_waiting_chargers),
    Job("stations.renew_certificates", timedelta(days=1), renew_certificates),
    Job("stations.write_proxy_files", timedelta(days=1), write_proxy_files),
]
