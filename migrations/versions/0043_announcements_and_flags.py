"""announcements and flags"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "announcements",
        sa.Column("texts", kit.db.Json, nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("severity", sa.String(40), nullable=False),
        sa.Column("audience", sa.String(40), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("begins_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("ends_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcements_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "announcement_accounts",
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_announcement_accounts_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_accounts_announcement_id_announcements"),
        ),
        sa.PrimaryKeyConstraint("announcement_id", "account_id", name=op.f("pk_announcement_accounts")),
    )
    with op.batch_alter_table("announcement_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_accounts_account_id"), ["account_id"], unique=False)

    op.create_table(
        "announcements_put_away",
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcements_put_away_announcement_id_announcements"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_announcements_put_away_user_id_users")),
        sa.PrimaryKeyConstraint("announcement_id", "user_id", name=op.f("pk_announcements_put_away")),
    )
    op.create_table(
        "flag_shares",
        sa.Column("flag", sa.String(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("flag", name=op.f("pk_flag_shares")),
    )
    op.create_table(
        "flag_accounts",
        sa.Column("flag", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_flag_accounts_account_id_accounts")),
        sa.PrimaryKeyConstraint("flag", "account_id", name=op.f("pk_flag_accounts")),
    )
    with op.batch_alter_table("flag_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flag_accounts_account_id"), ["account_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("flag_accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flag_accounts_account_id"))

    op.drop_table("flag_accounts")
    op.drop_table("flag_shares")
    op.drop_table("announcements_put_away")
    with op.batch_alter_table("announcement_accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_accounts_account_id"))

    op.drop_table("announcement_accounts")
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcements_ends_at"))

    op.drop_table("announcements")
