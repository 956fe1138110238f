"""logins in browsers"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "logins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("device_hash", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("remembered", sa.Boolean(), nullable=False),
        sa.Column("started_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("seen_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("checked_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("expires_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("ended_at", kit.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_logins_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logins")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_logins_secret_hash")),
    )
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_logins_user_id"), ["user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logins_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("logins")
