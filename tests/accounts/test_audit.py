"""Audit lines tell who changed what and from where, can't be changed, and are sealed into a chain per account."""

import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from accounts import use_cases
from accounts.access import SYSTEM
from accounts.jobs import forget_old_audit, seal_audit
from accounts.queries import (
    AuditFilter,
    actor_of_user,
    audit_anchor,
    audit_anchors,
    audit_choices,
    audit_lines,
    checked_chain,
)
from accounts.rights import Role
from accounts.values import AccountId, UserId
from kit import audit, clock, db, seals
from kit.audit import AuditLine, Origin
from kit.errors import Forbidden, Invalid, NotFound
from kit.masking import MASK
from kit.seals import PLATFORM, AuditSeal, PendingLine, Retention
from stations.use_cases import update_station
from stations.values import StationId
from tests import make
from tests.people import People
from tests.programs import run

UPDATE = "accounts.use_cases.accounts.update_account"


def home(people: People) -> AccountId:
    return AccountId(people.home.id)


def tampered(statement: str) -> None:
    """What somebody does who owns the database, triggers and all."""
    sqlite = db.is_sqlite()
    with db.engine().begin() as connection:
        if sqlite:
            found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _ in found:
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text(statement))
            for _, sql in found:
                connection.execute(text(sql))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement))


def key(of: UUID) -> str:
    return f"'{of.hex if db.is_sqlite() else of}'"


def test_a_line_tells_what_changed_and_of_what(people: People) -> None:
    station = make.station(property=people.home, owner=people.alice, name="Garage")
    update_station(people.alice, StationId(station.id), name="Hof")
    newest, before = audit_lines(people.alice, AuditFilter(home(people), thing=f"stations:{station.id}")).rows[:2]
    assert (newest.actor, newest.door) == (people.alice.reference, "stations.use_cases.stations.update_station")
    [change] = newest.changes
    assert (change["before"]["name"], change["after"]["name"], change["deed"]) == ("Garage", "Hof", "changed")
    assert set(change["after"]) <= {"name", "updated_at"}, "only what changed"
    made = next(one for one in before.changes if one["thing"] == f"stations:{station.id}")
    assert (made["deed"], made["before"], made["after"]["name"]) == ("created", {}, "Garage")
    assert station.password not in str([line.changes for line in audit_lines(people.alice).rows])
    assert made["after"]["password_hash"] == MASK


def test_a_deed_that_changes_nothing_says_so_and_inner_deeds_tell_their_own_part(people: People) -> None:
    use_cases.update_account(people.alice, home(people), name=people.home.name)
    [line] = audit_lines(
        people.alice, AuditFilter(home(people), door="accounts.use_cases.accounts.update_account")
    ).rows[:1]
    assert line.changes == []


