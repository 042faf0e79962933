"""What must hold at every moment of the day; a breach stops the day with its name."""

from sqlalchemy.orm import Session

from o2o.analytics import reconcile


class Broken(AssertionError):
    """An invariant does not hold."""


def check(db: Session) -> None:
    """Raises Broken with the first lines of what differs."""
    found = reconcile.differences(db)
    if found:
        raise Broken("\n".join(found[:20]))
