"""One way to compile: cached on disk, no bounds checks, numpy's rules for division, the interpreter lock released."""
from collections.abc import Callable
from typing import cast

import numba


def compiled[F: Callable[..., object]](function: F) -> F:
    """`function`, compiled on its first call and kept in numba's cache beside the source file; its type is unchanged."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
