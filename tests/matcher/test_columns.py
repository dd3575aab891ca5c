"""Columns are read off rows once; a changed row is the only one read again."""

import numpy as np

from services.matcher.columns import Rows, Words, rows_of

read: list[str] = []


def length(row: str) -> int | None:
    read.append(row)
    return len(row) or None


def letters(row: str) -> set[str]:
    return set(row)


def test_a_column_is_read_once_and_an_unknown_is_nan() -> None:
    rows = Rows(["ab", "", "abc"])
    read.clear()

    assert np.array_equal(rows.column(length), [2, np.nan, 3], equal_nan=True)
    assert rows.column(length) is rows.column(length)
    assert read == ["ab", "", "abc"]


def test_only_rows_that_changed_are_read_again() -> None:
    rows = Rows(["ab", "a", "abc"])
    rows.column(length)
    read.clear()

    rows.put({1: "abcd", 3: "x"})

    assert rows.column(length).tolist() == [2, 4, 3, 1]
    assert read == ["abcd", "x"]
    assert list(rows) == ["ab", "abcd", "abc", "x"]


def test_both_sides_number_words_alike_whoever_meets_them_first() -> None:
    words = Words()
    asked, shown = Rows(["ab", "c"]), Rows(["cd", "b"])
    first = asked.marks(letters, words)
    both = shown.marks(letters, words)

    assert first.shape == (2, 3)
    assert (both @ asked.marks(letters, words).T).tolist() == [[0, 1], [1, 0]]


def test_marks_of_a_changed_row_are_its_own_alone() -> None:
    words, rows = Words(), Rows(["ab", "c"])
    rows.marks(letters, words)

    rows.put({0: "z", 2: "ca"})

    assert (rows.marks(letters, words) @ rows.marks(letters, words).T).tolist() == [
        [1, 0, 0],
        [0, 1, 1],
        [0, 1, 2],
    ]


def test_picked_rows_bring_what_is_known_of_them() -> None:
    rows = Rows(["ab", "a", "abc"])
    rows.column(length)
    read.clear()

    assert rows.picked([2, 0]).column(length).tolist() == [3, 2]
    assert not read
    assert rows_of(rows) is rows
