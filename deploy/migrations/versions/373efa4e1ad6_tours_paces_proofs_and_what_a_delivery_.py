"""tours, paces, proofs and what a delivery cost"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "373efa4e1ad6"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("spread", sa.Double(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count >= 0 AND mean > 0 AND spread >= 0", name=op.f("ck_paces_sane")),
        sa.PrimaryKeyConstraint("area_id", "kind", "key", name=op.f("pk_paces")),
    )
    op.create_table(
        "tours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("rider_id", sa.Uuid(), nullable=True),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("depart_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("most_aboard", sa.Integer(), nullable=False),
        sa.Column("stops", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("planned_from", sa.String(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["rider_id"], ["riders.id"], name=op.f("fk_tours_rider_id")),
        sa.ForeignKeyConstraint(["trip_id"], ["trips.id"], name=op.f("fk_tours_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tours")),
    )
    op.create_index(
        "ix_tours_planned",
        "tours",
        ["area_id", "depart_at"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_table(
        "delivery_proofs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stop_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["stop_id"], ["stops.id"], name=op.f("fk_delivery_proofs_stop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_proofs")),
    )
    op.create_index(op.f("ix_delivery_proofs_stop_id"), "delivery_proofs", ["stop_id"], unique=False)
    op.add_column("deliveries", sa.Column("kind", sa.String(), server_default="delivery", nullable=False))
    op.add_column("deliveries", sa.Column("to_store_id", sa.Uuid(), nullable=True))
    op.add_column("deliveries", sa.Column("booked", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("deliveries", sa.Column("tour_id", sa.Uuid(), nullable=True))
    op.add_column("deliveries", sa.Column("round_id", sa.Uuid(), nullable=True))
    op.add_column("deliveries", sa.Column("cost_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_foreign_key(op.f("fk_deliveries_tour_id"), "deliveries", "tours", ["tour_id"], ["id"])
    op.add_column("riders", sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stops", sa.Column("free_road_s", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("stops", "free_road_s")
    op.drop_column("riders", "placed_at")
    op.drop_constraint(op.f("fk_deliveries_tour_id"), "deliveries", type_="foreignkey")
    op.drop_column("deliveries", "cost_fen")
    op.drop_column("deliveries", "round_id")
    op.drop_column("deliveries", "tour_id")
    op.drop_column("deliveries", "booked")
    op.drop_column("deliveries", "to_store_id")
    op.drop_column("deliveries", "kind")
    op.drop_index(op.f("ix_delivery_proofs_stop_id"), table_name="delivery_proofs")
    op.drop_table("delivery_proofs")
    op.drop_index("ix_tours_planned", table_name="tours", postgresql_where=sa.text("state = 'planned'"))
    op.drop_table("tours")
    op.drop_table("paces")
