"""Values: equal by their fields, and nobody's to change."""

from pathlib import Path

from mypy import api

from o2o.kit.values import value


@value(frozen=True, slots=True)
class Slice:
    sku: str
    quantity: int


def test_values_are_equal_and_hashed_by_their_fields() -> None:
    assert Slice("A", 1) == Slice("A", 1) != Slice("A", 2)
    assert len({Slice("A", 1), Slice("A", 1), Slice("A", 2)}) == 2


def test_the_checker_refuses_to_let_one_be_changed(tmp_path: Path) -> None:
    code = (
        "from o2o.kit.values import value\n"
        "@value(frozen=True, slots=True)\n"
        "class Slice:\n    quantity: int\n"
        "Slice(1).quantity = 2\n"
    )
    told, _, status = api.run(["--config-file=", f"--cache-dir={tmp_path}", "-c", code])
    assert status == 1
    assert 'Property "quantity" defined in "Slice" is read-only' in told
