"""what each store brings of an order"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "7c1e5a90b2d4"
down_revision: str | None = "373efa4e1ad6"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("shipments", sa.Column("skus", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column(
        "shipments", sa.Column("quantities", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False)
    )
    # Until now every shipment carried the whole of its order.
    op.execute(
        """
        update shipments s set skus = l.skus, quantities = l.quantities from (
          select order_id, array_agg(sku order by sku collate "C") as skus,
                 array_agg(quantity order by sku collate "C") as quantities
          from order_lines group by order_id) l
        where l.order_id = s.order_id
        """
    )
    op.create_check_constraint(
        op.f("ck_shipments_lines_pair_up"), "shipments", "cardinality(skus) = cardinality(quantities)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_shipments_lines_pair_up"), "shipments", type_="check")
    op.drop_column("shipments", "quantities")
    op.drop_column("shipments", "skus")
