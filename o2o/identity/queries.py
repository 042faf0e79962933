"""Reads for head office's list of accounts."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.identity import accounts
from o2o.identity.accounts import AccountInfo
from o2o.identity.models import AccountRow
from o2o.kit.principal import Role


def staff(
    db: Session, *, role: Role | None, store_id: uuid.UUID | None, after: uuid.UUID | None, limit: int
) -> list[AccountInfo]:
    """Accounts of staff and riders in the order they were made, from after `after`."""
    wanted = select(AccountRow).where(AccountRow.role != Role.CUSTOMER.value).order_by(AccountRow.id).limit(limit)
    if role is not None:
        wanted = wanted.where(AccountRow.role == role.value)
    if store_id is not None:
        wanted = wanted.where(AccountRow.store_id == store_id)
    if after is not None:
        wanted = wanted.where(AccountRow.id > after)
    return [accounts.info(row) for row in db.scalars(wanted)]
