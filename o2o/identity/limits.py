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
  local count = redis.call('INCR', KEYS[i])
  if count == 1 then redis.call('EXPIRE', KEYS[i], ARGV[2 * i]) end
  if count > tonumber(ARGV[2 * i - 1]) then worst = math.max(worst, i) end
end
return worst
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in each window of `window_s` seconds, for each subject."""

    name: str
    most: int
    window_s: int


CODE_A_PHONE = (Limit("code-phone-minute", 1, 60), Limit("code-phone-day", 10, 86_400))
CODE_AN_ADDRESS = (Limit("code-address-hour", 60, 3_600),)
TRY_A_PHONE = (Limit("try-phone", 20, 3_600),)
TRY_A_NAME = (Limit("try-name", 10, 900),)
TRY_AN_ADDRESS = (Limit("try-address", 200, 900),)


def wait_s(valkey: "redis.Redis", *, checks: Sequence[tuple[Sequence[Limit], str]], secret: str, now: datetime) -> int:
    """Count one attempt against every limit of every (limits, subject); 0 when all allow it, else seconds until the last window ends."""
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


def _key(limit: Limit, subject: str, secret: str, unix: int) -> str:
    mark = hmac.new(secret.encode(), f"{limit.name}:{subject}".encode("utf-8", "replace"), sha256).hexdigest()[:32]
    return f"limit:{limit.name}:{mark}:{unix // limit.window_s}"
