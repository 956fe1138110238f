"""People and groups of tags may charge at prices of their own."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "person_prices",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("connector_id", sa.Uuid(), nullable=True),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("id_tag", sa.String(), nullable=False),
        sa.Column("tag_group", sa.String(), nullable=False),
        sa.Column("created_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("removed_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_person_prices_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connectors.id"], name=op.f("fk_person_prices_connector_id_connectors")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["station_groups.id"], name=op.f("fk_person_prices_group_id_station_groups")
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_person_prices_station_id_stations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_prices")),
    )
    with op.batch_alter_table("person_prices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_prices_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_prices_station_id"), ["station_id"], unique=False)
        batch_op.create_index("ix_person_prices_email", ["email"], unique=False)
        batch_op.create_index("ix_person_prices_id_tag", ["id_tag"], unique=False)
        batch_op.create_index("ix_person_prices_tag_group", ["tag_group"], unique=False)
    op.create_table(
        "session_terms",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("terms", kit.db.Json, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_session_terms_account_id_accounts")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_session_terms_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_session_terms")),
    )
    with op.batch_alter_table("session_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_terms_account_id"), ["account_id"], unique=False)
    with op.batch_alter_table("tariffs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_price_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_tariffs_person_price_id"), ["person_price_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_tariffs_person_price_id_person_prices"), "person_prices", ["person_price_id"], ["id"]
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("tariffs", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_tariffs_person_price_id_person_prices"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_tariffs_person_price_id"))
        batch_op.drop_column("person_price_id")
    op.drop_table("session_terms")
    op.drop_table("person_prices")
