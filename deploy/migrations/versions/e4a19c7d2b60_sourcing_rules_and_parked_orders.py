"""sourcing rules and parked orders"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "e4a19c7d2b60"
down_revision: str | None = "d67eff1708e7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "sourcing_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applies_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'applied') AND (state = 'applied') = (applies_at IS NOT NULL)",
            name=op.f("ck_sourcing_rules_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourcing_rules")),
        sa.UniqueConstraint("version", name=op.f("uq_sourcing_rules_version")),
    )
    op.create_table(
        "parked_orders",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("skus", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('unfillable', 'waiting_for_stock', 'pickup_rejected')", name=op.f("ck_parked_orders_kind")
        ),
        sa.CheckConstraint("owner IN ('dispatcher', 'store', 'customer')", name=op.f("ck_parked_orders_owner")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_parked_orders_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_parked_orders")),
    )
    op.create_index("ix_parked_orders_due", "parked_orders", ["due_at"], unique=False)
    # Orders that stand unfillable already wait for their deadline as they did.
    op.execute(
        """
        insert into parked_orders (order_id, kind, owner, area_id, store_id, skus, since, due_at, tries, asked)
        select o.id, 'unfillable', 'dispatcher', s.area_id, s.store_id, '{}', o.due_at, o.due_at, 0, '{}'
          from orders o join lateral (
            select area_id, store_id from shipments where order_id = o.id order by attempt desc, leg limit 1) s on true
         where o.state = 'unfillable' and o.due_at is not null
        """
    )
    op.create_index("ix_shipments_made", "shipments", ["created_at"], unique=False, postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_shipments_made", table_name="shipments", postgresql_using="brin")
    op.drop_index("ix_parked_orders_due", table_name="parked_orders")
    op.drop_table("parked_orders")
    op.drop_table("sourcing_rules")
