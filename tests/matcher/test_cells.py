"""Small counts are hidden so that nobody can work them out."""

from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from services.matcher.cells import FEWEST, hidden, shown, table


def test_counts_of_five_or_more_are_shown() -> None:
    assert shown({"a": 5, "b": 9}).cells == {"a": 5, "b": 9}
    assert shown({"a": 5, "b": 9}).total == 14


def test_a_small_count_takes_the_smallest_other_with_it() -> None:
    made = shown({"small": 2, "large": 40, "middle": 7})
    assert made.cells == {"large": 40, "middle": None, "small": None}
    assert made.total == 49


def test_a_small_count_alone_hides_the_total() -> None:
    assert (shown({"only": 3}).cells, shown({"only": 3}).total) == ({"only": None}, None)
    assert shown({"a": 1, "b": 2}).total is None


def test_names_are_counted_and_nothing_is_no_cell() -> None:
    assert table(["x"] * 6 + ["y"] * 5).cells == {"x": 6, "y": 5}
    assert (shown({"none": 0}).cells, shown({}).total) == ({}, 0)


@given(st.lists(st.integers(0, 12), max_size=5))
@example([1, 1, 1, 1, 1])
def test_no_hidden_count_can_be_worked_out(counts: list[int]) -> None:
    """Every hidden count could be at least two different numbers, by all that is shown."""
    made = shown({str(i): count for i, count in enumerate(counts)})
    hidden = [name for name, count in made.cells.items() if count is None]
    assert all(count is None or count >= FEWEST for count in made.cells.values())
    if not hidden:
        return
    if made.total is None:
        return  # nothing at all is said of how many there are
    left = made.total - sum(count or 0 for count in made.cells.values())
    assert left >= FEWEST
    assert len(hidden) >= 2
    fitting = [t for t in product(range(1, left + 1), repeat=len(hidden) - 1) if sum(t) < left]
    for at in range(len(hidden) - 1):
        assert len({t[at] for t in fitting}) > 1


def test_parts_of_a_table_hide_what_they_or_the_rest_would_tell() -> None:
    total = {"a": 40, "b": 30, "c": 20}
    assert hidden(total, {"a": 10, "b": 10, "c": 10}) == set()
    assert hidden(total, {"a": 10, "b": 10, "c": 3}) == {"a", "c"}
    assert hidden(total, {"a": 10, "b": 10, "c": 18}) == {"b", "c"}


def test_a_few_in_a_part_where_others_have_none_take_another_along() -> None:
    """Else all who are in the part were those of the name left out."""
    assert hidden({"a": 40, "b": 30, "c": 20}, {"a": 3, "b": 0, "c": 0}) == {"a", "c"}
