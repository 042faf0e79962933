"""HTTP of identity: signing in, staying in, signing out; and head office's hand on accounts.

A wrong code or a reused token is answered, not raised: the try it cost and the family it ended must commit.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import redis
from fastapi import APIRouter, Header, Query, Request, Response

from o2o.identity import accounts, codes, phones, queries, sessions, sms, tokens
from o2o.identity.limits import (
    CODE_A_PHONE,
    CODE_AN_ADDRESS,
    TRY_A_NAME,
    TRY_A_PHONE,
    TRY_AN_ADDRESS,
    Limit,
    forgive,
    wait_s,
)
from o2o.identity.schemas import (
    AccountOut,
    CodeAsked,
    CodeSent,
    CustomerSignIn,
    PasswordChange,
    RefreshAsked,
    SessionOut,
    StaffBody,
    StaffSignIn,
)
from o2o.infra.http import Anyone, Db, Hq, Now, Public, ToolsDep
from o2o.infra.problems import busy, problem
from o2o.infra.tools import Tools
from o2o.kit.principal import Role

router = APIRouter(prefix="/api", tags=["identity"])


@router.post(
    "/auth/codes",
    operation_id="askCode",
    summary="Send a one-time code to a phone",
    response_model=CodeSent,
    status_code=202,
    dependencies=[Public],
)
def ask_code(request: Request, db: Db, now: Now, tools: ToolsDep, body: CodeAsked) -> CodeSent | Response:
    """The same answer whether the phone has an account or not."""
    phone = phones.e164(body.phone)
    held_back = _held_back(request, tools, now, (CODE_A_PHONE, phone), (CODE_AN_ADDRESS, _address(request)))
    if held_back is not None:
        return held_back
    code = codes.new(db, phone=phone, secret=_secret(tools), now=now)
    sms.CARRIERS[tools.settings.sms].send_code(phone, code, valid_min=codes.POLICY.valid_s // 60)
    shown = code if tools.settings.profile == "demo" and tools.settings.sms == "console" else None
    return CodeSent(phone=phones.masked(phone), valid_s=codes.POLICY.valid_s, demo_code=shown)


@router.post(
    "/auth/customer",
    operation_id="signInCustomer",
    summary="Sign in with a phone and its code",
    response_model=SessionOut,
    dependencies=[Public],
)
def sign_in_customer(
    request: Request, db: Db, now: Now, tools: ToolsDep, body: CustomerSignIn
) -> sessions.SignedIn | Response:
    """The first time makes the account."""
    phone = phones.e164(body.phone)
    held_back = _held_back(request, tools, now, (TRY_A_PHONE, phone), (TRY_AN_ADDRESS, _address(request)))
    if held_back is not None:
        return held_back
    if not codes.use(db, phone=phone, code=body.code, secret=_secret(tools), now=now):
        return _refused("identity.wrong_code", "This code is not right, or no longer good.", field="code")
    _forgive(tools, now, (*CODE_A_PHONE, *TRY_A_PHONE), phone)
    account_id = accounts.find_or_create_customer(db, phone=phone, name=body.name or phones.masked(phone), now=now)
    return sessions.begin(db, account_id=account_id, now=now) or _shut()


@router.post(
    "/auth/staff",
    operation_id="signInStaff",
    summary="Sign in with user name and password",
    response_model=SessionOut,
    dependencies=[Public],
)
def sign_in_staff(
    request: Request, db: Db, now: Now, tools: ToolsDep, body: StaffSignIn
) -> sessions.SignedIn | Response:
    """Clerks, riders, dispatchers and head office."""
    name = body.username.casefold()
    held_back = _held_back(request, tools, now, (TRY_A_NAME, name), (TRY_AN_ADDRESS, _address(request)))
    if held_back is not None:
        return held_back
    signed_in = sessions.sign_in_staff(db, username=name, password=body.password, now=now)
    if signed_in is None:
        return _refused("identity.wrong_password", "User name or password is wrong.", field="password")
    _forgive(tools, now, TRY_A_NAME, name)
    return signed_in


@router.post(
    "/auth/refresh",
    operation_id="refreshSession",
    summary="Exchange a refresh token for the next pair",
    response_model=SessionOut,
    dependencies=[Public],
)
def refresh(request: Request, db: Db, now: Now, tools: ToolsDep, body: RefreshAsked) -> sessions.SignedIn | Response:
    """Each refresh token works once; one that comes a second time signs the device out."""
    held_back = _held_back(request, tools, now, (TRY_AN_ADDRESS, "refresh " + _address(request)))
    if held_back is not None:
        return held_back
    signed_in = sessions.refresh(db, refresh_token=body.refresh_token, now=now)
    return signed_in or _refused("identity.session_ended", "Sign in again.", field="refresh_token")


@router.post(
    "/auth/sign-out", operation_id="signOut", summary="Sign this device out", status_code=204, response_model=None
)
def sign_out(db: Db, now: Now, caller: Anyone, authorization: Annotated[str, Header()]) -> Response:
    """Its refresh token is void at once."""
    family_id = tokens.family_of(authorization.partition(" ")[2], now)
    sessions.sign_out(db, account_id=caller.account_id, family_id=family_id, now=now)
    return Response(status_code=204)


@router.get("/me", operation_id="getMe", summary="Who I am", response_model=AccountOut)
def get_me(db: Db, caller: Anyone) -> accounts.AccountInfo:
    """The account behind the token."""
    return accounts.get(db, account_id=caller.account_id)


@router.post(
    "/me/password", operation_id="changePassword", summary="Change my password", status_code=204, response_model=None
)
def change_password(
    request: Request,
    db: Db,
    now: Now,
    tools: ToolsDep,
    caller: Anyone,
    authorization: Annotated[str, Header()],
    body: PasswordChange,
) -> Response:
    """Other devices are signed out."""
    held_back = _held_back(request, tools, now, (TRY_A_NAME, f"change {caller.account_id}"))
    if held_back is not None:
        return held_back
    family_id = tokens.family_of(authorization.partition(" ")[2], now)
    changed = sessions.change_password(
        db, account_id=caller.account_id, old=body.old, new=body.new, family_id=family_id, now=now
    )
    wrong = problem(403, "identity.wrong_password", "The old password is wrong.", field="old")
    return Response(status_code=204) if changed else wrong


@router.post(
    "/accounts",
    operation_id="createAccount",
    summary="Add a member of staff or a rider",
    response_model=AccountOut,
    status_code=201,
)
def create_account(db: Db, now: Now, _: Hq, body: StaffBody) -> accounts.AccountInfo:
    """The user name can be used once."""
    account_id = accounts.create_staff(db, now=now, **dict(body))
    return accounts.get(db, account_id=account_id)


@router.get("/accounts", operation_id="listAccounts", summary="Staff and riders", response_model=list[AccountOut])
def list_accounts(
    db: Db,
    _: Hq,
    role: Role | None = None,
    store_id: uuid.UUID | None = None,
    after: uuid.UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> list[accounts.AccountInfo]:
    """In the order they were made; `after` is the last id of the page before."""
    return queries.staff(db, role=role, store_id=store_id, after=after, limit=limit)


@router.post(
    "/accounts/{account_id}/revoke",
    operation_id="revokeAccount",
    summary="Shut an account and end its sessions",
    response_model=AccountOut,
)
def revoke_account(db: Db, now: Now, _: Hq, account_id: uuid.UUID) -> accounts.AccountInfo:
    """Staff and riders are refused from their very next call; a customer's access token lasts its ten minutes."""
    return sessions.revoke(db, account_id=account_id, now=now)


