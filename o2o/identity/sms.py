"""The port to text messages, and the console that stands in for a carrier."""

import sys
from typing import Protocol, TextIO

from o2o.identity import phones
from o2o.kit.errors import Conflict


class NoCarrier(Conflict):
    """Text messages cannot be sent here: no carrier is set up."""

    code = "identity.no_sms"


class Sms(Protocol):
    """Sends one text message to an E.164 number."""

    def send_code(self, phone: str, code: str, *, valid_min: int) -> None:
        """Hand a one-time code to the carrier, or raise."""


class Console:
    """Prints messages, the number masked; for demos and development."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out

    def send_code(self, phone: str, code: str, *, valid_min: int) -> None:
        """Print the code."""
        line = f"[短信 SMS → {phones.masked(phone)}] 验证码 {code}，{valid_min} 分钟内有效。Your code is {code}."
        print(line, file=self._out or sys.stdout, flush=True)


class Nobody:
    """Refuses: production has no carrier until one is set up."""

    def send_code(self, phone: str, code: str, *, valid_min: int) -> None:
        """Refuse.

        Raises:
            NoCarrier: always.
        """
        raise NoCarrier()


CARRIERS: dict[str, Sms] = {"console": Console(), "none": Nobody()}
"""Carriers by the name in the settings."""
