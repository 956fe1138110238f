"""How chargers prove who they are, and how that is changed while they run."""

import re
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.codes import clean_account_code
from accounts.models import Account
from accounts.queries import account_code
from accounts.use_cases import renew_account_code
from accounts.values import AccountId
from kit import worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from stations import passwords, reactions
from stations.models import Station, StationCommand
from stations.passwords import hash_password, password_matches
from stations.queries import station_for_socket, station_page
from stations.use_cases import (
    add_station,
    finish_command,
    mark_command_sent,
    push_password,
    raise_security_profile,
    restart_for_profile,
    take_over_password,
    take_over_profile,
)
from stations.values import Action, CommandId, CommandState, NewConnector, SecurityProfile, StationId
from tests import scene

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture(autouse=True)
def _reacting() -> None:
    worker.bind([reactions.REACTIONS], [])


def finished(command: StationCommand, state: CommandState) -> None:
    """The charger answers, or does not; and what follows happens."""
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), state)
    worker.drain()


def asked() -> list[tuple[Action, dict[str, Any]]]:
    rows = sorted(scene.rows(StationCommand), key=lambda row: row.id)
    return [(row.action, row.payload) for row in rows]


def row(station: Station) -> Station:
    found: Station = scene.row(Station, station.id)
    return found


# ------------------------------------------------------------------------------------------- account codes


def test_every_account_has_a_code_of_its_own_that_can_be_renewed_by_who_manages_it() -> None:
    people = scene.people()
    first, second = scene.row(Account, people.master.id).code, scene.row(Account, people.property.id).code
    assert first != second
    assert all(clean_account_code(code) == code for code in (first, second))
    assert account_code(people.bob, AccountId(people.property.id)) == second
    for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refusal):
            account_code(actor, AccountId(people.property.id))
    with pytest.raises(Forbidden):
        renew_account_code(people.bob, AccountId(people.property.id))
    third = renew_account_code(people.alice, AccountId(people.property.id))
    assert third not in (first, second)
    assert scene.row(Account, people.property.id).code == third


@pytest.mark.parametrize(("code", "problem"), [("short", "not_a_code"), ("0123456789ABCDE!", "not_a_code")])
def test_a_code_that_is_none_is_refused(code: str, problem: str) -> None:
    account = scene.account()
    with pytest.raises(Invalid) as refused:
        renew_account_code(SYSTEM, AccountId(account.id), account_code=code)
    assert refused.value.fields == {"account_code": problem}


def test_a_code_belongs_to_one_account() -> None:
    mine, other = scene.account(), scene.account()
    taken = renew_account_code(SYSTEM, AccountId(other.id), account_code=" 0123456789abcdef ")
    assert taken == "0123456789ABCDEF"
    with pytest.raises(Invalid) as refused:
        renew_account_code(SYSTEM, AccountId(mine.id), account_code=taken)
    assert refused.value.fields == {"account_code": "taken"}
    assert renew_account_code(SYSTEM, AccountId(other.id), account_code=taken) == taken


# ------------------------------------------------------------------------------------------- stations set up before


def test_a_station_keeps_the_identity_and_password_that_its_charger_has() -> None:
    people = scene.people()
    account = AccountId(people.property.id)
    made = add_station(
        people.bob, account, name="Ost", connectors=[NewConnector()], identity=" CP/1 ", password="a" * 16
    )
    assert (made.station.identity, made.station.generated, made.password) == ("CP/1", False, "a" * 16)
    code = scene.row(Account, people.property.id).code
    assert station_page(people.bob, StationId(made.station.id)).ocpp_path == f"/ocpp/{code}/CP%2F1"
    assert station_for_socket(SYSTEM, "CP/1") is None
    found = station_for_socket(SYSTEM, "CP/1", code)
    assert found is not None
    assert (found.id, found.by_account) == (made.station.id, True)
    assert station_for_socket(SYSTEM, "CP/1", scene.row(Account, people.master.id).code) is None


