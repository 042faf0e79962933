"""A decision as it is kept: everything that was known, which rules were in force, and what came of it, in one short text. Pure.

What is kept is input and outcome; reasons are worked out again from the input whenever somebody asks. The text is a JSON list,
deflated (RFC 1951) and in base 64 (RFC 4648); the same decision always gives the same text.
"""

import uuid
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from o2o.kit.errors import Invalid
from o2o.kit.ids import AreaId, Sku, StoreId
from o2o.orders.sourcing import ranking
from o2o.orders.sourcing.facts import Ask, Candidate, Wanted
from o2o.orders.sourcing.ranking import Assessed, Ranking, Way
from o2o.orders.sourcing.rules import Rules
from o2o.orders.sourcing.verdicts import Verdict

FORM = 1
"""Form of the text; another form gets another number, and older ones stay readable or say so."""
_WINDOW_BITS, _MEMORY = 12, 5
"""Room for a decision and no more: the usual 268 kB of working memory cost ten times what deflating half a kilobyte does."""
_WRITER = msgspec.json.Encoder()
_CODES = {verdict: nth for nth, verdict in enumerate(Verdict)}


class Unreadable(Invalid):
    """This is not a decision of ours, or of a form that is no longer read."""

    code = "orders.unreadable_decision"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was known and by which rules. `outcome` is what came of it then: ways, and each store's verdict or score."""

    version: int
    ask: Ask
    candidates: tuple[Candidate, ...]
    outcome: str


def keep(version: int, ask: Ask, candidates: tuple[Candidate, ...], found: Ranking) -> str:
    """The text of a decision."""
    way = [int(ask.delivery), ask.channel, ask.order_fen, int(ask.divisible)]
    asked = [ask.now.isoformat(), way, ask.lines]
    areas = sorted({c.area_id for c in candidates})
    known = [[c.store_id.hex, areas.index(c.area_id), *c[2:]] for c in candidates]
    text = _WRITER.encode([FORM, version, asked, areas, known, outcome(found)])
    deflate = zlib.compressobj(1, wbits=_WINDOW_BITS, memLevel=_MEMORY)
    return b64encode(deflate.compress(text) + deflate.flush()).decode()


def read(text: str) -> Decision:
    """The decision again.

    Raises:
        Unreadable
    """
    try:
        form, version, asked, areas, known, came = msgspec.json.decode(zlib.decompress(b64decode(text, validate=True)))
        if form != FORM:
            raise Unreadable(form=form)
        at, (delivery, channel, order_fen, divisible), wanted = asked
        lines = tuple(Wanted(Sku(sku), *rest) for sku, *rest in wanted)
        ask = Ask(datetime.fromisoformat(at), lines, bool(delivery), channel, order_fen, bool(divisible))
        candidates = tuple(_candidate(row, areas) for row in known)
    except (NotBase64, zlib.error, msgspec.DecodeError, ValueError, TypeError, IndexError):
        raise Unreadable() from None
    return Decision(version, ask, candidates, came)


def _candidate(row: list[Any], areas: list[str]) -> Candidate:
    store, area, *rest, left, expiring = row
    known = [StoreId(uuid.UUID(store)), AreaId(uuid.UUID(areas[area])), *rest, tuple(left), tuple(expiring)]
    return Candidate._make(known)


def outcome(found: Ranking) -> str:
    """What came of a decision, short and canonical: the ways with their parts and scores, then every store's verdict or score."""
    places = {one.store_id: nth for nth, one in enumerate(found.assessed)}
    ways = [[[[places[c.store_id], *lines] for c, lines in way.parts], way.score_fen] for way in found.ways]
    stores = [one.score_fen if one.verdict is None else [_CODES[one.verdict]] for one in found.assessed]
    return _WRITER.encode([ways, stores]).decode()


def again(decision: Decision, rules: Rules) -> Ranking:
    """Decide once more from what was known then, by these rules."""
    return ranking.rank(decision.candidates, decision.ask, rules)


def told(found: Ranking, ask: Ask) -> dict[str, Any]:
    """The choice as data for people: every store with its verdict or its score by term, the ways, the runner-up, the difference."""
    return {
        "ways": [_way(way, ask) for way in found.ways],
        "runner_up": [str(one) for one in found.runner_up.store_ids] if found.runner_up else None,
        "difference_fen": found.difference_fen,
        "difference_by_term": _by_term(found),
        "considered": _considered(found),
    }


def brief(found: Ranking) -> dict[str, Any]:
    """The short form, for the customer: the runner-up, the difference, and each store's verdict or score."""
    runner_up = found.runner_up
    return {
        "runner_up": str(runner_up.store_ids[0]) if runner_up else None,
        "difference_fen": found.difference_fen,
        "considered": _considered(found),
    }


def _considered(found: Ranking) -> list[dict[str, Any]]:
    """Stores that could do all of it first, the cheapest first; then those that could not, as they were given."""
    willing = sorted(found.willing, key=lambda one: one.score_fen)
    return [_store(one) for one in (*willing, *found.refused)]


def _way(way: Way, ask: Ask) -> dict[str, Any]:
    parts = [
        {
            "store_id": str(c.store_id),
            "lines": [{"sku": ask.lines[n].sku, "quantity": ask.lines[n].quantity} for n in lines],
        }
        for c, lines in way.parts
    ]
    return {"parts": parts, "score_fen": way.score_fen, "terms": way.terms, "exact": way.exact}


def _by_term(found: Ranking) -> dict[str, int]:
    if found.choice is None or found.runner_up is None:
        return {}
    mine, other = found.choice.terms, found.runner_up.terms
    both = {name: other.get(name, 0) - mine.get(name, 0) for name in (*mine, *other)}
    return {name: fen for name, fen in both.items() if fen}


def _store(one: Assessed) -> dict[str, Any]:
    return {
        "store_id": str(one.store_id),
        "verdict": one.verdict.value if one.verdict else None,
        "facts": one.facts,
        "score_fen": one.score_fen if one.verdict is None else None,
        "terms": one.terms,
    }
