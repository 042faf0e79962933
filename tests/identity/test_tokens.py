import json
import uuid
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy.orm import Session

from o2o.identity import tokens
from o2o.infra.http import Unauthenticated
from o2o.infra.settings import settings
from o2o.kit import ids
from o2o.kit.principal import Role
from tests.conftest import Clock
from tests.identity import make

ACCOUNT = uuid.UUID("01976b2e-6f00-7abc-8def-000000000009")


def a_token(clock: Clock, **changes: Any) -> str:
    """A customer's token, properly signed, with some claims changed or (None) left out."""
    now = int(clock.now.timestamp())
    claims: dict[str, Any] = {
        "iss": "o2o",
        "aud": "o2o-api",
        "sub": str(ACCOUNT),
        "role": "customer",
        "fam": str(ids.new_id()),
        "iat": now,
        "exp": now + 600,
        "jti": str(ids.new_id()),
    }
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(claims, settings().token_secret.get_secret_value(), algorithm="HS256")


def part(value: dict[str, Any]) -> str:
    """One part of a token, as anybody can write it."""
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_customers_token_is_believed_until_it_runs_out(db: Session, clock: Clock) -> None:
    token = a_token(clock)
    assert tokens.authenticate(db, token=token, now=clock.now).account_id == ACCOUNT
    assert tokens.authenticate(db, token=token, now=clock.now + timedelta(seconds=599)).role is Role.CUSTOMER
    for off_s in (600, -31):
        with pytest.raises(Unauthenticated):
            tokens.authenticate(db, token=token, now=clock.now + timedelta(seconds=off_s))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "o2o-other"},
        {"aud": ["o2o-other"]},
        {"role": "emperor"},
        {"role": None},
        {"sub": "not an id"},
        {"sub": None},
        {"fam": None},
        {"jti": None},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": 1e300},
        {"iat": None},
        {"iat": True},
        {"iss": None},
        {"aud": None},
    ],
)
def test_a_signed_token_with_a_wrong_claim_is_refused(db: Session, clock: Clock, changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        tokens.authenticate(db, token=a_token(clock, **changes), now=clock.now)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "typ": "JWT"},
        {"alg": "None", "typ": "JWT"},
        {"alg": "HS512", "typ": "JWT"},
        {"alg": "RS256", "typ": "JWT"},
        {"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"},
        {"alg": "HS256", "typ": "JWT", "jku": "https://example.org/keys"},
        {"alg": "HS256", "typ": "JWT", "crit": ["exp"]},
        {"alg": "HS256"},
    ],
)
def test_any_header_but_ours_is_refused_however_it_is_signed(db: Session, clock: Clock, header: dict[str, Any]) -> None:
    _, claims, _ = a_token(clock).split(".")
    signed = f"{part(header)}.{claims}"
    secret = settings().token_secret.get_secret_value().encode()
    names = {"HS512": "HS512"}
    signature = jwt.algorithms.get_default_algorithms()[names.get(header["alg"], "HS256")].sign(signed.encode(), secret)
    for tail in ("", urlsafe_b64encode(signature).decode().rstrip("=")):
        with pytest.raises(Unauthenticated):
            tokens.authenticate(db, token=f"{signed}.{tail}", now=clock.now)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é" * 10, "x" * 5_000, "[" * 2_000, "e30.e30.e30"])
def test_what_is_not_a_token_is_refused(db: Session, clock: Clock, token: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.authenticate(db, token=token, now=clock.now)


def test_a_token_signed_with_another_secret_is_refused(db: Session, clock: Clock) -> None:
    claims = jwt.decode(a_token(clock), options={"verify_signature": False})
    forged = jwt.encode(claims, "another secret of more than 32 bytes!!", algorithm="HS256")
    with pytest.raises(Unauthenticated):
        tokens.authenticate(db, token=forged, now=clock.now)


def test_a_customer_cannot_become_staff_by_claim(db: Session, clock: Clock) -> None:
    with pytest.raises(Unauthenticated):
        tokens.authenticate(db, token=a_token(clock, role="hq"), now=clock.now)


def test_staff_are_what_their_account_says_now(db: Session, clock: Clock) -> None:
    clerk = make.a_member_of_staff(db, Role.CLERK, now=clock.now)
    token = make.signed_in(db, clerk, now=clock.now)["Authorization"].removeprefix("Bearer ")
    caller = tokens.authenticate(db, token=token, now=clock.now)
    assert (caller.account_id, caller.role) == (clerk, Role.CLERK)
    assert caller.store_id is not None