def test_a_line_tells_from_where(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    came = Origin("portal", "192.0.2.7", "Firefox/140", "login:1", "user:2")
    monkeypatch.setattr(audit, "_origin", lambda: came)
    use_cases.update_account(people.alice, home(people), name="Neu")
    line = audit_lines(people.alice).rows[0]
    assert Origin(line.surface, line.address, line.agent, line.credential, line.on_behalf_of) == came


def test_addresses_and_browsers_go_before_the_line_and_the_chain_holds(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_origin", lambda: Origin("portal", "192.0.2.7", "Firefox/140"))
    use_cases.update_account(people.alice, home(people), name="Neu")
    seal_audit()
    kept = audit_lines(people.alice).rows[0]
    tampered(f"UPDATE audit_origins SET address = '192.0.2.8' WHERE line_id = {key(kept.id)}")
    assert checked_chain(SYSTEM, people.home.id).reason == "origin_changed"
    tampered(f"UPDATE audit_origins SET address = '192.0.2.7' WHERE line_id = {key(kept.id)}")
    assert checked_chain(SYSTEM, people.home.id).reason == ""
    with clock.moved_to(clock.now() + timedelta(days=181)):
        forget_old_audit()
        line = next(row for row in audit_lines(people.alice).rows if row.id == kept.id)
        assert (line.address, line.agent, line.surface, line.seal) == ("", "", "portal", kept.seal)
        assert checked_chain(SYSTEM, people.home.id).reason == ""


def test_a_line_says_that_staff_of_the_platform_did_it(people: People) -> None:
    login = make.login()
    user = use_cases.make_staff(SYSTEM, email=login.email)
    staff = actor_of_user(SYSTEM, UserId(user.id), user.session_key)
    assert staff is not None
    use_cases.suspend_account(staff, home(people))
    line = audit_lines(people.alice, AuditFilter(home(people))).rows[0]
    assert (line.door.rpartition(".")[2], line.actor, line.by_staff) == ("suspend_account", staff.reference, True)
    use_cases.update_account(people.alice, home(people), name="Neu")
    assert not audit_lines(people.alice, AuditFilter(home(people))).rows[0].by_staff


def test_a_master_at_work_on_a_property_is_named_as_such(people: People) -> None:
    use_cases.update_account(people.alice, home(people), name="Neu")
    line = audit_lines(people.alice, AuditFilter(home(people))).rows[0]
    assert (line.through_id, line.through_name) == (people.master.id, people.master.account.name)


def test_lines_are_read_by_page_and_by_those_who_may(people: People) -> None:
    for name in ("a", "b", "c"):
        use_cases.update_account(people.alice, home(people), name=name)
    door = AuditFilter(home(people), door=UPDATE, actor=people.alice.reference)
    first = audit_lines(people.alice, door, limit=2)
    rest = audit_lines(people.alice, door, before=first.older, limit=2)
    assert [row.changes[0]["after"]["name"] for row in (*first.rows, *rest.rows)] == ["c", "b", "a"]
    assert rest.older is None
    assert audit_lines(people.alice, AuditFilter(home(people), until=first.rows[-1].at)).rows[0].id == rest.rows[0].id
    assert audit_lines(people.charlie, AuditFilter(home(people))).rows == ()
    viewer = make.login(account=people.home, role=Role.VIEWER)
    assert audit_lines(viewer.actor).rows == ()
    with pytest.raises(Forbidden):
        audit_choices(viewer.actor, home(people))
    with pytest.raises(NotFound):
        audit_anchor(people.charlie, home(people))
    with pytest.raises(Invalid):
        audit_lines(people.alice, AuditFilter(since=clock.now().replace(tzinfo=None)))
    assert door.door in audit_choices(people.alice, home(people)).doors


def test_the_database_refuses_to_change_and_to_delete_lines_and_seals(people: People) -> None:
    seal_audit()
    for statement in (
        update(AuditLine).values(actor="somebody else"),
        delete(AuditLine),
        update(AuditSeal).values(hash="x"),
        delete(AuditSeal),
    ):
        with pytest.raises(DBAPIError, match="only added"), db.transaction(writing=True) as unit:
            unit.session.execute(statement, execution_options={"synchronize_session": False})


def test_every_line_gets_one_seal_and_the_chains_hold(people: People) -> None:
    seal_audit()
    use_cases.update_account(people.alice, home(people), name="Neu")
    before = audit_anchor(people.alice, home(people))
    assert before is not None
    seal_audit()
    seal_audit()
    after = audit_anchor(people.alice, home(people))
    assert after is not None
    assert after.number == before.number + 1
    with db.transaction(writing=False) as unit:
        lines, sealed = (set(unit.session.scalars(select(one))) for one in (AuditLine.id, AuditSeal.line_id))
        assert lines == sealed
        assert list(unit.session.scalars(select(PendingLine.line_id))) == []
    for anchor in audit_anchors(SYSTEM):
        finding = checked_chain(SYSTEM, anchor.chain, anchor)
        assert (finding.reason, finding.good) == ("", anchor.number)
    assert any(anchor.chain == PLATFORM for anchor in audit_anchors(SYSTEM))


def test_a_line_that_commits_late_is_sealed_after_younger_ones(people: People) -> None:
    seal_audit()
    with clock.moved_to(clock.now() - timedelta(minutes=10)):
        early = audit.Deed("system", "late.door", {}, [], people.home.id)
        with db.transaction(writing=True) as unit:
            audit.write(early)
            unit.flush()
    seal_audit()
    line = audit_lines(people.alice, AuditFilter(home(people), door="late.door")).rows[0]
    assert line.number is not None
    assert checked_chain(SYSTEM, people.home.id).reason == ""


def test_the_first_broken_line_is_named(people: People) -> None:
    for name in ("a", "b", "c"):
        use_cases.update_account(people.alice, home(people), name=name)
    seal_audit()
    anchor = audit_anchor(people.alice, home(people))
    third, second = audit_lines(people.alice, AuditFilter(home(people))).rows[:2]
    tampered(f"UPDATE audit_lines SET actor = 'nobody' WHERE id = {key(second.id)}")
    finding = checked_chain(SYSTEM, people.home.id)
    assert (finding.reason, finding.broken_line, finding.broken_number) == ("line_changed", second.id, second.number)
    tampered(f"UPDATE audit_lines SET actor = '{people.alice.reference}' WHERE id = {key(second.id)}")
    assert checked_chain(SYSTEM, people.home.id).reason == ""
    for table, column in (("audit_lines", "id"), ("audit_seals", "line_id")):
        tampered(f"DELETE FROM {table} WHERE {column} = {key(third.id)}")
        expected = "line_missing" if table == "audit_lines" else ""
        assert checked_chain(SYSTEM, people.home.id).reason == expected
    assert checked_chain(SYSTEM, people.home.id, anchor).reason == "end_missing"


def test_a_line_that_was_slipped_in_is_found(people: People) -> None:
    seal_audit()
    use_cases.update_account(people.alice, home(people), name="Neu")
    tampered("DELETE FROM audit_pending")
    assert checked_chain(SYSTEM, people.home.id).reason == "never_sealed"


def test_old_lines_are_forgotten_and_the_rest_stays_checkable(people: People) -> None:
    seal_audit()
    old = audit_anchor(people.alice, home(people))
    assert old is not None
    with clock.moved_to(clock.now() + timedelta(days=731)):
        use_cases.update_account(people.alice, home(people), name="Neu")
        seal_audit()
        forget_old_audit()
        rows = audit_lines(people.alice, AuditFilter(home(people))).rows
        assert [row.number for row in rows] == [old.number + 1]
        finding = checked_chain(SYSTEM, people.home.id)
        assert (finding.reason, finding.good, finding.forgotten) == ("", 1, old.number)
        with db.transaction(writing=False) as unit:
            assert list(unit.session.scalars(select(Retention.before))) == []
    assert checked_chain(SYSTEM, people.home.id).reason == "line_missing", "too young to be forgotten"


def test_what_is_deleted_during_the_retention_is_old_enough(people: People) -> None:
    with pytest.raises(DBAPIError, match="only added"), db.transaction(writing=True) as unit:
        unit.session.execute(insert(Retention), {"before": clock.now() - timedelta(days=1)})
        unit.session.execute(delete(AuditLine), execution_options={"synchronize_session": False})


def test_two_that_seal_at_once_wait_for_each_other(people: People) -> None:
    for name in ("a", "b"):
        use_cases.update_account(people.alice, home(people), name=name)
    threads = [threading.Thread(target=seal_audit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not seals_wait()
    assert checked_chain(SYSTEM, people.home.id).reason == ""


def seals_wait() -> bool:
    with db.transaction(writing=False):
        return seals.any_pending()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_operator_checks_the_chains_against_seals_kept_elsewhere(
    people: People, database_url: str, tmp_path: Path
) -> None:
    use_cases.update_account(people.alice, home(people), name="Neu")
    seal_audit()
    told = command(database_url, tmp_path, "anchors")
    kept = tmp_path / "seals.jsonl"
    kept.write_text(told.stdout)
    assert str(people.home.id) in told.stdout
    newest = audit_lines(people.alice, AuditFilter(home(people))).rows[0]
    tampered(f"UPDATE audit_lines SET actor = 'nobody' WHERE id = {key(newest.id)}")
    checked = command(database_url, tmp_path, "check", "--anchors", str(kept))
    assert checked.returncode == 1
    assert f"{people.home.id}: BROKEN at number {newest.number}, line {newest.id}: line_changed" in checked.stdout
    assert "platform: " in checked.stdout


def command(url: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run({"DEMO": "1", "VAR_DIR": str(folder / "var"), "DATABASE_URL": url}, "audit", *arguments)
