"""mass changes"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "mass_changes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("wish", kit.db.Json, nullable=False),
        sa.Column("scope", kit.db.Json, nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.Column("requested_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("at_work", sa.Boolean(), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_mass_changes_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mass_changes")),
        sa.UniqueConstraint("requested_by", "request_key", name=op.f("uq_mass_changes_requested_by_request_key")),
    )
    with op.batch_alter_table("mass_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mass_changes_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mass_changes_at_work"), ["at_work"], unique=False)
    op.create_table(
        "mass_change_rows",
        sa.Column("mass_change_id", sa.Uuid(), nullable=False),
        sa.Column("connector_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("before", kit.db.Json, nullable=True),
        sa.Column("after", kit.db.Json, nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("done_at", kit.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mass_change_id"], ["mass_changes.id"], name=op.f("fk_mass_change_rows_mass_change_id_mass_changes")
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_mass_change_rows_connector_id_connectors")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_mass_change_rows_account_id_accounts")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_mass_change_rows_station_id_stations")),
        sa.PrimaryKeyConstraint("mass_change_id", "connector_id", name=op.f("pk_mass_change_rows")),
    )
    with op.batch_alter_table("mass_change_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mass_change_rows_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_mass_change_rows_state", ["mass_change_id", "state"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("mass_change_rows")
    op.drop_table("mass_changes")
