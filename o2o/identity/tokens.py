"""Access tokens: JWT (RFC 7519), HS256 and nothing else, ten minutes; who is calling is decided here.

A customer's token is believed as it is. For everybody else one indexed read asks whether the account is still active and the
family still open, and takes role, store and areas from the account: what head office changes holds at once.
"""

import uuid
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import jwt
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.identity.models import AccountRow, FamilyRow
from o2o.infra.http import Unauthenticated
from o2o.infra.settings import settings
from o2o.kit import ids
from o2o.kit.principal import Principal, Role

ALGORITHM = "HS256"
ISSUER = "o2o"
AUDIENCE = "o2o-api"
LEEWAY_S = 30
_LONGEST = 2_048
_HEADER = {"alg": ALGORITHM, "typ": "JWT"}
_CLAIMS = ("iss", "aud", "sub", "role", "fam", "iat", "exp", "jti")


def issue(*, account_id: uuid.UUID, role: Role, family_id: uuid.UUID, now: datetime) -> str:
    """A signed access token for one family."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(account_id),
        "role": role.value,
        "fam": str(family_id),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(seconds=settings().access_token_s)).timestamp()),
        "jti": str(ids.new_id()),
    }
    return jwt.encode(claims, _secret(), algorithm=ALGORITHM, headers=_HEADER)


def authenticate(db: Session, *, token: str, now: datetime) -> Principal:
    """Who the bearer of this token is.

    Raises:
        Unauthenticated: forged, altered, expired, meant for somebody else, or revoked; it does not say which.
    """
    role, account_id, family_id, _, _ = _believed(token, now)
    if role is Role.CUSTOMER:
        return Principal(account_id=account_id, role=role)
    row = db.execute(
        select(AccountRow.role, AccountRow.store_id, AccountRow.area_ids)
        .join(FamilyRow, FamilyRow.account_id == AccountRow.id)
        .where(AccountRow.id == account_id, AccountRow.active, FamilyRow.id == family_id, FamilyRow.ended_at.is_(None))
    ).one_or_none()
    if row is None:
        raise Unauthenticated()
    return Principal(
        account_id=account_id, role=Role(row.role), store_id=row.store_id, area_ids=frozenset(row.area_ids)
    )


def believe(*, token: str, now: datetime) -> Principal | None:
    """Who the bearer is, where that needs no database; None for everybody but customers.

    Raises:
        Unauthenticated: as `authenticate`.
    """
    role, account_id, _, _, _ = _believed(token, now)
    return Principal(account_id=account_id, role=role) if role is Role.CUSTOMER else None


def family_of(token: str, now: datetime) -> uuid.UUID:
    """The family a believed token belongs to.

    Raises:
        Unauthenticated: as `authenticate`.
    """
    return _believed(token, now).family_id


class _Said(NamedTuple):
    """What a token of ours says. Times are seconds since 1970."""

    role: Role
    account_id: uuid.UUID
    family_id: uuid.UUID
    issued: int
    expires: int


def _believed(token: str, now: datetime) -> _Said:
    """What the token says, after every check that needs no database. Time is compared with `now`, not with the library's clock."""
    if len(token) > _LONGEST:
        raise Unauthenticated()
    said = _signed(token, _secret())
    if not said.issued - LEEWAY_S <= now.timestamp() < said.expires:
        raise Unauthenticated()
    return said


@lru_cache(maxsize=4_096)
def _signed(token: str, secret: str) -> _Said:
    """What a token says, when it is ours; kept, for a signature that held once holds always. Only time is asked again."""
    try:
        # The header is compared whole before anything acts on it: no other algorithm, no kid, jku, jwk, x5u or crit.
        if jwt.get_unverified_header(token) != _HEADER:
            raise Unauthenticated()
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.InvalidTokenError, UnicodeError, RecursionError) as error:
        raise Unauthenticated() from error
    issued, expires = claims["iat"], claims["exp"]
    if type(issued) is not int or type(expires) is not int:
        raise Unauthenticated()
    try:
        return _Said(Role(claims["role"]), uuid.UUID(claims["sub"]), uuid.UUID(claims["fam"]), issued, expires)
    except (ValueError, AttributeError, TypeError) as error:
        raise Unauthenticated() from error


def _secret() -> str:
    return settings().token_secret.get_secret_value()
