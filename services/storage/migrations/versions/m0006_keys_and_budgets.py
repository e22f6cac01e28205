"""Users' keys have numbers, data keys can retire, and accounts have budgets and prices of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expands the schema."""
    op.add_column("data_keys", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("uq_data_keys_account_id"), "data_keys", type_="unique")
    op.create_index(
        "uq_data_keys_current", "data_keys", ["account_id"], unique=True, postgresql_where=sa.text("retired_at IS NULL")
    )
    op.add_column("vault_keys", sa.Column("number", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE vault_keys k SET number = n.number FROM (SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY created_at, id)"
        " AS number FROM vault_keys) n WHERE n.id = k.id"
    )
    op.alter_column("vault_keys", "number", nullable=False)
    op.create_unique_constraint(op.f("uq_vault_keys_account_id_number"), "vault_keys", ["account_id", "number"])
    op.create_table(
        "budgets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Text(), server_default="", nullable=False),
        sa.Column("key_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("daily_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("monthly_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("job_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
        sa.UniqueConstraint("account_id", "key_id", name=op.f("uq_budgets_account_id_key_id")),
    )
    op.create_table(
        "own_prices",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "vendor", "model", "unit", name=op.f("pk_own_prices")),
    )


def downgrade() -> None:
    """Contracts it again. What is sealed with a data key that has retired can only be opened while that key is kept."""
    op.drop_table("own_prices")
    op.drop_table("budgets")
    op.drop_constraint(op.f("uq_vault_keys_account_id_number"), "vault_keys", type_="unique")
    op.drop_column("vault_keys", "number")
    op.drop_index("uq_data_keys_current", table_name="data_keys", postgresql_where=sa.text("retired_at IS NULL"))
    op.execute("DELETE FROM data_keys WHERE retired_at IS NOT NULL")
    op.create_unique_constraint(op.f("uq_data_keys_account_id"), "data_keys", ["account_id"])
    op.drop_column("data_keys", "retired_at")
