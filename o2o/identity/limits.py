"""Rate limits on Valkey: fixed windows, one atomic step each; keys hold a keyed hash, never a phone, a name or an address."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import redis

_COUNT = """
local worst = 0
for i = 1, #KEYS do
  if tonumber(redis.call('GET', KEYS[i]) or 0) >= tonumber(ARGV[2 * i - 1]) then worst = i end
end
if worst > 0 then return worst end
for i = 1, #KEYS do
  if redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[2 * i]) end
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in each window of `window_s` seconds, for each subject."""

    name: str
    most: int
    window_s: int


CODE_A_PHONE = (
    Limit("code-phone-minute", 1, 60),
    Limit("code-phone-hour", 5, 3_600),
    Limit("code-phone-day", 15, 86_400),
)
"""Who asks in haste waits an hour at most; a whole day is shut only to what went on in three hours of it."""
CODE_AN_ADDRESS = (Limit("code-address-hour", 60, 3_600),)
TRY_A_PHONE = (Limit("try-phone", 20, 3_600),)
TRY_A_NAME = (Limit("try-name", 10, 900),)
TRY_AN_ADDRESS = (Limit("try-address", 200, 900),)


def wait_s(valkey: "redis.Redis", *, checks: Sequence[tuple[Sequence[Limit], str]], secret: str, now: datetime) -> int:
    """Count one attempt against every limit of every (limits, subject); 0 when all allow it, else seconds until the last window ends.

    What is refused is not counted: knocking at a shut door does not keep it shut.
    """
    unix = int(now.timestamp())
    flat = [(limit, subject) for limits, subject in checks for limit in limits]
    flat.sort(key=lambda check: check[0].window_s)
    keys = [_key(limit, subject, secret, unix) for limit, subject in flat]
    arguments = [str(number) for limit, _ in flat for number in (limit.most, limit.window_s * 2)]
    worst = int(valkey.eval(_COUNT, len(keys), *keys, *arguments))
    if worst == 0:
        return 0
    window_s = flat[worst - 1][0].window_s
    return window_s - unix % window_s


def forgive(valkey: "redis.Redis", *, limits: Sequence[Limit], subject: str, secret: str, now: datetime) -> None:
    """Forget the attempts of somebody who has shown to be who they say: signing in often is no guessing."""
    unix = int(now.timestamp())
    valkey.delete(*(_key(limit, subject, secret, unix) for limit in limits))


def _key(limit: Limit, subject: str, secret: str, unix: int) -> str:
    mark = hmac.new(secret.encode(), f"{limit.name}:{subject}".encode("utf-8", "replace"), sha256).hexdigest()[:32]
    return f"limit:{limit.name}:{mark}:{unix // limit.window_s}"
