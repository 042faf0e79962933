import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.identity import accounts, passwords
from o2o.identity.models import AccountRow
from o2o.infra.outbox import OutboxRow
from o2o.kit import ids
from o2o.kit.principal import Role
from tests.conftest import Clock, Sessions
from tests.identity import make


def test_a_new_customer_is_announced_without_their_phone_or_name(db: Session, clock: Clock) -> None:
    account = make.a_customer(db, "138 1234 5678", now=clock.now)
    [said] = db.scalars(select(OutboxRow))
    assert (said.name, said.payload) == ("identity.CustomerRegistered", {"account_id": str(account)})
    assert accounts.get(db, account_id=account).phone == "138****5678"
    assert make.a_customer(db, "+86 13812345678", now=clock.now) == account


def test_two_first_sign_ins_of_one_phone_agree_on_one_account(sessions: Sessions, clock: Clock) -> None:
    def find(_: int) -> object:
        with sessions() as db:
            return accounts.find_or_create_customer(db, phone="+8613812345678", name="x", now=clock.now)

    with ThreadPoolExecutor(6) as crowd:
        assert len(set(crowd.map(find, range(6)))) == 1
    with sessions() as db:
        assert len(db.scalars(select(OutboxRow)).all()) == 1


def test_user_names_differ_by_more_than_case_and_width(db: Session, clock: Clock) -> None:
    make.a_member_of_staff(db, username="Clerk1", now=clock.now)
    for same in ("clerk1", "CLERK1", "ｃｌｅｒｋ1"):
        with pytest.raises(accounts.UsernameTaken):
            make.a_member_of_staff(db, username=same, now=clock.now)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("username", {"username": "a"}),
        ("username", {"username": "a b"}),
        ("username", {"username": "a\0b"}),
        ("role", {"role": Role.CUSTOMER}),
        ("store_id", {"role": Role.CLERK}),
        ("store_id", {"role": Role.HQ, "store_id": ids.new_id()}),
        ("area_ids", {"role": Role.DISPATCHER}),
        ("name", {"name": " "}),
        ("name", {"name": "a\0"}),
    ],
)
def test_an_account_that_cannot_be_is_refused_by_its_field(
    db: Session, clock: Clock, field: str, changes: dict[str, Any]
) -> None:
    fields: dict[str, Any] = {"username": "x1", "password": make.PASSWORD, "role": Role.RIDER, "name": "x"} | changes
    with pytest.raises(accounts.BadAccount) as refusal:
        accounts.create_staff(db, now=clock.now, **fields)
    assert refusal.value.facts["field"] == field
    assert db.scalars(select(AccountRow)).all() == []


@pytest.mark.parametrize("password", ["", "short12", "x" * 129, "username1", "UserName1", "eight\0chars"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(passwords.WeakPassword):
        passwords.hashed(password, username="username1")


def test_a_password_is_hashed_as_slowly_as_owasp_advises() -> None:
    code = "from o2o.identity import passwords; print(passwords.hashed('correct horse', username=''))"  # here it is made quick
    kept = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_unknown_name_costs_the_work_of_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = passwords.hashed(make.PASSWORD, username="x")
    passwords.fits("warm", None)
    verified: list[str] = []
    real = passwords._hasher.verify
    monkeypatch.setattr(passwords._hasher, "verify", lambda p, h: verified.append(h) or real(p, h))
    assert not passwords.fits("wrong", kept)
    assert not passwords.fits("wrong", None)
    assert not passwords.fits("nobody has this password", None)
    assert [h.split("$")[:4] for h in verified] == [kept.split("$")[:4]] * 3
    assert passwords.fits(make.PASSWORD, kept)
    assert not passwords.fits("\ud800", kept)
