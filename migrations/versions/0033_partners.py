"""partners, their regions and languages, and proposed installers"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "installer_proposals",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("settled_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_installer_proposals_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installer_proposals")),
    )
    with op.batch_alter_table("installer_proposals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_installer_proposals_account_id"), ["account_id"], unique=False)

    op.create_table(
        "partners",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("website", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("registered_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("trained_until", sa.Date(), nullable=True),
        sa.Column("training_note", sa.String(), nullable=False),
        sa.Column("training_noted_by", sa.String(), nullable=True),
        sa.Column("training_noted_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_partners_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
        sa.UniqueConstraint("account_id", name=op.f("uq_partners_account_id")),
    )
    op.create_table(
        "partner_languages",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_languages_partner_id_partners")),
        sa.PrimaryKeyConstraint("partner_id", "language", name=op.f("pk_partner_languages")),
    )
    with op.batch_alter_table("partner_languages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_languages_language"), ["language"], unique=False)

    op.create_table(
        "partner_regions",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_regions_partner_id_partners")),
        sa.PrimaryKeyConstraint("partner_id", "region", name=op.f("pk_partner_regions")),
    )
    with op.batch_alter_table("partner_regions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_regions_region"), ["region"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("partner_regions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_regions_region"))

    op.drop_table("partner_regions")
    with op.batch_alter_table("partner_languages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_languages_language"))

    op.drop_table("partner_languages")
    op.drop_table("partners")
    with op.batch_alter_table("installer_proposals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_installer_proposals_account_id"))

    op.drop_table("installer_proposals")
