import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.catalogue import barcodes
from o2o.catalogue.barcodes import BadBarcode, Label
from tests.catalogue.make import price_label, weight_label


@pytest.mark.parametrize(
    ("code", "normal"),
    [
        ("6901234567892", "6901234567892"),
        ("036000291452", "0036000291452"),
        ("96385074", "96385074"),
        ("06901234567892", "6901234567892"),
        ("16901234567899", "16901234567899"),
    ],
)
def test_codes_have_one_normal_form(code: str, normal: str) -> None:
    assert barcodes.normal(code) == normal


@pytest.mark.parametrize(
    "code",
    [
        "",
        "1",
        "6901234567893",
        "69012345678",
        "６９０１２３４５６７８９２",
        "690123456789２",
        "abc",
        "6901234567892\n",
        "1" * 99,
    ],
)
def test_what_is_no_barcode_is_refused(code: str) -> None:
    with pytest.raises(BadBarcode):
        barcodes.normal(code)


@given(st.integers(0, 99_999), st.integers(1, 99_999), st.sampled_from(range(20, 30)))
def test_a_printed_label_reads_as_it_was_printed(item: int, value: int, prefix: int) -> None:
    number = f"{item:05d}"
    if prefix in barcodes.WEIGHT_PREFIXES:
        printed, expected = weight_label(number, value, prefix), Label(number, value, None)
    else:
        printed, expected = price_label(number, value, prefix), Label(number, None, value)
    assert barcodes.label(barcodes.normal(printed)) == expected


@given(st.integers(0, 10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_one_digit_read_wrong_is_always_noticed(number: int, place: int, shift: int) -> None:
    body = f"{number:012d}"
    code = body + barcodes.check_digit(body)
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]
    with pytest.raises(BadBarcode):
        barcodes.normal(wrong)


def test_an_ordinary_code_is_no_label() -> None:
    assert barcodes.label("6901234567892") is None
    assert barcodes.label("20123455") is None
