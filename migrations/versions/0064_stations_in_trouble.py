"""Stations in trouble: what ails which, so that it is told once; and which connections ended for want of answers."""

import sqlalchemy as sa
from alembic import op

from kit.db import Id, UtcDateTime

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "station_troubles",
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("station_id", Id(), nullable=False),
        sa.Column("trouble", sa.String(40), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("over_at", UtcDateTime(), nullable=True),
        sa.Column("id", Id(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_station_troubles_account_id_accounts")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_station_troubles_station_id_stations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_troubles")),
    )
    lasting, unanswered = sa.text("over_at IS NULL"), sa.text("ending = 'unanswered'")
    op.create_index("ix_station_troubles_account", "station_troubles", ["account_id", "id"])
    op.create_index("ix_station_troubles_station", "station_troubles", ["station_id", "id"])
    op.create_index(
        "ix_station_troubles_lasting",
        "station_troubles",
        ["station_id", "trouble"],
        unique=True,
        sqlite_where=lasting,
        postgresql_where=lasting,
    )
    op.create_index(
        "ix_connections_unanswered",
        "connections",
        ["closed_at"],
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_connections_unanswered", "connections")
    op.drop_table("station_troubles")
