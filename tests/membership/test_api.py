import uuid

import pytest
from fastapi.testclient import TestClient

from o2o.kit.ids import MemberId
from o2o.kit.principal import Role
from o2o.membership import members, points
from tests.conftest import Clock, Sessions
from tests.hands import Worker
from tests.identity import make as people
from tests.membership import make


def key() -> dict[str, str]:
    """A fresh Idempotency-Key."""
    return {"Idempotency-Key": uuid.uuid4().hex}


def test_a_new_customer_becomes_a_member_with_the_coupons_of_joining(
    client: TestClient, worker: Worker, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        make.a_campaign(db, on_joining=True)
        customer = people.a_customer(db, now=clock.now)
        headers = people.signed_in(db, customer, now=clock.now)
    worker.drain(times=2)
    body = client.get("/api/member", headers=headers).json()
    assert (body["id"], body["tier"], body["points_balance"]) == (str(customer), "basic", 0)
    assert body["next_tier"] == {"tier": "silver", "missing_fen": 100_000}
    [coupon] = client.get("/api/member/coupons", headers=headers).json()
    assert (coupon["campaign"], coupon["state"], coupon["value"]) == ("welcome", "issued", 1_000)


def test_the_member_page_does_not_wait_for_the_news(client: TestClient, sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        headers = people.headers(db, Role.CUSTOMER, now=clock.now)
    assert client.get("/api/member", headers=headers).json()["member_code"].startswith("M")
    assert client.get("/api/member/points", headers=headers).json() == {"items": [], "next_page": None}


def test_a_member_sees_their_own_lines_page_by_page_and_nobody_elses(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        mine, other = (people.a_customer(db, f"1381234567{n}", now=clock.now) for n in range(2))
        headers = people.signed_in(db, mine, now=clock.now)
        for account in (mine, other):
            members.open(db, member_id=MemberId(account), name="x", now=clock.now)
        for amount in (10, 20, 30):
            make.earned(db, MemberId(mine), amount, now=clock.now)
        make.earned(db, MemberId(other), 999, now=clock.now)
    first = client.get("/api/member/points?limit=2", headers=headers).json()
    rest = client.get(f"/api/member/points?limit=2&before={first['next_page']}", headers=headers).json()
    assert [line["points"] for line in first["items"] + rest["items"]] == [30, 20, 10]
    assert rest["next_page"] is None


def test_a_clerk_sees_little_of_a_member_and_a_customer_nothing(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        member = make.a_member(db, now=clock.now, points_to_spend=120)
        code = members.get(db, member_id=member).code
        clerk, customer = (people.headers(db, role, now=clock.now) for role in (Role.CLERK, Role.CUSTOMER))
    seen = client.get(f"/api/members/{code}", headers=clerk)
    assert seen.json() == {"id": str(member), "name": "王**", "tier": "basic", "spendable": 120, "worth_fen": 120}
    assert client.get(f"/api/members/{code}", headers=customer).status_code == 403
    wrong = f"{code[:-1]}{(int(code[-1]) + 1) % 10}"
    assert client.get(f"/api/members/{wrong}", headers=clerk).status_code == 404
    bad = client.get("/api/members/6901234567892", headers=clerk)
    assert (bad.status_code, bad.json()["field"]) == (422, "code")


def test_an_adjustment_sent_twice_is_made_once(client: TestClient, sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        member = make.a_member(db, now=clock.now)
        hq = people.headers(db, Role.HQ, now=clock.now)
    path, sent = f"/api/members/{member}/adjustments", {"points": 200, "reason": "迟到"}
    one = hq | key()
    answers = [client.post(path, json=sent, headers=one) for _ in range(2)]
    assert [(a.status_code, a.json()) for a in answers] == [(201, {"points_balance": 200})] * 2
    assert client.post(path, json={"points": -201, "reason": "x"}, headers=hq | key()).status_code == 409
    with sessions() as db:
        assert points.spendable(db, member_id=member, now=clock.now) == 200


def test_head_office_makes_a_campaign_and_gives_one_coupon_for_one_key(
    client: TestClient, sessions: Sessions, clock: Clock
) -> None:
    with sessions() as db:
        member = make.a_member(db, now=clock.now)
        hq = people.headers(db, Role.HQ, now=clock.now)
    terms = {"name_zh": "致歉券", "name_en": "Sorry", "kind": "percent", "value": 10, "most_fen": 500}
    assert client.put("/api/campaigns/sorry", json=terms, headers=hq).status_code == 204
    same = hq | key()
    path = f"/api/members/{member}/coupons"
    ids = {client.post(path, json={"campaign": "sorry"}, headers=same).json()["coupon_id"] for _ in range(2)}
    assert len(ids) == 1
    assert client.post(path, json={"campaign": "none"}, headers=hq | key()).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("get", "/api/member/points?before=0", None, "before"),
        ("get", "/api/member/points?before=99999999999999999999", None, "before"),
        ("get", "/api/member/points?limit=101", None, "limit"),
        ("post", "/api/members/nobody/adjustments", {"points": 1, "reason": "x"}, "member_id"),
        ("post", "/api/members/{id}/adjustments", {"points": 1.5, "reason": "x"}, "points"),
        ("post", "/api/members/{id}/adjustments", {"points": True, "reason": "x"}, "points"),
        ("post", "/api/members/{id}/adjustments", {"points": 2**63, "reason": "x"}, "points"),
        ("post", "/api/members/{id}/adjustments", {"points": 0, "reason": "x"}, "points"),
        ("post", "/api/members/{id}/adjustments", {"points": 1, "reason": ""}, "reason"),
        ("post", "/api/members/{id}/adjustments", {"points": 1, "reason": "a\u0000"}, "reason"),
        ("post", "/api/members/{id}/adjustments", {"points": 1, "reason": "x", "tier": "black"}, "tier"),
        ("put", "/api/campaigns/x", {"name_zh": "a", "name_en": "b", "kind": "percent", "value": 101}, "value"),
        ("put", "/api/campaigns/x", {"name_zh": "a", "name_en": "b", "kind": "gift", "value": 1}, "kind"),
    ],
)
def test_bad_input_is_refused_by_the_name_of_its_field(
    client: TestClient,
    sessions: Sessions,
    clock: Clock,
    method: str,
    path: str,
    body: dict[str, object] | None,
    field: str,
) -> None:
    with sessions() as db:
        member = make.a_member(db, now=clock.now)
        role = Role.CUSTOMER if path.startswith("/api/member/") else Role.HQ
        headers = people.headers(db, role, now=clock.now) | key()
    answer = client.request(method, path.replace("{id}", str(member)), json=body, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
