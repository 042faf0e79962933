"""Builders for accounts and signed-in callers."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from o2o.identity import accounts, phones, sessions
from o2o.kit import ids
from o2o.kit.ids import AccountId, AreaId, StoreId
from o2o.kit.principal import Role

PASSWORD = "correct horse battery"


def a_customer(db: Session, phone: str = "13812345678", *, now: datetime, name: str = "王小明") -> AccountId:
    """A customer with this phone."""
    return accounts.find_or_create_customer(db, phone=phones.e164(phone), name=name, now=now)


def a_member_of_staff(
    db: Session,
    role: Role = Role.CLERK,
    username: str | None = None,
    *,
    now: datetime,
    store_id: StoreId | None = None,
    area_ids: Sequence[AreaId] = (),
) -> AccountId:
    """A clerk, rider, dispatcher or head-office account, in a store or area of its own unless one is named."""
    if role is Role.CLERK and store_id is None:
        store_id = StoreId(ids.new_id())
    if role is Role.DISPATCHER and not area_ids:
        area_ids = [AreaId(ids.new_id())]
    return accounts.create_staff(
        db,
        username=username or f"{role.value}-{uuid.uuid4().hex[:8]}",
        password=PASSWORD,
        role=role,
        name="李员工",
        store_id=store_id,
        area_ids=area_ids,
        now=now,
    )


def signed_in(db: Session, account_id: uuid.UUID, *, now: datetime) -> dict[str, str]:
    """The Authorization header of an account that signs in now."""
    begun = sessions.begin(db, account_id=account_id, now=now)
    assert begun is not None
    return {"Authorization": f"Bearer {begun.access_token}"}


def headers(db: Session, role: Role, *, now: datetime, store_id: StoreId | None = None) -> dict[str, str]:
    """A new account of a role, and its Authorization header."""
    if role is Role.CUSTOMER:
        account_id = a_customer(db, f"138{uuid.uuid4().int % 10**8:08d}", now=now)
    else:
        account_id = a_member_of_staff(db, role, now=now, store_id=store_id)
    return signed_in(db, account_id, now=now)
