"""One way to compile: cached on disk, no bounds checks, numpy's rules for division, the interpreter lock released.

Numba's cache looks only at the file of the function asked for, not at what is compiled into it, functions and numbers of
other files alike. So, when this package is imported, whatever was cached before its newest source file was written goes.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import numba

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
LEAN: dict[str, Any] = {"_nrt": False}
DOORLESS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled[F: Callable[..., object]](function: F) -> F:
    """`function`, compiled on its first call and kept in numba's cache beside the source file; its type is unchanged."""
    return cast(F, numba.njit(**OPTIONS)(function))


def lean[F: Callable[..., object]](function: F) -> F:
    """As `compiled`, for a function that makes no array: without the counting of references, which costs more here
    than the work itself (each array passed or looked up is two atomic operations)."""
    return cast(F, numba.njit(**OPTIONS, **LEAN)(function))


def inner[F: Callable[..., object]](function: F) -> F:
    """As `lean`, for what only compiled code calls: without the door to Python, which takes long to compile."""
    return cast(F, numba.njit(**OPTIONS, **LEAN, **DOORLESS)(function))


def inlined[F: Callable[..., object]](function: F) -> F:
    """As `lean`, written out where it is called: for the few lines that run at every position of every route."""
    return cast(F, numba.njit(**OPTIONS, **LEAN, **DOORLESS, forceinline=True)(function))


def forget_stale(folder: Path) -> int:
    """Removes numba's cached code older than the newest source file in or under the folder; returns how many files went."""
    newest = max((path.stat().st_mtime for path in folder.rglob("*.py")), default=0.0)
    gone = 0
    for path in folder.rglob("__pycache__/*.nb?"):
        with suppress(OSError):  # another process was first, or the folder is read-only and numba caches elsewhere
            if path.stat().st_mtime < newest:
                path.unlink()
                gone += 1
    return gone


forget_stale(Path(__file__).parent)
