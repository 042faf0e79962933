from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from o2o.identity import sms
from o2o.kit.principal import Role
from tests.conftest import Clock, Sessions
from tests.identity import make

PHONE = "13812345678"


class Pocket:
    """A carrier that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send_code(self, phone: str, code: str, *, valid_min: int) -> None:
        self.sent.append((phone, code))


@pytest.fixture
def pocket(monkeypatch: pytest.MonkeyPatch) -> Pocket:
    found = Pocket()
    monkeypatch.setitem(sms.CARRIERS, "console", found)
    return found


def test_a_customer_signs_in_with_a_phone_and_its_code_and_it_works_once(
    client: TestClient, pocket: Pocket, clock: Clock
) -> None:
    asked = client.post("/api/auth/codes", json={"phone": "138 1234 5678"})
    assert (asked.status_code, asked.json()) == (202, {"phone": "138****5678", "valid_s": 300, "demo_code": None})
    [(phone, code)] = pocket.sent
    assert phone == "+86" + PHONE
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert client.post("/api/auth/customer", json={"phone": PHONE, "code": wrong}).status_code == 401
    answer = client.post("/api/auth/customer", json={"phone": PHONE, "code": code, "name": "王小明"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["account"]["role"] == "customer"
    assert body["account"]["phone"] == "138****5678"
    me = client.get("/api/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert me.json() == body["account"]
    again = client.post("/api/auth/customer", json={"phone": PHONE, "code": code})
    assert (again.status_code, again.json()["field"]) == (401, "code")


def test_five_wrong_guesses_void_a_code(client: TestClient, pocket: Pocket) -> None:
    client.post("/api/auth/codes", json={"phone": PHONE})
    code = pocket.sent[0][1]
    for guess in range(1, 6):
        wrong = f"{(int(code) + guess) % 10**6:06d}"
        assert client.post("/api/auth/customer", json={"phone": PHONE, "code": wrong}).status_code == 401
    assert client.post("/api/auth/customer", json={"phone": PHONE, "code": code}).status_code == 401


def test_a_code_runs_out_and_a_new_one_replaces_it(client: TestClient, pocket: Pocket, clock: Clock) -> None:
    client.post("/api/auth/codes", json={"phone": PHONE})
    clock.advance(301)
    old = pocket.sent[0][1]
    assert client.post("/api/auth/customer", json={"phone": PHONE, "code": old}).status_code == 401
    client.post("/api/auth/codes", json={"phone": PHONE})
    assert client.post("/api/auth/customer", json={"phone": PHONE, "code": pocket.sent[1][1]}).status_code == 200


def test_a_phone_gets_one_code_a_minute(client: TestClient, pocket: Pocket, clock: Clock) -> None:
    assert client.post("/api/auth/codes", json={"phone": PHONE}).status_code == 202
    refused = client.post("/api/auth/codes", json={"phone": "+86 " + PHONE})
    assert (refused.status_code, refused.json()["code"]) == (429, "identity.too_many")
    assert int(refused.headers["Retry-After"]) == 60
    assert client.post("/api/auth/codes", json={"phone": "13912345678"}).status_code == 202
    clock.advance(60)
    assert client.post("/api/auth/codes", json={"phone": PHONE}).status_code == 202
    assert len(pocket.sent) == 3


def test_who_asks_for_codes_again_and_again_waits_an_hour_before_a_day(
    client: TestClient, pocket: Pocket, clock: Clock
) -> None:
    def asked() -> tuple[int, int]:
        answer = client.post("/api/auth/codes", json={"phone": PHONE})
        clock.advance(60)
        return answer.status_code, answer.json().get("wait_s", 0)

    clock.advance(-(int(clock.now.timestamp()) % 86_400))  # midnight: the first hour of a day's window
    assert [asked()[0] for _ in range(5)] == [202] * 5
    assert asked() == (429, 55 * 60)
    for _ in range(2):
        clock.advance(3_600)
        assert [asked()[0] for _ in range(5)] == [202] * 5
    clock.advance(3_600)
    status, seconds = asked()
    assert status == 429
    assert seconds > 20 * 3_600
    assert len(pocket.sent) == 15


def test_who_signs_in_rightly_may_do_so_as_often_as_they_like(
    client: TestClient, pocket: Pocket, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        make.a_member_of_staff(db, Role.CLERK, "clerk", now=clock.now)
    for _ in range(25):
        assert client.post("/api/auth/codes", json={"phone": PHONE}).status_code == 202
        answer = client.post("/api/auth/customer", json={"phone": PHONE, "code": pocket.sent[-1][1]})
        assert answer.status_code == 200, answer.text
        staff = client.post("/api/auth/staff", json={"username": "clerk", "password": make.PASSWORD})
        assert staff.status_code == 200, staff.text


def test_staff_sign_in_and_a_wrong_name_reads_like_a_wrong_password(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        make.a_member_of_staff(db, Role.HQ, "boss", now=clock.now)
    good = client.post("/api/auth/staff", json={"username": "Boss", "password": make.PASSWORD})
    assert (good.status_code, good.json()["account"]["role"]) == (200, "hq")
    wrong_password = client.post("/api/auth/staff", json={"username": "boss", "password": "no"})
    wrong_name = client.post("/api/auth/staff", json={"username": "nobody", "password": "no"})
    assert wrong_password.status_code == wrong_name.status_code == 401
    assert wrong_password.json() == wrong_name.json()


def test_guessing_a_password_is_held_back_after_ten_tries(client: TestClient, clock: Clock) -> None:
    for _ in range(10):
        assert client.post("/api/auth/staff", json={"username": "x", "password": "no"}).status_code == 401
    assert client.post("/api/auth/staff", json={"username": "X", "password": "no"}).status_code == 429
    clock.advance(900)
    assert client.post("/api/auth/staff", json={"username": "x", "password": "no"}).status_code == 401


def test_a_refresh_token_used_twice_ends_the_family_although_the_answer_is_an_error(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        make.a_member_of_staff(db, Role.RIDER, "rider", now=clock.now)
    first = client.post("/api/auth/staff", json={"username": "rider", "password": make.PASSWORD}).json()
    second = client.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]}).json()
    assert client.get("/api/me", headers={"Authorization": f"Bearer {second['access_token']}"}).status_code == 200
    stolen = client.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert (stolen.status_code, stolen.json()["code"]) == (401, "identity.session_ended")
    assert client.post("/api/auth/refresh", json={"refresh_token": second["refresh_token"]}).status_code == 401
    assert client.get("/api/me", headers={"Authorization": f"Bearer {second['access_token']}"}).status_code == 401


def test_revocation_is_felt_at_the_very_next_call(client: TestClient, sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        rider = make.a_member_of_staff(db, Role.RIDER, "rider", now=clock.now)
        hq = make.headers(db, Role.HQ, now=clock.now)
    token = client.post("/api/auth/staff", json={"username": "rider", "password": make.PASSWORD}).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert client.get("/api/me", headers=headers).status_code == 200
    assert client.post(f"/api/accounts/{rider}/revoke", headers=hq).json()["active"] is False
    assert client.get("/api/me", headers=headers).status_code == 401
    assert client.post("/api/auth/refresh", json={"refresh_token": token["refresh_token"]}).status_code == 401
    assert client.post("/api/auth/staff", json={"username": "rider", "password": make.PASSWORD}).status_code == 401
    assert client.post(f"/api/accounts/{rider}/restore", headers=hq).json()["active"] is True
    assert client.get("/api/me", headers=headers).status_code == 401
    assert client.post("/api/auth/staff", json={"username": "rider", "password": make.PASSWORD}).status_code == 200


def test_signing_out_ends_this_device_only(client: TestClient, sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        clerk = make.a_member_of_staff(db, now=clock.now)
        here, there = make.signed_in(db, clerk, now=clock.now), make.signed_in(db, clerk, now=clock.now)
    assert client.post("/api/auth/sign-out", headers=here).status_code == 204
    assert client.get("/api/me", headers=here).status_code == 401
    assert client.get("/api/me", headers=there).status_code == 200


def test_only_head_office_touches_accounts(client: TestClient, sessions: Sessions, clock: Clock) -> None:
    body = {"username": "new1", "password": make.PASSWORD, "role": "rider", "name": "骑手"}
    with sessions() as db:
        callers = {role: make.headers(db, role, now=clock.now) for role in Role}
    codes = {role.value: client.post("/api/accounts", json=body, headers=h).status_code for role, h in callers.items()}
    assert codes == {"customer": 403, "clerk": 403, "rider": 403, "dispatcher": 403, "hq": 201}
    assert client.post("/api/accounts", json=body).status_code == 401
    listed = client.get("/api/accounts?role=rider", headers=callers[Role.HQ]).json()
    assert "new1" in [account["username"] for account in listed]
    assert all("password" not in key for account in listed for key in account)


def test_head_office_adds_a_clerk_of_a_store_and_a_dispatcher_of_areas(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        hq = make.headers(db, Role.HQ, now=clock.now)
    place = "01976b2e-6f00-7abc-8def-000000000001"
    person = {"password": make.PASSWORD, "name": "新人"}
    clerk = client.post(
        "/api/accounts", json=person | {"username": "c1", "role": "clerk", "store_id": place}, headers=hq
    )
    assert (clerk.status_code, clerk.json()["store_id"]) == (201, place), clerk.text
    sent = person | {"username": "d1", "role": "dispatcher", "area_ids": [place]}
    assert client.post("/api/accounts", json=sent, headers=hq).json()["area_ids"] == [place]
    for role, field in (("clerk", "store_id"), ("dispatcher", "area_ids"), ("customer", "role"), ("king", "role")):
        answer = client.post("/api/accounts", json=person | {"username": "n1", "role": role}, headers=hq)
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    again = client.post("/api/accounts", json=sent, headers=hq)
    assert (again.status_code, again.json()["code"]) == (409, "identity.username_taken")


def test_the_demo_shows_the_code_and_nothing_else_does(
    client: TestClient, pocket: Pocket, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post("/api/auth/codes", json={"phone": PHONE}).json()["demo_code"] is None
    tools = client.app.state.tools  # type: ignore[attr-defined]
    demo = replace(tools, settings=tools.settings.model_copy(update={"profile": "demo"}))
    monkeypatch.setattr(client.app.state, "tools", demo)  # type: ignore[attr-defined]
    clock.advance(60)
    assert client.post("/api/auth/codes", json={"phone": PHONE}).json()["demo_code"] == pocket.sent[1][1]


def test_without_a_carrier_a_code_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sms.CARRIERS, "console", sms.Nobody())
    answer = client.post("/api/auth/codes", json={"phone": PHONE})
    assert (answer.status_code, answer.json()["code"]) == (409, "identity.no_sms")


def test_the_console_prints_the_code_and_hides_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    sms.Console().send_code("+8613812345678", "123456", valid_min=5)
    printed = capsys.readouterr().out
    assert "123456" in printed
    assert "138****5678" in printed
    assert PHONE not in printed


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/auth/codes", {"phone": "12345"}, "phone"),
        ("/api/auth/codes", {"phone": "010-12345678"}, "phone"),
        ("/api/auth/codes", {"phone": "１３８１２３４５６７８"}, "phone"),
        ("/api/auth/codes", {"phone": 13812345678}, "phone"),
        ("/api/auth/codes", {"phone": PHONE, "role": "hq"}, "role"),
        ("/api/auth/codes", {}, "phone"),
        ("/api/auth/customer", {"phone": PHONE, "code": "12345"}, "code"),
        ("/api/auth/customer", {"phone": PHONE, "code": "１２３４５６"}, "code"),
        ("/api/auth/customer", {"phone": PHONE, "code": "123456", "name": "a\u0000"}, "name"),
        ("/api/auth/staff", {"username": "a\u0000b", "password": "x"}, "username"),
        ("/api/auth/staff", {"username": "a", "password": "x" * 129}, "password"),
        ("/api/auth/refresh", {"refresh_token": "x" * 101}, "refresh_token"),
        ("/api/auth/refresh", {"refresh_token": None}, "refresh_token"),
    ],
)
def test_bad_input_is_refused_by_the_name_of_its_field(
    client: TestClient, path: str, body: dict[str, object], field: str
) -> None:
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert PHONE not in answer.text
