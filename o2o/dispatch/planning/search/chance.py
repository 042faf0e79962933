"""Random numbers of our own, so that a seed means the same in every process and thread (xorshift64*, Vigna 2016)."""

import math

import numpy as np
from numpy.typing import NDArray

from o2o.dispatch.planning.compiled import inner

Generator = NDArray[np.uint64]


def generator(seed: int) -> Generator:
    """One word of state, never zero; neighbouring seeds are spread apart (splitmix64)."""
    mask = (1 << 64) - 1
    word = (seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) & mask
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
    return np.array([(word ^ (word >> 31)) | 1], dtype=np.uint64)


@inner
def uniform(rng: Generator) -> float:
    """A number in (0, 1)."""
    word = rng[0]
    word ^= word >> np.uint64(12)
    word ^= word << np.uint64(25)
    word ^= word >> np.uint64(27)
    rng[0] = word
    return (float((word * np.uint64(2685821657736338717)) >> np.uint64(11)) + 0.5) / 9007199254740992.0


@inner
def below(rng: Generator, n: int) -> int:
    """An integer in 0 .. n-1."""
    return int(uniform(rng) * n)


@inner
def gap(rng: Generator, rate: float) -> int:
    """How many trials pass before the next event of probability `rate`: one draw instead of one per trial."""
    if rate <= 0.0:
        return 1 << 60
    return int(math.log(uniform(rng)) / math.log(1.0 - rate))
