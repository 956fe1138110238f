"""access of partners and their reports"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "commissioning_reports",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("signed_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("snapshot", kit.db.Json, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_commissioning_reports_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_commissioning_reports_partner_id_partners")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_commissioning_reports_station_id_stations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissioning_reports")),
    )
    with op.batch_alter_table("commissioning_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commissioning_reports_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_commissioning_reports_partner_id"), ["partner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_commissioning_reports_station_id"), ["station_id"], unique=False)

    op.create_table(
        "partner_assignments",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("invited_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("ends_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("dissolved_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_partner_assignments_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["station_groups.id"], name=op.f("fk_partner_assignments_group_id_station_groups")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_partner_assignments_invitation_id_invitations")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_partner_assignments_partner_id_partners")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_assignments")),
        sa.UniqueConstraint("group_id", name=op.f("uq_partner_assignments_group_id")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_partner_assignments_invitation_id")),
    )
    with op.batch_alter_table("partner_assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_assignments_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_assignments_partner_id"), ["partner_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("partner_assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_assignments_partner_id"))
        batch_op.drop_index(batch_op.f("ix_partner_assignments_account_id"))

    op.drop_table("partner_assignments")
    with op.batch_alter_table("commissioning_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commissioning_reports_station_id"))
        batch_op.drop_index(batch_op.f("ix_commissioning_reports_partner_id"))
        batch_op.drop_index(batch_op.f("ix_commissioning_reports_account_id"))

    op.drop_table("commissioning_reports")
