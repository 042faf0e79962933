"""Signed-in devices: a family of refresh tokens each, rotated at every use; one used twice ends the family for thief and owner alike."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from o2o.identity import accounts, passwords, tokens
from o2o.identity.accounts import AccountInfo, NoSuchAccount
from o2o.identity.models import AccountRow, FamilyRow, RefreshTokenRow
from o2o.infra.settings import settings
from o2o.kit import ids
from o2o.kit.principal import Role


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a signed-in device holds."""

    access_token: str
    refresh_token: str
    expires_in_s: int
    account: AccountInfo


def sign_in_staff(db: Session, *, username: str, password: str, now: datetime) -> SignedIn | None:
    """Sign in by user name and password; None when either is wrong, after the same work in either case."""
    row = db.scalar(select(AccountRow).where(AccountRow.username == username.casefold()))
    fits = passwords.fits(password, row.password_hash if row is not None else None)
    return begin(db, account_id=row.id, now=now) if row is not None and fits else None


def begin(db: Session, *, account_id: uuid.UUID, now: datetime) -> SignedIn | None:
    """Start a family for an account already proven; None when the account is shut.

    The account's row is locked: a revocation that is under way is either seen here or sees this family.
    """
    row = db.scalar(
        select(AccountRow)
        .where(AccountRow.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or not row.active:
        return None
    family = FamilyRow(
        id=ids.new_id(),
        account_id=account_id,
        created_at=now,
        expires_at=now + timedelta(seconds=settings().refresh_token_s),
        ended_at=None,
        end_reason=None,
    )
    db.add(family)
    db.flush()
    return _tokens(db, row, family.id, now)


def refresh(db: Session, *, refresh_token: str, now: datetime) -> SignedIn | None:
    """The next pair of tokens; None when this one is unknown, expired, ended, or used before, which ends its family.

    The transaction must commit in either case: the end of a family is the answer to a stolen token.
    """
    found = db.execute(
        select(RefreshTokenRow, FamilyRow)
        .join(FamilyRow, FamilyRow.id == RefreshTokenRow.family_id)
        .where(RefreshTokenRow.token_hash == _hash(refresh_token))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        return None
    token, family = found
    if family.ended_at is not None or family.expires_at <= now:
        return None
    if token.used_at is not None:
        _end(db, FamilyRow.id == family.id, "reused", now)
        return None
    token.used_at = now
    row = db.get_one(AccountRow, family.account_id, populate_existing=True)
    return _tokens(db, row, family.id, now) if row.active else None


def sign_out(db: Session, *, account_id: uuid.UUID, family_id: uuid.UUID, now: datetime) -> None:
    """End the caller's own family; again is harmless."""
    _end(db, (FamilyRow.id == family_id) & (FamilyRow.account_id == account_id), "signed_out", now)


def revoke(db: Session, *, account_id: uuid.UUID, now: datetime) -> AccountInfo:
    """Shut an account and end all its families; staff and riders are refused from their very next call.

    Raises:
        NoSuchAccount: unknown.
    """
    row = _locked(db, account_id)
    row.active = False
    db.flush()
    _end(db, FamilyRow.account_id == account_id, "revoked", now)
    return accounts.info(row)


def restore(db: Session, *, account_id: uuid.UUID) -> AccountInfo:
    """Open a shut account again; it must sign in anew.

    Raises:
        NoSuchAccount: unknown.
    """
    row = _locked(db, account_id)
    row.active = True
    db.flush()
    return accounts.info(row)


def change_password(
    db: Session, *, account_id: uuid.UUID, old: str, new: str, family_id: uuid.UUID, now: datetime
) -> bool:
    """Change one's own password and end one's other families; False when the old one is wrong.

    Raises:
        WeakPassword: the new one is.
        NoSuchAccount: unknown, or a customer, who has no password.
    """
    row = _locked(db, account_id)
    if row.username is None:
        raise NoSuchAccount(account_id=account_id)
    if not passwords.fits(old, row.password_hash):
        return False
    row.password_hash = passwords.hashed(new, username=row.username)
    db.flush()
    _end(db, (FamilyRow.account_id == account_id) & (FamilyRow.id != family_id), "password_changed", now)
    return True


def forget(db: Session, *, now: datetime, keep: timedelta = timedelta(days=7)) -> None:
    """Drop families that ran out long ago, and their tokens."""
    old = select(FamilyRow.id).where(FamilyRow.expires_at < now - keep)
    db.execute(delete(RefreshTokenRow).where(RefreshTokenRow.family_id.in_(old)))
    db.execute(delete(FamilyRow).where(FamilyRow.id.in_(old)))


def _locked(db: Session, account_id: uuid.UUID) -> AccountRow:
    wanted = select(AccountRow).where(AccountRow.id == account_id).with_for_update()
    row = db.scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        raise NoSuchAccount(account_id=account_id)
    return row


def _tokens(db: Session, row: AccountRow, family_id: uuid.UUID, now: datetime) -> SignedIn:
    plain = secrets.token_urlsafe(32)
    db.add(RefreshTokenRow(token_hash=_hash(plain), family_id=family_id, issued_at=now, used_at=None))
    db.flush()
    access = tokens.issue(account_id=row.id, role=Role(row.role), family_id=family_id, now=now)
    return SignedIn(access, plain, settings().access_token_s, accounts.info(row))


def _end(db: Session, which: object, reason: str, now: datetime) -> None:
    still_open = update(FamilyRow).where(which, FamilyRow.ended_at.is_(None))  # type: ignore[arg-type]
    db.execute(still_open.values(ended_at=now, end_reason=reason))


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
