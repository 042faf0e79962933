"""Identity on the wire. Phones go out masked only."""

import uuid
from typing import Annotated

from pydantic import Field, JsonValue

from o2o.kit.principal import Role
from o2o.kit.wire import Name, Ref, Wire, example

Phone = Annotated[str, Field(min_length=5, max_length=24, pattern=r"^\+?[0-9][0-9 ()-]*$")]
Password = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00]*$")]
Username = Annotated[str, Field(min_length=2, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]

_ACCOUNT: dict[str, JsonValue] = {
    "id": "01976b2e-6f00-7abc-8def-000000000009",
    "role": "customer",
    "name": "王小明",
    "username": None,
    "phone": "138****5678",
    "store_id": None,
    "area_ids": [],
    "active": True,
}


class CodeAsked(Wire):
    """A phone that wants a one-time code; mainland China unless it begins with +."""

    model_config = example(phone="13812345678")

    phone: Phone


class CodeSent(Wire):
    """A code is on its way. `demo_code` repeats it in the demo only, where no carrier would deliver it."""

    model_config = example(phone="138****5678", valid_s=300, demo_code=None)

    phone: str
    valid_s: int
    demo_code: str | None


class CustomerSignIn(Wire):
    """A phone and the code sent to it. `name` is used the first time."""

    model_config = example(phone="13812345678", code="123456")

    phone: Phone
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    name: Name | None = None


class StaffSignIn(Wire):
    """A user name and its password."""

    model_config = example(username="clerk1", password="correct horse")

    username: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]
    password: Password


class RefreshAsked(Wire):
    """The newest refresh token of this device; each works once."""

    model_config = example(refresh_token="p5u1Yq0nq3wq2Zr7d1m0cV5o8sXk4tJ6yB9aE2fG3hI")

    refresh_token: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


class AccountOut(Wire):
    """An account. The phone is masked."""

    model_config = example(**_ACCOUNT)

    id: uuid.UUID
    role: Role
    name: str
    username: str | None
    phone: str | None
    store_id: uuid.UUID | None
    area_ids: tuple[uuid.UUID, ...]
    active: bool


class SessionOut(Wire):
    """What a signed-in device holds: a short access token for the Authorization header, and a refresh token for the next pair."""

    model_config = example(
        access_token="eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln",
        refresh_token="p5u1Yq0nq3wq2Zr7d1m0cV5o8sXk4tJ6yB9aE2fG3hI",
        expires_in_s=600,
        account=_ACCOUNT,
    )

    access_token: str
    refresh_token: str
    expires_in_s: int
    account: AccountOut


class StaffBody(Wire):
    """A new member of staff or rider. A clerk needs `store_id`, a dispatcher `area_ids`."""

    model_config = example(
        username="clerk1",
        password="correct horse",
        role="clerk",
        name="李店员",
        store_id="01976b2e-6f00-7abc-8def-000000000001",
    )

    username: Username
    password: Password
    role: Annotated[Role, Field(strict=False)]
    name: Name
    store_id: Ref | None = None
    area_ids: Annotated[tuple[Ref, ...], Field(max_length=50, strict=False)] = ()


class PasswordChange(Wire):
    """The password one has, and the one one wants."""

    model_config = example(old="correct horse", new="battery staple")

    old: Password
    new: Password