@pytest.mark.parametrize(
    ("login", "problem"),
    [
        ({"identity": "x" * 61}, {"identity": "too_long"}),
        ({"identity": "a\nb"}, {"identity": "invalid"}),
        ({"identity": "CP1"}, {"identity": "taken"}),
        ({"password": "fifteen-letters"}, {"password": "too_short"}),
        ({"password": "x" * 41}, {"password": "too_long"}),
    ],
)
def test_a_login_that_can_not_be_is_refused_at_its_field(login: dict[str, Any], problem: dict[str, str]) -> None:
    account = AccountId(scene.account().id)
    add_station(SYSTEM, account, name="West", connectors=[NewConnector()], identity="CP1")
    with pytest.raises(Invalid) as refused:
        add_station(SYSTEM, account, name="Ost", connectors=[NewConnector()], **login)
    assert refused.value.fields == problem
    elsewhere = AccountId(scene.account().id)
    if login.get("identity") == "CP1":  # another account may use it
        assert (
            add_station(SYSTEM, elsewhere, name="Ost", connectors=[NewConnector()], **login).station.identity == "CP1"
        )


def test_who_proves_nothing_or_has_a_certificate_gets_no_password() -> None:
    account = AccountId(scene.account().id)
    for profile, has_one in zip(SecurityProfile, (False, True, True, False), strict=True):
        made = add_station(SYSTEM, account, name="x", connectors=[NewConnector()], security_profile=profile)
        assert (bool(made.password), bool(made.station.password_hash)) == (has_one, has_one)
        assert not password_matches(b"", made.station.password_hash)


def test_hex_is_read_in_either_case_and_as_bytes_and_other_text_letter_by_letter() -> None:
    hexed, text = hash_password(b"0123456789ABCDEF01"), hash_password(b"Geheim-und-Lang!")
    for raw, reading in ((b"0123456789ABCDEF01", "text"), (b"0123456789abcdef01", "text")):
        assert password_matches(raw, hexed) == reading
    assert password_matches(bytes.fromhex("0123456789ABCDEF01"), hexed) == "bytes"
    assert password_matches(b"Geheim-und-Lang!", text) == "text"
    assert password_matches(b"GEHEIM-UND-LANG!", text) is None


@pytest.mark.parametrize("typed", ["0123456789abcdef01", "0123456789ABCDEF01", "0123456789abCDef01"])
def test_hex_that_somebody_typed_fits_in_either_case_and_as_bytes(typed: str) -> None:
    account = AccountId(scene.account().id)
    made = add_station(SYSTEM, account, name="x", connectors=[NewConnector()], password=typed)
    stored = made.station.password_hash
    for text in (typed, typed.lower(), typed.upper(), typed.swapcase()):
        assert password_matches(text.encode(), stored) == "text"
    assert password_matches(bytes.fromhex(typed), stored) == "bytes"
    assert password_matches(typed[:-1].encode(), stored) is None


def test_a_hash_of_hex_from_before_its_case_was_levelled_still_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(passwords, "_HEX", re.compile(rb"(?!)"))
        lower, mixed = hash_password(b"0123456789abcdef01"), hash_password(b"0123456789abCDef01")
    assert password_matches(b"0123456789ABCDEF01", lower) == password_matches(b"0123456789abcdef01", lower) == "text"
    assert password_matches(bytes.fromhex("0123456789ABCDEF01"), lower) == "bytes"
    assert password_matches(b"0123456789abCDef01", mixed) == "text"


# ------------------------------------------------------------------------------------------- pushed while it runs


def test_a_pushed_password_is_hex_of_16_random_bytes_and_there_is_one_at_a_time() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    pushed = push_password(people.bob, station.id)
    assert (pushed.action, pushed.payload["key"]) == (Action.CHANGE_CONFIGURATION, "AuthorizationKey")
    assert len(bytes.fromhex(pushed.payload["value"])) == 16
    with pytest.raises(Conflict, match="password_under_way"):
        push_password(people.bob, station.id)
    old = row(station).password_hash
    finished(pushed, CommandState.REFUSED)
    assert (row(station).password_hash, row(station).next_password_hash) == (old, None)
    again = push_password(people.bob, station.id)
    finished(again, CommandState.ACCEPTED)
    assert again.payload["value"] != pushed.payload["value"]
    new = hash_password(str(again.payload["value"]).encode())
    assert (row(station).password_hash, row(station).next_password_hash) == (old, new)
    take_over_password(SYSTEM, station.id, new)
    assert (row(station).password_hash, row(station).next_password_hash) == (new, None)
    for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refusal):
            push_password(actor, station.id)


