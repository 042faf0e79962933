"""what goods ask of a rider and what riders carry with"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "8a77c2b861e5"
down_revision: str | None = "f2a6e90d1b73"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NUMBER, FLAG, WORDS = sa.Integer(), sa.Boolean(), postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("volume_ml", NUMBER, server_default=sa.text("0"), nullable=False))
    op.add_column("deliveries", sa.Column("insulated", FLAG, server_default=sa.text("false"), nullable=False))
    op.add_column("deliveries", sa.Column("skills", WORDS, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("products", sa.Column("volume_ml", NUMBER, server_default=sa.text("0"), nullable=False))
    op.add_column("products", sa.Column("temperature", sa.String(), server_default="ambient", nullable=False))
    op.add_column("products", sa.Column("age_checked", FLAG, server_default=sa.text("false"), nullable=False))
    op.add_column("riders", sa.Column("capacity_ml", NUMBER, server_default=sa.text("62000"), nullable=False))
    op.add_column("riders", sa.Column("insulated_boxes", NUMBER, server_default=sa.text("4"), nullable=False))
    op.add_column("riders", sa.Column("skills", WORDS, server_default=sa.text("'{age_check}'"), nullable=False))
    zone = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
    op.add_column("riders", sa.Column("zone", zone, nullable=True))
    # What is known already: a millilitre for each gram; a box for each delivery a rider may have on board.
    op.execute("UPDATE products SET volume_ml = weight_g")
    op.execute("UPDATE deliveries SET volume_ml = weight_g WHERE ended_at IS NULL")
    op.execute(
        "UPDATE riders SET insulated_boxes = max_jobs, capacity_ml = CASE vehicle WHEN 'bicycle' THEN 40000"
        " WHEN 'on_foot' THEN 30000 WHEN 'motorcycle' THEN 80000 WHEN 'cargo_trike' THEN 600000 ELSE 62000 END"
    )
    op.create_check_constraint(op.f("ck_products_volume"), "products", "volume_ml >= 0")
    op.create_check_constraint(
        op.f("ck_products_temperature"), "products", "temperature IN ('ambient', 'chilled', 'frozen')"
    )


def downgrade() -> None:
    op.drop_column("riders", "zone")
    op.drop_column("riders", "skills")
    op.drop_column("riders", "insulated_boxes")
    op.drop_column("riders", "capacity_ml")
    op.drop_constraint(op.f("ck_products_temperature"), "products")
    op.drop_constraint(op.f("ck_products_volume"), "products")
    op.drop_column("products", "age_checked")
    op.drop_column("products", "temperature")
    op.drop_column("products", "volume_ml")
    op.drop_column("deliveries", "skills")
    op.drop_column("deliveries", "insulated")
    op.drop_column("deliveries", "volume_ml")
