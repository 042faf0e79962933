"""Tables of identity: accounts, one-time codes, families of refresh tokens. Secrets are kept only as hashes."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from o2o.infra.db import Base, Id


class AccountRow(Base):
    """Somebody who may call. Customers have a phone (E.164), all others a user name and a password hash."""

    __tablename__ = "accounts"

    id: Mapped[Id]
    role: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(unique=True)
    username: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    store_id: Mapped[uuid.UUID | None]
    area_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid()))
    active: Mapped[bool]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("role IN ('customer', 'clerk', 'rider', 'dispatcher', 'hq')", name="role"),
        CheckConstraint(
            "(role = 'customer') = (phone IS NOT NULL) AND (role = 'customer') = (username IS NULL) "
            "AND (username IS NULL) = (password_hash IS NULL)",
            name="credentials",
        ),
        CheckConstraint("(role = 'clerk') = (store_id IS NOT NULL)", name="store"),
    )


class CodeRow(Base):
    """The one-time code last sent to a phone. A new one takes its place; a used one is deleted."""

    __tablename__ = "sign_in_codes"

    phone: Mapped[str] = mapped_column(primary_key=True)
    code_hash: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    tries_left: Mapped[int]

    __table_args__ = (CheckConstraint("tries_left >= 0", name="tries"),)


class FamilyRow(Base):
    """One signed-in device, until it signs out, is revoked, falls to reuse of a token, or expires."""

    __tablename__ = "token_families"

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class RefreshTokenRow(Base):
    """One refresh token, by its hash; `used_at` is set when it was exchanged for the next."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("token_families.id"), index=True)
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
