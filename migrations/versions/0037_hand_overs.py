"""hand-overs"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "hand_overs",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("archive_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("due_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("expires_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("old_agreed_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("new_agreed_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("protocol", kit.db.Json, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_hand_overs_account_id_accounts")),
        sa.ForeignKeyConstraint(["archive_id"], ["accounts.id"], name=op.f("fk_hand_overs_archive_id_accounts")),
        sa.ForeignKeyConstraint(["requested_by"], ["users.id"], name=op.f("fk_hand_overs_requested_by_users")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_hand_overs_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hand_overs_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hand_overs_archive_id"), ["archive_id"], unique=False)
        batch_op.create_index("ix_hand_overs_due", ["state", "due_at"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.drop_index("ix_hand_overs_due")
        batch_op.drop_index(batch_op.f("ix_hand_overs_archive_id"))
        batch_op.drop_index(batch_op.f("ix_hand_overs_account_id"))

    op.drop_table("hand_overs")
