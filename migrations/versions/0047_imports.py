"""imports"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "imports",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("brought_by", sa.String(), nullable=False),
        sa.Column("brought_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("started_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("undone_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_imports_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imports_account_id"), ["account_id"], unique=False)

    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("facts", kit.db.Json, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_rows_import_id_imports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
    )
    with op.batch_alter_table("import_rows", schema=None) as batch_op:
        batch_op.create_index("ix_import_rows_external_id", ["external_id"], unique=False)
        batch_op.create_index("ix_import_rows_import_outcome", ["import_id", "outcome", "number"], unique=False)

    op.create_table(
        "imported_sessions",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("driver", sa.String(), nullable=False),
        sa.Column("costs_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_imported_sessions_account_id_accounts")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_imported_sessions_session_id_sessions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_sessions")),
        sa.UniqueConstraint("session_id", name=op.f("uq_imported_sessions_session_id")),
    )
    with op.batch_alter_table("imported_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_sessions_account_id"), ["account_id"], unique=False)

    with op.batch_alter_table("support_visits", schema=None) as batch_op:
        batch_op.add_column(sa.Column("with_import", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("support_visits", schema=None) as batch_op:
        batch_op.drop_column("with_import")

    with op.batch_alter_table("imported_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imported_sessions_account_id"))

    op.drop_table("imported_sessions")
    with op.batch_alter_table("import_rows", schema=None) as batch_op:
        batch_op.drop_index("ix_import_rows_import_outcome")
        batch_op.drop_index("ix_import_rows_external_id")

    op.drop_table("import_rows")
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imports_account_id"))

    op.drop_table("imports")