def test_an_open_station_that_refuses_its_password_stays_open() -> None:
    account = AccountId(scene.account().id)
    made = add_station(
        SYSTEM, account, name="x", connectors=[NewConnector()], security_profile=SecurityProfile.OPEN
    ).station
    pushed = raise_security_profile(SYSTEM, StationId(made.id), profile=SecurityProfile.PASSWORD)
    mark_command_sent(SYSTEM, CommandId(pushed.id))
    assert row(made).next_security_profile is SecurityProfile.PASSWORD
    finish_command(SYSTEM, CommandId(pushed.id), CommandState.REFUSED)
    assert (row(made).security_profile, row(made).next_security_profile) == (SecurityProfile.OPEN, None)


def test_a_raise_tells_the_charger_restarts_it_once_and_counts_when_it_comes_with_it() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    told = raise_security_profile(people.bob, station.id, profile=SecurityProfile.PASSWORD_TLS)
    with pytest.raises(Conflict, match="profile_under_way"):
        raise_security_profile(people.bob, station.id, profile=SecurityProfile.CERTIFICATE_TLS)
    assert row(station).raise_command_id == told.id
    finished(told, CommandState.ACCEPTED)
    for event in (1, 2):  # told twice, it is restarted once
        restart_for_profile(SYSTEM, CommandId(told.id))
        assert asked() == [
            (Action.CHANGE_CONFIGURATION, {"key": "SecurityProfile", "value": "2"}),
            (Action.RESET, {"type": "Hard"}),
        ], event
    assert row(station).security_profile is SecurityProfile.PASSWORD
    take_over_profile(SYSTEM, station.id, SecurityProfile.PASSWORD_TLS)
    assert row(station).security_profile is SecurityProfile.PASSWORD_TLS
    with pytest.raises(Invalid) as refused:
        raise_security_profile(people.bob, station.id, profile=SecurityProfile.PASSWORD_TLS)
    assert refused.value.fields == {"profile": "not_higher"}


@pytest.mark.parametrize("state", [CommandState.REFUSED, CommandState.FAILED, CommandState.EXPIRED])
def test_a_raise_that_comes_to_nothing_restarts_nothing(state: CommandState) -> None:
    station = scene.station()
    told = raise_security_profile(SYSTEM, station.id, profile=SecurityProfile.PASSWORD_TLS)
    finished(told, state)
    assert [action for action, _ in asked()] == [Action.CHANGE_CONFIGURATION]
    assert (row(station).raise_command_id, row(station).security_profile) == (None, SecurityProfile.PASSWORD)


def test_a_late_answer_goes_on_with_the_raise() -> None:
    station = scene.station()
    told = raise_security_profile(SYSTEM, station.id, profile=SecurityProfile.PASSWORD_TLS)
    finished(told, CommandState.TIMED_OUT)
    assert row(station).raise_command_id == told.id
    finish_command(SYSTEM, CommandId(told.id), CommandState.ACCEPTED)
    worker.drain()
    assert [action for action, _ in asked()] == [Action.CHANGE_CONFIGURATION, Action.RESET]


def test_an_open_station_needs_its_password_before_it_can_go_higher() -> None:
    account = AccountId(scene.account().id)
    made = add_station(
        SYSTEM, account, name="x", connectors=[NewConnector()], security_profile=SecurityProfile.OPEN
    ).station
    with pytest.raises(Invalid) as refused:
        raise_security_profile(SYSTEM, StationId(made.id), profile=SecurityProfile.PASSWORD_TLS)
    assert refused.value.fields == {"profile": "password_first"}
