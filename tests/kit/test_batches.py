"""Many rows through one statement: what arrives is what each row said, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from kit import batches, db
from kit.events import OutboxRow
from kit.ids import new_id

_outbox: Table = db.Base.metadata.tables[OutboxRow.__tablename__]
_INSERT = insert(_outbox)
NOW = datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=UTC)
AWKWARD = ["plain", "100 % {curly} \"quoted\" \\ 'single'", "Zürich – ✓ 🔌"]


def _row(number: int) -> dict[str, object]:
    return {
        "id": new_id(),
        "kind": AWKWARD[number % 3],
        "payload": {"text": AWKWARD[number % 3], "deep": [1, 2.5, None, {"yes": True}]},
        "recorded_at": NOW + timedelta(microseconds=number),
        "due_at": NOW.astimezone(),
        "done_at": None,
        "attempts": number,
    }


def _stored(unit: db.Transaction) -> list[tuple[object, ...]]:
    names = ("id", "kind", "payload", "recorded_at", "due_at", "done_at", "attempts")
    unit.flush()
    return [
        tuple(row) for row in unit.session.execute(select(*(_outbox.c[name] for name in names)).order_by("attempts"))
    ]


@pytest.fixture
def empty(database: object) -> None:
    """No rows of other tests."""
    with db.transaction(writing=True) as unit:
        unit.session.execute(delete(_outbox))


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("count", [7, 151])
def test_every_value_arrives_as_it_was(count: int) -> None:
    rows = [_row(number) for number in range(count)]
    with db.transaction(writing=True) as unit:
        assert batches.send(unit.session.connection(), _INSERT, rows)
        assert _stored(unit) == [tuple(row.values()) for row in rows]
        assert unit.session.scalar(select(func.count()).where(_outbox.c.done_at.is_(None))) == count


@pytest.mark.usefixtures("empty")
def test_the_last_word_on_a_row_counts_and_a_condition_holds_for_each() -> None:
    rows = [_row(number) for number in range(4)]
    change = (
        update(_outbox)
        .where(_outbox.c.id == bindparam("of_row"), _outbox.c.kind != "gone")
        .values(kind=bindparam("new_kind"), attempts=_outbox.c.attempts + bindparam("more"))
    )

    def words(row: int, kind: str, more: int) -> dict[str, object]:
        return {"of_row": rows[row]["id"], "new_kind": kind, "more": more}

    with db.transaction(writing=True) as unit:
        assert batches.send(unit.session.connection(), _INSERT, rows)
        told = [words(0, "a", 10), words(1, "gone", 10), words(0, "b", 10), words(1, "back", 10), words(0, "c", 10)]
        assert batches.send(unit.session.connection(), change, told)
        assert [(row[1], row[6]) for row in _stored(unit)] == [
            (AWKWARD[2], 2),
            (AWKWARD[0], 3),
            ("gone", 11),
            ("c", 30),
        ]
