"""Barcodes: GTIN check digits, and in-store labels (EAN-13, prefix 20 to 29) that carry an item number and a weight or a price.

Pure. The check digit is the one of GS1's General Specifications, section 7.9; prefixes 20 to 29 are GS1's restricted circulation
numbers, whose inside each chain lays out for itself. Ours: `PP IIIII VVVVV C`.
"""

import re
from dataclasses import dataclass

from o2o.kit.errors import Invalid

WEIGHT_PREFIXES = range(20, 25)
"""Labels whose value is a weight in grams; the value of the others, up to 29, is a price in fen."""


class BadBarcode(Invalid):
    """This is not a barcode: a GTIN has 8, 12, 13 or 14 digits and a check digit that fits."""

    code = "catalogue.bad_barcode"


@dataclass(frozen=True, slots=True)
class Label:
    """What an in-store label says. Exactly one of `weight_g` and `price_fen` is set."""

    item_number: str
    weight_g: int | None
    price_fen: int | None


def check_digit(digits: str) -> str:
    """The digit that follows `digits` in a GTIN of any length: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def normal(code: str) -> str:
    """A scanned code in its usual form: UPC-A as EAN-13, a GTIN-14 of a single item as EAN-13.

    Raises:
        BadBarcode: not 8, 12, 13 or 14 ASCII digits, or the check digit is wrong.
    """
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", code):
        raise BadBarcode(field="barcode", barcode=code[:20])
    if check_digit(code[:-1]) != code[-1]:
        raise BadBarcode(field="barcode", barcode=code, expected=check_digit(code[:-1]))
    if len(code) == 12:
        return "0" + code
    if len(code) == 14 and code[0] == "0":
        return code[1:]
    return code


def label(code: str) -> Label | None:
    """What a normal code carries, when it is an in-store label; None for an ordinary GTIN."""
    if len(code) != 13 or code[0] != "2":
        return None
    value = int(code[7:12])
    if int(code[:2]) in WEIGHT_PREFIXES:
        return Label(code[2:7], value, None)
    return Label(code[2:7], None, value)
