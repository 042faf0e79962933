"""Ids sort by the time they were made, also within a millisecond."""

from o2o.kit import ids


def test_ids_made_one_after_the_other_sort_so() -> None:
    made = [ids.new_id() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
