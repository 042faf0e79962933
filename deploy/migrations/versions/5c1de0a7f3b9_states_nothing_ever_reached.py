"""states that nothing ever reached are gone"""

from collections.abc import Sequence

from alembic import op

revision: str = "5c1de0a7f3b9"
down_revision: str | None = "28f1e812ef8e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATES = {
    "coupons": ("'issued', 'locked', 'used', 'expired'", "'revoked'"),
    "supply_notices": ("'announced', 'received'", "'canceled'"),
}


def _allow(more: bool) -> None:
    for table, (reached, never) in STATES.items():
        name = op.f(f"ck_{table}_state")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"state IN ({f'{reached}, {never}' if more else reached})")


def upgrade() -> None:
    _allow(more=False)


def downgrade() -> None:
    _allow(more=True)
