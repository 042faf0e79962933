"""One-time codes: six digits, kept as a keyed hash, good for five minutes, five tries, and one sign-in."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.identity.models import CodeRow


@dataclass(frozen=True, slots=True)
class CodePolicy:
    """How long a code holds and how often it may be guessed."""

    digits: int = 6
    valid_s: int = 300
    tries: int = 5


POLICY = CodePolicy()


def new(db: Session, *, phone: str, secret: str, now: datetime, policy: CodePolicy = POLICY) -> str:
    """A fresh code for an E.164 phone; the one before it is void. The plain code is only ever in the answer."""
    code = f"{secrets.randbelow(10**policy.digits):0{policy.digits}d}"
    values = {
        "code_hash": _hash(phone, code, secret),
        "expires_at": now + timedelta(seconds=policy.valid_s),
        "tries_left": policy.tries,
    }
    statement = insert(CodeRow).values(phone=phone, **values)
    db.execute(statement.on_conflict_do_update(index_elements=[CodeRow.phone], set_=values))
    return code


def use(db: Session, *, phone: str, code: str, secret: str, now: datetime) -> bool:
    """Whether this is the phone's code; a right one is used up, a wrong one costs a try.

    The row's lock makes guesses wait for each other. The transaction must commit in either case, or guessing would be free.
    """
    kept = db.scalar(
        update(CodeRow)
        .where(CodeRow.phone == phone, CodeRow.expires_at > now, CodeRow.tries_left > 0)
        .values(tries_left=CodeRow.tries_left - 1)
        .returning(CodeRow.code_hash)
    )
    if not hmac.compare_digest(kept or "", _hash(phone, code, secret)):
        return False
    db.execute(delete(CodeRow).where(CodeRow.phone == phone))
    return True


def forget(db: Session, *, now: datetime) -> None:
    """Drop codes that have run out."""
    db.execute(delete(CodeRow).where(CodeRow.expires_at < now))


def _hash(phone: str, code: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"code:{phone}:{code}".encode("utf-8", "replace"), sha256).hexdigest()
