"""Accounts: made once, read by id, shut and opened again by head office."""

import re
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.identity import passwords, phones
from o2o.identity.events import CustomerRegistered
from o2o.identity.models import AccountRow
from o2o.infra import outbox
from o2o.kit import ids
from o2o.kit.errors import Conflict, Invalid, NotFound
from o2o.kit.ids import AccountId, AreaId, StoreId
from o2o.kit.principal import Role


class NoSuchAccount(NotFound):
    """There is no such account."""

    code = "identity.no_such_account"


class UsernameTaken(Conflict):
    """This user name has an account already."""

    code = "identity.username_taken"


class BadAccount(Invalid):
    """An account cannot be made like that; `field` says why."""

    code = "identity.bad_account"


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account as its owner and other rooms see it. `phone` is masked, and set for customers only."""

    id: AccountId
    role: Role
    name: str
    username: str | None
    phone: str | None
    store_id: StoreId | None
    area_ids: tuple[AreaId, ...]
    active: bool


def find_or_create_customer(db: Session, *, phone: str, name: str, now: datetime) -> AccountId:
    """The customer with this E.164 phone, made if need be, and `CustomerRegistered`; two at once agree on one account.

    Raises:
        BadAccount: a new customer's name.
    """
    values = {
        "id": ids.new_id(),
        "role": Role.CUSTOMER.value,
        "name": _name(name),
        "phone": phone,
        "area_ids": [],
        "active": True,
        "created_at": now,
    }
    fresh = db.scalar(insert(AccountRow).values(values).on_conflict_do_nothing().returning(AccountRow.id))
    if fresh is None:
        return AccountId(db.scalars(select(AccountRow.id).where(AccountRow.phone == phone)).one())
    outbox.emit(db, CustomerRegistered(account_id=fresh), now=now)
    return AccountId(fresh)


def create_staff(
    db: Session,
    *,
    username: str,
    password: str,
    role: Role,
    name: str,
    now: datetime,
    store_id: StoreId | None = None,
    area_ids: Sequence[AreaId] = (),
) -> AccountId:
    """A new clerk (of one store), rider, dispatcher (of areas) or head-office account.

    Raises:
        BadAccount: the user name, the role, or what the role needs.
        passwords.WeakPassword: too short, too long, or the user name itself.
        UsernameTaken: somebody has it.
    """
    plain = _username(username)
    if role is Role.CUSTOMER:
        raise BadAccount(field="role", role=role.value)
    if (role is Role.CLERK) != (store_id is not None):
        raise BadAccount(field="store_id", role=role.value)
    if role is Role.DISPATCHER and not area_ids:
        raise BadAccount(field="area_ids", role=role.value)
    values = {
        "id": ids.new_id(),
        "role": role.value,
        "name": _name(name),
        "username": plain,
        "password_hash": passwords.hashed(password, username=plain),
        "store_id": store_id,
        "area_ids": list(area_ids),
        "active": True,
        "created_at": now,
    }
    fresh = db.scalar(insert(AccountRow).values(values).on_conflict_do_nothing().returning(AccountRow.id))
    if fresh is None:
        raise UsernameTaken(field="username")
    return AccountId(fresh)


def get(db: Session, *, account_id: uuid.UUID) -> AccountInfo:
    """One account.

    Raises:
        NoSuchAccount: unknown.
    """
    row = db.get(AccountRow, account_id)
    if row is None:
        raise NoSuchAccount(account_id=account_id)
    return info(row)


def of_role(db: Session, *, role: Role) -> list[AccountInfo]:
    """Every active account of a role, by id."""
    rows = select(AccountRow).where(AccountRow.role == role.value, AccountRow.active).order_by(AccountRow.id)
    return [info(row) for row in db.scalars(rows)]


def named(db: Session, *, username: str) -> AccountInfo | None:
    """The staff or rider account with this user name; None when there is none."""
    row = db.scalar(select(AccountRow).where(AccountRow.username == _username(username)))
    return None if row is None else info(row)


def info(row: AccountRow) -> AccountInfo:
    """The value of a row, its phone masked."""
    return AccountInfo(
        id=AccountId(row.id),
        role=Role(row.role),
        name=row.name,
        username=row.username,
        phone=phones.masked(row.phone) if row.phone else None,
        store_id=StoreId(row.store_id) if row.store_id else None,
        area_ids=tuple(AreaId(area_id) for area_id in row.area_ids),
        active=row.active,
    )


def _name(name: str) -> str:
    plain = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(plain) <= 120 or any(unicodedata.category(char) in ("Cc", "Cs") for char in plain):
        raise BadAccount(field="name")
    return plain


def _username(username: str) -> str:
    plain = unicodedata.normalize("NFKC", username).casefold()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,39}", plain):
        raise BadAccount(field="username")
    return plain
