"""what stands for missing goods"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "e62e2e95ab7b"
down_revision: str | None = "69432e7b045e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEPT = """
with part as (
  select l.order_id, l.no, p.substitute_sku as sku, sum(p.substitute_quantity) as quantity, sum(p.substitute_fen) as fen
    from pick_lines p join shipments s on s.task_id = p.task_id join order_lines l on l.order_id = s.order_id and l.sku = p.sku
   where p.consent = 'approved' and p.substitute_quantity > 0 and l.substitute_quantity > 0 and s.state not in ('rejected', 'cancelled')
   group by 1, 2, 3),
whole as (
  select order_id, no from part join order_lines l using (order_id, no)
   group by order_id, no, l.substitute_quantity having sum(part.quantity) = l.substitute_quantity),
instead as (
  select * from part where (order_id, no) in (select order_id, no from whole)
  union all
  select order_id, no, substitute_sku, substitute_quantity, gross_fen * substitute_quantity / quantity from order_lines
   where substitute_sku is not null and substitute_quantity > 0 and (order_id, no) not in (select order_id, no from whole)),
weighed as (
  select i.*, l.charged_fen, l.points_kept, l.returned, l.gross_fen * l.picked / l.quantity
           + sum(i.fen) over (partition by i.order_id, i.no) as worth,
         coalesce(sum(i.quantity) over (
           partition by i.order_id, i.no order by i.sku rows between unbounded preceding and 1 preceding), 0) as before
    from instead i join order_lines l using (order_id, no))
insert into order_substitutes (order_id, no, sku, name_zh, name_en, quantity, charged_fen, points_kept, returned)
select w.order_id, w.no, w.sku, coalesce(p.name_zh, w.sku), coalesce(p.name_en, w.sku), w.quantity,
       coalesce(w.charged_fen * w.fen / nullif(w.worth, 0), 0), coalesce(w.points_kept * w.fen / nullif(w.worth, 0), 0),
       greatest(0, least(w.quantity, w.returned - w.before))
  from weighed w left join products p on p.sku = w.sku
"""

OPEN = sa.text(
    """
    select r.id, i.no, i.quantity, l.sku, array_agg(s.sku order by s.sku) as skus,
           array_agg(s.quantity - s.returned order by s.sku) as lefts
      from return_requests r cross join lateral unnest(r.nos, r.quantities) with ordinality as i (no, quantity, place)
      join order_lines l on l.order_id = r.order_id and l.no = i.no
      left join order_substitutes s on s.order_id = l.order_id and s.no = l.no
     where r.ended_at is null group by r.id, i.no, i.quantity, i.place, l.sku order by r.id, i.place
    """
)


def upgrade() -> None:
    op.create_table(
        "order_substitutes",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("charged_fen", sa.BigInteger(), nullable=False),
        sa.Column("points_kept", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND least(charged_fen, points_kept, returned) >= 0 AND returned <= quantity",
            name=op.f("ck_order_substitutes_counts"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_substitutes_order_id")),
        sa.PrimaryKeyConstraint("order_id", "no", "sku", name=op.f("pk_order_substitutes")),
    )
    op.execute(KEPT)
    op.add_column("return_requests", sa.Column("skus", postgresql.ARRAY(sa.Text()), nullable=True))
    op.execute(
        """
        update return_requests r set skus = array(
          select coalesce(l.sku, '') from unnest(r.nos) with ordinality as i (no, place)
          left join order_lines l on l.order_id = r.order_id and l.no = i.no order by i.place)
        """
    )
    _name_open()
    op.alter_column("return_requests", "skus", nullable=False)
    op.drop_constraint(op.f("ck_return_requests_lines_pair_up"), "return_requests", type_="check")
    op.create_check_constraint(
        op.f("ck_return_requests_lines_pair_up"),
        "return_requests",
        "cardinality(nos) = cardinality(quantities) AND cardinality(nos) = cardinality(skus)",
    )
    op.drop_column("order_lines", "substitute_sku")


def _name_open() -> None:
    """Until now what stood for missing pieces came back before what was ordered: say so where it still is to come."""
    db = op.get_bind()
    named: dict[object, list[tuple[int, str, int]]] = {}
    for row in db.execute(OPEN):
        left = row.quantity
        for sku, most in zip(row.skus, row.lefts, strict=True):
            taken = min(left, most) if sku is not None else 0
            if taken > 0:
                named.setdefault(row.id, []).append((row.no, sku, taken))
                left -= taken
        if left:
            named.setdefault(row.id, []).append((row.no, row.sku, left))
    for return_id, lines in named.items():
        nos, skus, quantities = (list(column) for column in zip(*lines, strict=True))
        db.execute(
            sa.text("update return_requests set nos = :nos, skus = :skus, quantities = :quantities where id = :id"),
            {"nos": nos, "skus": skus, "quantities": quantities, "id": return_id},
        )


def downgrade() -> None:
    op.add_column("order_lines", sa.Column("substitute_sku", sa.String(), nullable=True))
    op.execute(
        """
        update order_lines l set substitute_sku = s.sku
          from (select order_id, no, min(sku) as sku from order_substitutes group by order_id, no) s
         where s.order_id = l.order_id and s.no = l.no
        """
    )
    op.drop_constraint(op.f("ck_return_requests_lines_pair_up"), "return_requests", type_="check")
    op.create_check_constraint(
        op.f("ck_return_requests_lines_pair_up"), "return_requests", "cardinality(nos) = cardinality(quantities)"
    )
    op.drop_column("return_requests", "skus")
    op.drop_table("order_substitutes")
