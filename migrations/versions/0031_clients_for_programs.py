"""programs that sign in with an id and a secret"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "api_clients",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rights", kit.db.Json, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("last_used_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("revoked_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_api_clients_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_clients")),
    )
    with op.batch_alter_table("api_clients", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_clients_account_id"), ["account_id"], unique=False)

    op.create_table(
        "api_client_secrets",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("ended_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_clients.id"], name=op.f("fk_api_client_secrets_client_id_api_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client_secrets")),
    )
    with op.batch_alter_table("api_client_secrets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_client_secrets_client_id"), ["client_id"], unique=False)

    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expires_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("client_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_api_tokens_client_id"), ["client_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_api_tokens_client_id_api_clients"), "api_clients", ["client_id"], ["id"]
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_api_tokens_client_id_api_clients"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_api_tokens_client_id"))
        batch_op.drop_column("client_id")
        batch_op.drop_column("expires_at")

    with op.batch_alter_table("api_client_secrets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_client_secrets_client_id"))

    op.drop_table("api_client_secrets")
    with op.batch_alter_table("api_clients", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_clients_account_id"))

    op.drop_table("api_clients")
