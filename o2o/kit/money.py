"""Money is a whole number of fen (分). Nothing here, or anywhere, is a float."""

from collections.abc import Sequence
from typing import NewType

Fen = NewType("Fen", int)

FEN_MAX = 2**53 - 1
"""The largest amount we carry: every JSON reader keeps it exact."""


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` (fen, or points) by `weights` so that the parts sum to it exactly.

    Largest remainder (Hamilton's method); ties go to the earlier part. All-zero weights share evenly.

    Raises:
        ValueError: there is nobody to share among, or a weight is negative.
    """
    if not weights or min(weights) < 0:
        raise ValueError("split needs at least one weight and none below zero")
    if total == 0:
        return [0] * len(weights)
    sign, amount = (-1, -total) if total < 0 else (1, total)
    shares = list(weights) if sum(weights) else [1] * len(weights)
    whole = sum(shares)
    parts = [amount * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (-(amount * shares[i] % whole), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
