"""zones of shapes, with versions; rush mode and closings"""

import json
import math
from collections.abc import Sequence

import shapely
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "d67eff1708e7"
down_revision: str | None = "b3f08d51c9a7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_METRES_PER_DEGREE = 111_195


def upgrade() -> None:
    op.create_table(
        "zone_versions",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("zones", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "version", name=op.f("pk_zone_versions")),
    )
    op.create_table(
        "store_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra_s", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "what IN ('rush', 'calm', 'close', 'open', 'switch_on', 'switch_off')", name=op.f("ck_store_changes_what")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_store_changes_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_changes")),
    )
    op.create_index(op.f("ix_store_changes_store_id"), "store_changes", ["store_id"])
    op.add_column("stores", sa.Column("rush_s", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("stores", sa.Column("rush_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stores", sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint("rush", "stores", "rush_s >= 0 AND (rush_s = 0) = (rush_until IS NULL)")
    _widen_zones()


def _widen_zones() -> None:
    none = sa.text("'[]'::jsonb")
    op.add_column("service_zones", sa.Column("area_id", sa.Uuid(), nullable=True))
    op.add_column("service_zones", sa.Column("name", sa.String(), server_default="", nullable=False))
    op.add_column("service_zones", sa.Column("shapes", postgresql.JSONB(), server_default=none, nullable=False))
    op.add_column("service_zones", sa.Column("windows", postgresql.JSONB(), server_default=none, nullable=False))
    op.add_column("service_zones", sa.Column("speed_s", sa.Integer(), nullable=True))
    op.add_column("service_zones", sa.Column("arrives_from_min", sa.Integer(), nullable=True))
    op.add_column("service_zones", sa.Column("arrives_until_min", sa.Integer(), nullable=True))
    op.alter_column("service_zones", "store_id", existing_type=sa.Uuid(), nullable=True)
    op.execute(
        "UPDATE service_zones SET name = CASE speed WHEN 'standard' THEN '' ELSE speed END,"
        " shapes = jsonb_build_array(jsonb_build_object('kind', 'polygon', 'polygon', polygon))"
        " || CASE WHEN max_distance_m IS NULL THEN '[]'::jsonb"
        " ELSE jsonb_build_array(jsonb_build_object('kind', 'radius', 'radius_m', max_distance_m, 'centre', null)) END"
    )
    _cut_to_distance()
    op.alter_column("service_zones", "shapes", existing_type=postgresql.JSONB(), server_default=None)
    op.drop_column("service_zones", "speed")
    op.drop_column("service_zones", "max_distance_m")
    op.create_index(op.f("ix_service_zones_area_id"), "service_zones", ["area_id"])
    op.create_foreign_key(op.f("fk_service_zones_area_id"), "service_zones", "areas", ["area_id"], ["id"])
    op.create_check_constraint(
        "owner", "service_zones", "num_nonnulls(store_id, area_id) = 1 AND (area_id IS NULL OR excluded)"
    )
    op.create_check_constraint("speed", "service_zones", "speed_s > 0")
    op.create_check_constraint(
        "arrives",
        "service_zones",
        "(arrives_from_min IS NULL) = (arrives_until_min IS NULL) AND (arrives_from_min IS NULL OR "
        "(arrives_from_min >= 0 AND arrives_until_min > arrives_from_min AND arrives_until_min < 1440))",
    )


def _cut_to_distance() -> None:
    """A farthest distance becomes a radius shape, and the outline ends where it ended."""
    connection = op.get_bind()
    zones = connection.execute(
        sa.text(
            "SELECT z.id, z.polygon::text AS polygon, z.max_distance_m, s.lon, s.lat FROM service_zones z"
            " JOIN stores s ON s.id = z.store_id WHERE z.max_distance_m IS NOT NULL"
        )
    )
    for zone in zones.all():
        radius = zone.max_distance_m / _METRES_PER_DEGREE
        wide = radius / math.cos(math.radians(zone.lat))
        turns = [2 * math.pi * n / 96 for n in range(96)]
        disc = shapely.Polygon([(zone.lon + wide * math.cos(a), zone.lat + radius * math.sin(a)) for a in turns])
        cut = shapely.intersection(shapely.from_geojson(zone.polygon), disc)
        if cut.geom_type in ("Polygon", "MultiPolygon") and not cut.is_empty:
            outline = json.dumps(shapely.geometry.mapping(cut))
            statement = sa.text("UPDATE service_zones SET polygon = CAST(:outline AS jsonb) WHERE id = :id")
            connection.execute(statement, {"outline": outline, "id": zone.id})
        else:
            connection.execute(sa.text("DELETE FROM service_zones WHERE id = :id"), {"id": zone.id})


def downgrade() -> None:
    op.drop_constraint(op.f("ck_service_zones_arrives"), "service_zones")
    op.drop_constraint(op.f("ck_service_zones_speed"), "service_zones")
    op.drop_constraint(op.f("ck_service_zones_owner"), "service_zones")
    op.execute("DELETE FROM service_zones WHERE store_id IS NULL")
    op.add_column("service_zones", sa.Column("max_distance_m", sa.Integer(), nullable=True))
    op.add_column("service_zones", sa.Column("speed", sa.String(), server_default="standard", nullable=False))
    op.alter_column("service_zones", "speed", existing_type=sa.String(), server_default=None)
    op.drop_constraint(op.f("fk_service_zones_area_id"), "service_zones", type_="foreignkey")
    op.drop_index(op.f("ix_service_zones_area_id"), table_name="service_zones")
    op.alter_column("service_zones", "store_id", existing_type=sa.Uuid(), nullable=False)
    for column in ("arrives_until_min", "arrives_from_min", "speed_s", "windows", "shapes", "name", "area_id"):
        op.drop_column("service_zones", column)
    op.drop_constraint(op.f("ck_stores_rush"), "stores")
    op.drop_column("stores", "closed_until")
    op.drop_column("stores", "rush_until")
    op.drop_column("stores", "rush_s")
    op.drop_index(op.f("ix_store_changes_store_id"), table_name="store_changes")
    op.drop_table("store_changes")
    op.drop_table("zone_versions")
