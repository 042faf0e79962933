"""One way to compile: cached on disk, no bounds checks, numpy's rules for division, the interpreter lock released."""
from collections.abc import Callable
from typing import Any, cast

import numba

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
LEAN: dict[str, Any] = {"_nrt": False}


def compiled[F: Callable[..., object]](function: F) -> F:
    """`function`, compiled on its first call and kept in numba's cache beside the source file; its type is unchanged."""
    return cast(F, numba.njit(**OPTIONS)(function))


def lean[F: Callable[..., object]](function: F) -> F:
    """As `compiled`, for a function that makes no array: without the counting of references, which costs more here
    than the work itself (each array passed or looked up is two atomic operations)."""
    return cast(F, numba.njit(**OPTIONS, **LEAN)(function))


def inlined[F: Callable[..., object]](function: F) -> F:
    """As `lean`, written out where it is called: for the few lines that run at every position of every route."""
    return cast(F, numba.njit(**OPTIONS, **LEAN, forceinline=True)(function))
