"""The rows of one side of a market, and what rules and features read off them, once a row."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

Row = TypeVar("Row")
SPARE = 8  # one row to spare for so many, so that who comes does not move all


class Words:
    """Words by number, in the order they were first met; both sides of a market share one."""

    def __init__(self) -> None:
        """None are known yet."""
        self._numbers: dict[str, int] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._numbers)

    def __deepcopy__(self, _: object) -> "Words":
        """Itself: columns are known by it."""
        return self

    def __iter__(self) -> Iterator[str]:
        """The words known by now, by number."""
        with self._lock:
            return iter([*self._numbers])

    def numbers(self, words: Iterable[str]) -> list[int]:
        """The number of each word; a new word gets the next."""
        # rounds and answers are computed in threads: no two words may get one number
        with self._lock:
            return [self._numbers.setdefault(word, len(self._numbers)) for word in words]


class Rows(Sequence[Row], Generic[Row]):
    """
    Rows in a fixed order, with columns that are read off them only once.

    A column is known by the function that reads it, so that function must be a named one: a
    lambda written where it is used would be another each time. Columns are not to be written to.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        """Nothing is read before it is asked for."""
        self._rows = list(rows)
        self._columns: dict[Any, NDArray[Any]] = {}
        self._room: dict[Any, NDArray[Any]] = {}  # arrays with rows to spare, columns are of them
        self._all: tuple[Rows[Row], NDArray[np.intp]] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        return self._rows[at]

    def column(self, of: Callable[[Row], Any], dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """What *of* says of each row, [rows]; None becomes NaN."""
        key = (of, np.dtype(dtype))
        if key not in self._columns:
            if self._all:
                every, where = self._all
                self._columns[key] = every.column(of, dtype)[where]
            else:
                self._columns[key] = _read(self._rows, of, dtype)
        return self._columns[key]

    def marks(self, of: Callable[[Row], Collection[str]], words: Words) -> NDArray[np.float32]:
        """1 where a row has a word, float32 [rows x words known by now]; *of* gives the words."""
        if (of, words) not in self._columns:
            if self._all:
                every, where = self._all
                self._columns[of, words] = every.marks(of, words)[where]
            else:
                self._columns[of, words] = _marked([of(row) for row in self._rows], words)
        marks = self._columns[of, words]
        if missing := len(words) - marks.shape[1]:
            marks = self._columns[of, words] = np.pad(marks, ((0, 0), (0, missing)))
        return marks

    def picked(self, where: NDArray[np.intp] | Sequence[int]) -> "Rows[Row]":
        """The rows at *where*; what is read of them is read of all, once."""
        places = np.asarray(where, dtype=np.intp)
        some = Rows(self._rows[at] for at in places.tolist())
        some._all = (self, places)
        return some

    def copied(self) -> "Rows[Row]":
        """The same rows, changed apart from here on; what was read of them is not read again."""
        own = Rows(self._rows)
        if self._all is None:
            own._columns = {key: column.copy() for key, column in self._columns.items()}
        return own

    def put(self, changed: "dict[int, Row]") -> None:
        """
        Replace rows by place, or add behind the last; only they are read again.

        Columns are written to in place: one asked for before shows the new rows, or is too short.
        """
        for at, row in sorted(changed.items()):
            if at < len(self._rows):
                self._rows[at] = row
            else:
                self._rows.append(row)
        places = sorted(changed)
        fresh = Rows(self._rows[at] for at in places)
        for key, column in self._columns.items():
            of, kind = key
            news = fresh.marks(of, kind) if isinstance(kind, Words) else fresh.column(of, kind)
            self._columns[key] = self._with(key, column, places, news)

    def _with(
        self,
        key: tuple[object, object],
        column: NDArray[Any],
        places: Sequence[int],
        news: NDArray[Any],
    ) -> NDArray[Any]:
        """*column* with *news* at *places*; it moves only where there is no room for it."""
        shape = tuple(max(each) for each in zip(column.shape[1:], news.shape[1:], strict=True))
        rows, room = len(self._rows), self._room.get(key, column)
        if len(room) < rows or room.shape[1:] != shape:
            room = np.zeros((rows + rows // SPARE, *shape), dtype=column.dtype)
            room[tuple(slice(0, n) for n in column.shape)] = column
            self._room[key] = room
        if shape:
            room[places] = 0
            room[places, : news.shape[1]] = news
        else:
            room[places] = news
        return room[:rows]


def rows_of(rows: Sequence[Row]) -> Rows[Row]:
    """*rows*, as what remembers its columns."""
    return rows if isinstance(rows, Rows) else Rows(rows)


def _read(rows: Sequence[Row], of: Callable[[Row], Any], dtype: DTypeLike) -> NDArray[Any]:
    values = (of(row) for row in rows)
    return np.array([np.nan if value is None else value for value in values], dtype=dtype)


def _marked(values: Sequence[Collection[str]], words: Words) -> NDArray[np.float32]:
    numbers = [words.numbers(each) for each in values]
    marks = np.zeros((len(values), len(words)), dtype=np.float32)
    for at, row in enumerate(numbers):
        marks[at, row] = 1
    return marks
