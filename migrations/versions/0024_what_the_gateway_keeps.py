"""what the gateway keeps: when logins were renewed; messages of waiting chargers sealed, old texts without secrets"""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

import kit.db
from kit.encryption import EncryptedJson
from kit.masking import is_secret_setting, mask, mask_text

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BATCH = 500


def _table(name: str, *columns: sa.ColumnClause[Any]) -> sa.TableClause:
    return sa.table(name, sa.column("id", sa.Uuid()), *columns)


_HELD_OPEN = _table("held_messages", sa.column("payload", sa.Text()))
_HELD_SEALED = _table("held_messages", sa.column("payload", EncryptedJson()))
_DOUBTS = _table("doubts", sa.column("detail", sa.Text()), sa.column("facts", kit.db.Json))
_EVENTS = _table("security_events", sa.column("tech_info", sa.Text()))
_SETTINGS = _table("station_settings", sa.column("key", sa.Text()), sa.column("value", sa.Text()))


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("login_renewed_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.create_index("ix_stations_login_renewed_at", ["login_renewed_at"], unique=False)
    with op.batch_alter_table("held_messages", schema=None) as batch_op:
        batch_op.alter_column("payload", type_=sa.Text(), existing_nullable=False, postgresql_using="payload::text")
    for row in _rows(_HELD_OPEN):
        _write(_HELD_SEALED, row.id, payload=orjson.loads(row.payload))
    _mask_old_texts()


def downgrade() -> None:
    """Go back. What was masked stays so."""
    for row in _rows(_HELD_SEALED):
        _write(_HELD_OPEN, row.id, payload=orjson.dumps(row.payload).decode())
    with op.batch_alter_table("held_messages", schema=None) as batch_op:
        batch_op.alter_column("payload", type_=kit.db.Json, existing_nullable=False, postgresql_using="payload::jsonb")
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.drop_index("ix_stations_login_renewed_at")
        batch_op.drop_column("login_renewed_at")


def _mask_old_texts() -> None:
    """What was stored before secrets were masked."""
    for row in _rows(_DOUBTS):
        _if_new(_DOUBTS, row, lambda old: {"detail": mask_text(old.detail), "facts": mask(old.facts)})
    for row in _rows(_EVENTS):
        _if_new(_EVENTS, row, lambda old: {"tech_info": mask_text(old.tech_info)})
    for row in _rows(_SETTINGS):
        _if_new(_SETTINGS, row, lambda old: {"value": _shown(old.key, old.value)})


def _shown(key: str, value: str | None) -> str | None:
    return None if value is None or is_secret_setting(key) else mask_text(value)


def _rows(table: sa.TableClause) -> Iterator[sa.Row[Any]]:
    """All of them, some at a time."""
    last = None
    while True:
        wanted = sa.select(table).order_by(table.c.id).limit(BATCH)
        some = op.get_bind().execute(wanted if last is None else wanted.where(table.c.id > last)).all()
        yield from some
        if len(some) < BATCH:
            return
        last = some[-1].id


def _if_new(table: sa.TableClause, row: sa.Row[Any], masked: Callable[[Any], dict[str, Any]]) -> None:
    values = masked(row)
    if any(getattr(row, name) != value for name, value in values.items()):
        _write(table, row.id, **values)


def _write(table: sa.TableClause, row_id: Any, **values: Any) -> None:
    op.get_bind().execute(sa.update(table).where(table.c.id == row_id).values(values))
