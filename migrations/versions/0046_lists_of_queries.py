"""lists of queries"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "client_queries",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_client_queries_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_clients.id"], name=op.f("fk_client_queries_client_id_api_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_queries")),
        sa.UniqueConstraint("client_id", "sha256", name=op.f("uq_client_queries_client_id_sha256")),
    )
    with op.batch_alter_table("client_queries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_queries_account_id"), ["account_id"], unique=False)

    with op.batch_alter_table("api_clients", schema=None) as batch_op:
        batch_op.add_column(sa.Column("queries_only", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("api_clients", schema=None) as batch_op:
        batch_op.drop_column("queries_only")

    with op.batch_alter_table("client_queries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_queries_account_id"))

    op.drop_table("client_queries")
