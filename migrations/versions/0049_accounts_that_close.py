"""Accounts can be closed, and copied before."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", kit.db.UtcDateTime(), nullable=True))
    op.create_table(
        "account_closures",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("people", kit.db.Json, nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("due_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("delayed_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("undone_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("closed_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("kept_until", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_closures_account_id_accounts")),
        sa.ForeignKeyConstraint(["requested_by"], ["users.id"], name=op.f("fk_account_closures_requested_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_closures")),
    )
    op.create_index("ix_account_closures_account_id", "account_closures", ["account_id"])
    op.create_index("ix_account_closures_due", "account_closures", ["state", "due_at"])
    op.create_table(
        "account_exports",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("touched_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("ready_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("expires_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_exports_account_id_accounts")),
        sa.ForeignKeyConstraint(["requested_by"], ["users.id"], name=op.f("fk_account_exports_requested_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_exports")),
    )
    op.create_index("ix_account_exports_account_id", "account_exports", ["account_id"])
    op.create_index("ix_account_exports_state", "account_exports", ["state", "touched_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("account_exports")
    op.drop_table("account_closures")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_column("closed_at")
