from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.identity import codes, passwords, sessions, tokens
from o2o.identity.models import CodeRow, FamilyRow, RefreshTokenRow
from o2o.infra.http import Unauthenticated
from o2o.kit.principal import Role
from tests.conftest import Clock, Sessions
from tests.identity import make

PHONE = "+8613812345678"
SECRET = "a secret of tests"


def begun(db: Session, clock: Clock) -> sessions.SignedIn:
    """A rider who has just signed in."""
    rider = make.a_member_of_staff(db, Role.RIDER, now=clock.now)
    found = sessions.begin(db, account_id=rider, now=clock.now)
    assert found is not None
    return found


def test_no_secret_is_kept_as_it_is(db: Session, clock: Clock) -> None:
    one = begun(db, clock)
    code = codes.new(db, phone=PHONE, secret=SECRET, now=clock.now)
    assert one.refresh_token not in str(db.scalars(select(RefreshTokenRow.token_hash)).all())
    assert code not in db.scalars(select(CodeRow.code_hash)).one()[:6]
    assert make.PASSWORD not in passwords.hashed(make.PASSWORD, username="x")


def test_two_devices_that_send_one_token_at_once_get_one_pair_and_the_family_ends(
    sessions: Sessions, clock: Clock
) -> None:
    from o2o.identity import sessions as devices

    with sessions() as db:
        one = begun(db, clock)

    def send(_: int) -> bool:
        with sessions() as db:
            return devices.refresh(db, refresh_token=one.refresh_token, now=clock.now) is not None

    with ThreadPoolExecutor(6) as crowd:
        assert sum(crowd.map(send, range(6))) == 1
    with sessions() as db:
        assert db.scalars(select(FamilyRow.end_reason)).one() == "reused"


def test_many_guesses_at_once_cost_a_try_each(sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        code = codes.new(db, phone=PHONE, secret=SECRET, now=clock.now)

    def guess(n: int) -> bool:
        wrong = f"{(int(code) + 1 + n) % 10**6:06d}"
        with sessions() as db:
            return codes.use(db, phone=PHONE, code=wrong, secret=SECRET, now=clock.now)

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(guess, range(20))) == 0
    with sessions() as db:
        assert db.scalars(select(CodeRow.tries_left)).one() == 0
        assert not codes.use(db, phone=PHONE, code=code, secret=SECRET, now=clock.now)


def test_one_code_signs_in_one_of_many_at_once(sessions: Sessions, clock: Clock) -> None:
    with sessions() as db:
        code = codes.new(db, phone=PHONE, secret=SECRET, now=clock.now)

    def use(_: int) -> bool:
        with sessions() as db:
            return codes.use(db, phone=PHONE, code=code, secret=SECRET, now=clock.now)

    with ThreadPoolExecutor(5) as crowd:
        assert sum(crowd.map(use, range(5))) == 1


def test_a_sign_in_that_races_a_revocation_does_not_outlive_it(sessions: Sessions, clock: Clock) -> None:
    from o2o.identity import sessions as devices

    with sessions() as db:
        rider = make.a_member_of_staff(db, Role.RIDER, now=clock.now)

    def sign_in(_: int) -> str | None:
        with sessions() as db:
            found = devices.begin(db, account_id=rider, now=clock.now)
            return found.access_token if found else None

    def revoke(_: int) -> None:
        with sessions() as db:
            devices.revoke(db, account_id=rider, now=clock.now)

    with ThreadPoolExecutor(8) as crowd:
        signed_in = [crowd.submit(sign_in, n) for n in range(4)]
        crowd.submit(revoke, 0).result()
        signed_in += [crowd.submit(sign_in, n) for n in range(4)]
        found = [token for future in signed_in if (token := future.result())]
    for token in found:
        with sessions() as db:
            try:
                tokens.authenticate(db, token=token, now=clock.now)
            except Unauthenticated:
                continue
            raise AssertionError("a token outlived the revocation")


def test_a_family_runs_out(db: Session, clock: Clock) -> None:
    one = begun(db, clock)
    late = clock.now + timedelta(days=30)
    assert sessions.refresh(db, refresh_token=one.refresh_token, now=late) is None
    sessions.forget(db, now=late + timedelta(days=8))
    assert db.scalars(select(FamilyRow)).all() == []


def test_a_new_password_ends_other_devices_and_a_wrong_old_one_changes_nothing(db: Session, clock: Clock) -> None:
    rider = make.a_member_of_staff(db, Role.RIDER, "rider", now=clock.now)
    here, there = (sessions.begin(db, account_id=rider, now=clock.now) for _ in range(2))
    assert here is not None
    assert there is not None
    family = tokens.family_of(here.access_token, clock.now)
    for old, changed in (("wrong", False), (make.PASSWORD, True)):
        assert (
            sessions.change_password(
                db, account_id=rider, old=old, new="another good one", family_id=family, now=clock.now
            )
            is changed
        )
    assert sessions.refresh(db, refresh_token=there.refresh_token, now=clock.now) is None
    assert sessions.refresh(db, refresh_token=here.refresh_token, now=clock.now) is not None
    assert sessions.sign_in_staff(db, username="rider", password=make.PASSWORD, now=clock.now) is None
    assert sessions.sign_in_staff(db, username="rider", password="another good one", now=clock.now) is not None
