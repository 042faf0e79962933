"""Passwords: argon2id by pwdlib. A wrong name costs the same work as a wrong password."""

from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from o2o.kit.errors import Invalid

LEAST, MOST = 8, 128

_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
"""The parameters of OWASP's Password Storage Cheat Sheet for argon2id: 19 MiB, two passes, one lane."""


class WeakPassword(Invalid):
    """A password has 8 to 128 characters and is not the user name."""

    code = "identity.weak_password"


def hashed(password: str, *, username: str) -> str:
    """The hash to keep.

    Raises:
        WeakPassword: too short, too long, or the user name.
    """
    if not LEAST <= len(password) <= MOST or password.casefold() == username or "\0" in password:
        raise WeakPassword(field="password")
    return _hasher.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether the password is the one kept; with nothing kept, the same work and always False."""
    if len(password) > MOST:
        return False
    try:
        same = _hasher.verify(password, kept or _nobodys())
    except UnicodeEncodeError:
        return False
    return same and kept is not None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
