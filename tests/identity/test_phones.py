import pytest

from o2o.identity import phones


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("13812345678", "+8613812345678"),
        ("138 1234 5678", "+8613812345678"),
        ("+86-138-1234-5678", "+8613812345678"),
        ("008613812345678", "+8613812345678"),
        ("+85291234567", "+85291234567"),
        ("+14155552671", "+14155552671"),
    ],
)
def test_a_number_has_one_form_however_it_is_written(text: str, e164: str) -> None:
    assert phones.e164(text) == e164


@pytest.mark.parametrize(
    "text", ["", "abc", "110", "12345678", "+8601012345678", "010-12345678", "99999999999", "1" * 24, "+999123456789"]
)
def test_what_cannot_receive_a_message_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(phones.BadPhone) as refusal:
        phones.e164(text)
    assert refusal.value.facts == {"field": "phone"}


def test_a_masked_number_shows_no_more_than_its_ends() -> None:
    assert phones.masked("+8613812345678") == "138****5678"
    assert phones.masked("+14155552671") == "+14****71"
