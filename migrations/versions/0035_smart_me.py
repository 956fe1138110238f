"""smart me"""

import sqlalchemy as sa
from alembic import op

import kit.db
import kit.encryption

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(40), server_default="ocpp", nullable=False))
    op.create_table(
        "smart_me_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("zev", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("tokens", kit.encryption.EncryptedJson(), nullable=True),
        sa.Column("tokens_expire_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("begun_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("linked_at", kit.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_smart_me_links_account_id_accounts")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_smart_me_links_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_smart_me_links")),
        sa.UniqueConstraint("account_id", name=op.f("uq_smart_me_links_account_id")),
        sa.UniqueConstraint("subject", name=op.f("uq_smart_me_links_subject")),
    )
    with op.batch_alter_table("smart_me_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_smart_me_links_user_id"), ["user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_smart_me_links_tokens_expire_at"), ["tokens_expire_at"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("smart_me_links")
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.drop_column("kind")
