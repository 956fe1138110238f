"""Audit lines tell from where and what changed, can't be changed, and are sealed."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

FRESH = ("thing", "surface", "credential", "origin", "on_behalf_of")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# what may be deleted while the retention is at work
OLD_ENOUGH = {"audit_lines": "at", "audit_seals": "sealed_at"}


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("audit_lines", schema=None) as batch_op:
        batch_op.add_column(sa.Column("through_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("by_staff", sa.Boolean(), server_default=sa.false(), nullable=False))
        for name in FRESH:
            batch_op.add_column(sa.Column(name, sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("changes", kit.db.Json, server_default="[]", nullable=False))
        batch_op.drop_index("ix_audit_lines_account_id")
        batch_op.create_index("ix_audit_lines_account_id_id", ["account_id", "id"], unique=False)
    op.create_table(
        "audit_pending",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("sealed_at", kit.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("chain", "number", name=op.f("uq_audit_seals_chain_number")),
    )
    op.create_index("ix_audit_seals_sealed_at", "audit_seals", ["sealed_at"])
    op.create_table(
        "audit_retention",
        sa.Column("before", kit.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("before", name=op.f("pk_audit_retention")),
    )
    op.create_table(
        "audit_origins",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_audit_origins")),
    )
    op.create_index("ix_audit_origins_at", "audit_origins", ["at"])
    _part_periods()
    op.execute("INSERT INTO audit_pending (line_id) SELECT id FROM audit_lines")
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def _part_periods() -> None:
    """Until when lines are a former owner's; of hand-overs that were done, too."""
    periods = op.create_table(
        "audit_periods",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("until", kit.db.UtcDateTime(), nullable=False),
        sa.Column("since", kit.db.UtcDateTime(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_audit_periods_account_id_accounts")),
        sa.ForeignKeyConstraint(["reader_id"], ["accounts.id"], name=op.f("fk_audit_periods_reader_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "until", name=op.f("pk_audit_periods")),
    )
    op.create_index("ix_audit_periods_reader_id", "audit_periods", ["reader_id"])
    hand_overs = sa.table(
        "hand_overs",
        sa.column("account_id", sa.Uuid()),
        sa.column("archive_id", sa.Uuid()),
        sa.column("ended_at", kit.db.UtcDateTime()),
    )
    ends: dict[object, datetime] = {}
    done = sa.select(hand_overs).where(hand_overs.c.archive_id.is_not(None)).order_by(hand_overs.c.ended_at)
    for account_id, archive_id, ended_at in op.get_bind().execute(done).all():
        since = ends.get(account_id, BEGINNING)
        row = {"account_id": account_id, "until": ended_at, "since": since, "reader_id": archive_id}
        op.get_bind().execute(sa.insert(periods), row)
        ends[account_id] = ended_at


def _old(instant: str) -> str:
    return f"EXISTS (SELECT 1 FROM audit_retention WHERE OLD.{instant} < before)"  # noqa: S608  # our own names


def _sqlite() -> list[str]:
    made = [
        "CREATE TRIGGER audit_lines_pending AFTER INSERT ON audit_lines"
        " BEGIN INSERT INTO audit_pending (line_id) VALUES (NEW.id); END"
    ]
    for table, instant in OLD_ENOUGH.items():
        refuse = "BEGIN SELECT RAISE(ABORT, 'audit lines are only added'); END"
        made += [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT {_old(instant)} {refuse}",
        ]
    return made


def _postgresql() -> list[str]:
    made = [
        "CREATE FUNCTION audit_note_pending() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN INSERT INTO audit_pending (line_id) VALUES (NEW.id); RETURN NULL; END $$",
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION 'audit lines are only added'; END $$",
        "CREATE TRIGGER audit_lines_pending AFTER INSERT ON audit_lines"
        " FOR EACH ROW EXECUTE FUNCTION audit_note_pending()",
    ]
    for table, instant in OLD_ENOUGH.items():
        made += [
            f"CREATE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {_old(instant)} THEN RETURN OLD; END IF; RAISE EXCEPTION 'audit lines are only added'; END $$",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_keep()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION audit_refuse()",
        ]
    return made


def downgrade() -> None:
    """Go back."""
    tables = tuple(OLD_ENOUGH)
    if op.get_bind().dialect.name == "sqlite":
        for name in (
            "audit_lines_pending",
            *(f"{table}_no_{deed}" for table in tables for deed in ("update", "delete")),
        ):
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name in ("audit_note_pending", "audit_refuse", *(f"{table}_keep" for table in tables)):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    op.drop_table("audit_periods")
    op.drop_table("audit_origins")
    op.drop_table("audit_retention")
    op.drop_table("audit_seals")
    op.drop_table("audit_pending")
    with op.batch_alter_table("audit_lines", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_lines_account_id_id")
        batch_op.create_index("ix_audit_lines_account_id", ["account_id"], unique=False)
        for name in ("changes", *FRESH, "by_staff", "through_id"):
            batch_op.drop_column(name)
