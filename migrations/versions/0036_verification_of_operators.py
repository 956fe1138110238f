"""how far operators are verified; wishes to be of another kind"""

import sqlalchemy as sa
from alembic import op

import kit.db
import kit.encryption
from kit import clock

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Whoever has an account at the provider by now is paid for itself from now on, as before."""
    with op.batch_alter_table("payout_profiles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("payouts_enabled", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("submitted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("requirements", kit.db.Json, server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("bank_end", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("legal_kind", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("bank_account", kit.encryption.EncryptedJson(), nullable=True))
        batch_op.add_column(sa.Column("connected_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("due_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("restricted_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))
        batch_op.create_index(batch_op.f("ix_payout_profiles_due_at"), ["due_at"], unique=False)
    with op.batch_alter_table("sandbox_accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("submitted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("refused", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("requirements", kit.db.Json, server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("bank_end", sa.String(), server_default="", nullable=False))
    profiles = sa.table(
        "payout_profiles", sa.column("connected_at", kit.db.UtcDateTime()), sa.column("provider_account", sa.String())
    )
    connected = profiles.update().where(profiles.c.provider_account.is_not(None))
    op.get_bind().execute(connected.values(connected_at=clock.now()))
    op.create_table(
        "legal_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("legal_kind", sa.String(length=40), nullable=False),
        sa.Column("before", kit.db.Json, nullable=False),
        sa.Column("wanted", kit.db.Json, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", kit.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_legal_changes_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_changes")),
    )
    with op.batch_alter_table("legal_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_changes_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_legal_changes_state"), ["state"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("legal_changes")
    with op.batch_alter_table("sandbox_accounts", schema=None) as batch_op:
        for name in ("bank_end", "requirements", "refused", "submitted"):
            batch_op.drop_column(name)
    with op.batch_alter_table("payout_profiles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_profiles_due_at"))
        for name in (
            "attempt",
            "restricted_at",
            "due_at",
            "connected_at",
            "bank_account",
            "legal_kind",
            "bank_end",
            "requirements",
            "submitted",
            "payouts_enabled",
        ):
            batch_op.drop_column(name)
