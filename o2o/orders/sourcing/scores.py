"""What a store costs, term by term, in fen: lower is better. Pure."""

from o2o.orders.sourcing.facts import Ask, Candidate
from o2o.orders.sourcing.policy import SourcingPolicy

CARRIED_TOGETHER = 2
"""Deliveries a rider carries at once without anybody waiting."""
TERMS = ("distance", "promise", "backlog", "riders", "ride", "fee", "stock", "expiry", "split")


def of_store(c: Candidate, ask: Ask, policy: SourcingPolicy) -> dict[str, int]:
    """The terms of a store that takes the whole basket."""
    every = range(len(ask.lines))
    return {
        **of_visit(c, ask, policy),
        "promise": waiting(c, policy),
        "fee": c.fee_fen,
        "stock": sum(last_pieces(c, ask, nth, policy) for nth in every),
        "expiry": sum(expiring(c, ask, nth, policy) for nth in every),
    }


def of_visit(c: Candidate, ask: Ask, policy: SourcingPolicy) -> dict[str, int]:
    """The terms that arise once a store takes any part at all."""
    return {
        "distance": c.distance_m * policy.fen_per_km // 1_000 if ask.delivery else 0,
        "backlog": c.backlog_s * policy.fen_per_backlog_minute // 60,
        "riders": _riders(c, policy) if ask.delivery else 0,
        "ride": c.cost_fen,
    }


def waiting(c: Candidate, policy: SourcingPolicy) -> int:
    """What the customer's waiting for this store costs; of a shared order, each line has its share of it."""
    return c.arrive_s * policy.fen_per_promised_minute // 60


def last_pieces(c: Candidate, ask: Ask, nth: int, policy: SourcingPolicy) -> int:
    """What it costs to take a line here when it leaves the shelf nearly bare."""
    return policy.fen_for_last_pieces if c.left[nth] - ask.lines[nth].quantity < policy.healthy_left else 0


def expiring(c: Candidate, ask: Ask, nth: int, policy: SourcingPolicy) -> int:
    """What is gained, below zero, by selling pieces before their date: first expired, first out, so they are what goes."""
    return -policy.fen_for_expiring * min(c.expiring[nth], ask.lines[nth].quantity)


def _riders(c: Candidate, policy: SourcingPolicy) -> int:
    if c.riders == 0:
        return policy.fen_without_riders
    over = max(0, c.open_deliveries - CARRIED_TOGETHER * c.riders)
    return over * policy.fen_per_waiting_delivery // c.riders
