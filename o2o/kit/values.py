"""Plain values that nobody changes: dataclasses, frozen for whoever checks the types.

To freeze one at run time as well makes its making three times as dear (each field is set by a call), and an order makes fifty on
its way. mypy refuses to change one all the same, and every line of the product is checked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], type]:
        """As `dataclass(frozen=True, slots=True)`, but for the freezing at run time."""
        return dataclass(unsafe_hash=True, slots=slots, kw_only=kw_only)


__all__ = ["value"]
