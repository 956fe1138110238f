"""grants with a scope and an end, to people and to accounts; own roles; groups of stations"""

import sqlalchemy as sa
from alembic import op

import kit.db
from kit.ids import new_id

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "own_roles",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("removed_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_own_roles_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_roles")),
    )
    op.create_index(op.f("ix_own_roles_account_id"), "own_roles", ["account_id"])
    op.create_table(
        "own_role_rights",
        sa.Column("own_role_id", sa.Uuid(), nullable=False),
        sa.Column("right", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["own_role_id"], ["own_roles.id"], name=op.f("fk_own_role_rights_own_role_id_own_roles")
        ),
        sa.PrimaryKeyConstraint("own_role_id", "right", name=op.f("pk_own_role_rights")),
    )
    op.create_table(
        "station_groups",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("removed_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_station_groups_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_groups")),
    )
    op.create_index(op.f("ix_station_groups_account_id"), "station_groups", ["account_id"])
    op.create_table(
        "station_group_members",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["station_groups.id"], name=op.f("fk_station_group_members_group_id_station_groups")
        ),
        sa.PrimaryKeyConstraint("group_id", "station_id", name=op.f("pk_station_group_members")),
    )
    op.create_index(op.f("ix_station_group_members_station_id"), "station_group_members", ["station_id"])
    _widen_grants()
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rights", kit.db.Json, nullable=True))
        batch_op.add_column(sa.Column("created_by", sa.String(), nullable=True))
    _write_down_what_was_implied()


def _widen_grants() -> None:
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holder_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("own_role_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("station_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("group_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("granted_by", sa.String(), nullable=False, server_default="system"))
        batch_op.add_column(sa.Column("ends_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("last_used_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("revoked_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("revoked_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.alter_column("user_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.alter_column("role", existing_type=sa.String(length=40), nullable=True)
        batch_op.drop_constraint(op.f("uq_grants_user_id_account_id_role"), type_="unique")
        batch_op.create_foreign_key(op.f("fk_grants_holder_id_accounts"), "accounts", ["holder_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_grants_own_role_id_own_roles"), "own_roles", ["own_role_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_grants_group_id_station_groups"), "station_groups", ["group_id"], ["id"])
        batch_op.create_check_constraint("one_grantee", "(user_id IS NULL) <> (holder_id IS NULL)")
        batch_op.create_check_constraint("one_role", "(role IS NULL) <> (own_role_id IS NULL)")
        batch_op.create_index("ix_grants_holder_account", ["holder_id", "account_id"])
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.alter_column("granted_by", existing_type=sa.String(), server_default=None)


def _write_down_what_was_implied() -> None:
    """Until now a role flowed down the tree by itself: each account gave those above it everything."""
    accounts = sa.table("accounts", sa.column("id", sa.Uuid()), sa.column("created_at", kit.db.UtcDateTime()))
    lineage = sa.table("account_lineage", sa.column("account_id", sa.Uuid()), sa.column("ancestor_id", sa.Uuid()))
    grants = sa.table(
        "grants",
        sa.column("id", sa.Uuid()),
        sa.column("account_id", sa.Uuid()),
        sa.column("holder_id", sa.Uuid()),
        sa.column("role", sa.String()),
        sa.column("granted_by", sa.String()),
        sa.column("granted_at", kit.db.UtcDateTime()),
    )
    above = (
        sa.select(lineage.c.account_id, lineage.c.ancestor_id, accounts.c.created_at)
        .join(accounts, accounts.c.id == lineage.c.account_id)
        .where(lineage.c.account_id != lineage.c.ancestor_id)
    )
    given = [
        {
            "id": new_id(),
            "account_id": account_id,
            "holder_id": ancestor_id,
            "role": "owner",
            "granted_by": "system",
            "granted_at": created_at,
        }
        for account_id, ancestor_id, created_at in op.get_bind().execute(above)
    ]
    if given:
        op.bulk_insert(grants, given)


def downgrade() -> None:
    """Go back. What only the newer version knows (grants to accounts, own roles, scopes, what has ended) is lost."""
    op.execute(
        "DELETE FROM grants WHERE user_id IS NULL OR role IS NULL OR station_id IS NOT NULL OR group_id IS NOT NULL "
        "OR revoked_at IS NOT NULL OR ends_at IS NOT NULL"
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_column("created_by")
        batch_op.drop_column("rights")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index("ix_grants_holder_account")
        batch_op.drop_constraint("one_grantee", type_="check")
        batch_op.drop_constraint("one_role", type_="check")
        batch_op.drop_constraint(op.f("fk_grants_holder_id_accounts"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_grants_own_role_id_own_roles"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_grants_group_id_station_groups"), type_="foreignkey")
        batch_op.create_unique_constraint(op.f("uq_grants_user_id_account_id_role"), ["user_id", "account_id", "role"])
        batch_op.alter_column("role", existing_type=sa.String(length=40), nullable=False)
        batch_op.alter_column("user_id", existing_type=sa.Uuid(), nullable=False)
        for column in ("revoked_at", "revoked_by", "last_used_at", "ends_at", "granted_by"):
            batch_op.drop_column(column)
        for column in ("group_id", "station_id", "own_role_id", "holder_id"):
            batch_op.drop_column(column)
    for table in ("station_group_members", "station_groups", "own_role_rights", "own_roles"):
        op.drop_table(table)
