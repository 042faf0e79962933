"""Four kinds of refusal, each with a stable code. The docstring of a subclass is its message; its facts say which and how many."""

from inspect import cleandoc
from typing import ClassVar


class DomainError(Exception):
    """Something was refused."""

    code: ClassVar[str] = "domain"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts

    @property
    def message(self) -> str:
        """The docstring of the refusal, for people."""
        return cleandoc(type(self).__doc__ or self.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.facts or ''}".rstrip()


class NotFound(DomainError):
    """There is no such thing for this caller."""

    code = "not_found"


class Conflict(DomainError):
    """It cannot be done as things stand now."""

    code = "conflict"


class Refused(DomainError):
    """This caller may not do that."""

    code = "refused"


class Invalid(DomainError):
    """What was sent cannot be meant. The fact `field` names the part."""

    code = "invalid"