@router.post(
    "/accounts/{account_id}/restore",
    operation_id="restoreAccount",
    summary="Open a shut account again",
    response_model=AccountOut,
)
def restore_account(db: Db, _: Hq, account_id: uuid.UUID) -> accounts.AccountInfo:
    """It must sign in anew."""
    return sessions.restore(db, account_id=account_id)


def _held_back(request: Request, tools: Tools, now: datetime, *checks: tuple[Sequence[Limit], str]) -> Response | None:
    try:
        seconds = wait_s(tools.valkey, checks=checks, secret=_secret(tools), now=now)
    except redis.RedisError:
        # Without counters nobody may guess: better shut for a moment than open.
        return busy()
    if seconds == 0:
        return None
    detail = "Too many attempts; wait a little."
    return problem(429, "identity.too_many", detail, headers={"Retry-After": str(seconds)}, wait_s=seconds)


def _forgive(tools: Tools, now: datetime, limits: Sequence[Limit], subject: str) -> None:
    with suppress(redis.RedisError):  # then they are forgiven when the window ends
        forgive(tools.valkey, limits=limits, subject=subject, secret=_secret(tools), now=now)


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _secret(tools: Tools) -> str:
    return tools.settings.token_secret.get_secret_value()


def _refused(code: str, detail: str, *, field: str) -> Response:
    return problem(401, code, detail, headers={"WWW-Authenticate": "Bearer"}, field=field)


def _shut() -> Response:
    return problem(403, "identity.account_shut", "This account is shut.")
