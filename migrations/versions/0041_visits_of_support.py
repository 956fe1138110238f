"""visits of support"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0041"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "support_visits",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("asked_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("ends_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_support_visits_account_id_accounts")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_support_visits_asked_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_visits")),
    )
    with op.batch_alter_table("support_visits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_support_visits_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_support_visits_asked_by"), ["asked_by"], unique=False)

    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("visit_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_logins_visit_id_support_visits"), "support_visits", ["visit_id"], ["id"]
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("logins", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_logins_visit_id_support_visits"), type_="foreignkey")
        batch_op.drop_column("visit_id")

    with op.batch_alter_table("support_visits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_support_visits_asked_by"))
        batch_op.drop_index(batch_op.f("ix_support_visits_account_id"))

    op.drop_table("support_visits")
