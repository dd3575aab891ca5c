"""A broker that forgets: whatever it loses and whenever, a reader gets every row."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.delivery import tail
from services.delivery.tail import Ack

PLACE = ("topic", 0)


def ack(offset: int) -> Ack:
    return Ack(uuid4(), *PLACE, offset)


def test_a_log_that_ends_at_or_below_its_mark_is_lost_from_its_end() -> None:
    """The mark is the highest offset recorded; the end is the next offset to be given."""
    assert tail.lost({PLACE: 9}, {PLACE: 10}) == {}
    assert tail.lost({PLACE: 9}, {PLACE: 9}) == {PLACE: 9}
    assert tail.lost({PLACE: 9}, {}) == {PLACE: 0}


def test_after_an_unfinished_turn_as_many_rows_are_in_doubt() -> None:
    """A log that is too short may have been shorter still; one that is whole leaves no doubt."""
    assert tail.doubtful({PLACE: 9}, {PLACE: 8}, {PLACE: 3}) == {PLACE: 5}
    assert tail.doubtful({PLACE: 9}, {PLACE: 1}, {PLACE: 3}) == {PLACE: 0}
    assert tail.doubtful({PLACE: 9}, {PLACE: 10}, {PLACE: 3}) == {}


def test_an_acknowledgement_that_does_not_rise_is_not_counted() -> None:
    """It also says from where the rows were lost."""
    acks = [ack(7), ack(8), ack(9), ack(10)]
    assert tail.not_risen(acks, {PLACE: 8}) == {PLACE: 7}
    assert tail.counted(acks, {PLACE: 8}) == acks[2:]
    assert tail.not_risen(acks, {}) == {}


def test_the_highest_acknowledgement_of_each_partition() -> None:
    """In whatever order they came."""
    other = Ack(uuid4(), "topic", 1, 3)
    assert tail.highest([ack(8), other, ack(9), ack(7)]) == {PLACE: 9, ("topic", 1): 3}
    assert tail.highest([]) == {}


def test_what_stands_above_its_mark() -> None:
    """Where nothing was known, everything does."""
    assert tail.above({PLACE: 9, ("topic", 1): 0}, {PLACE: 9}) == {("topic", 1): 0}
    assert tail.above({PLACE: 9}, {PLACE: 8}) == {PLACE: 9}


@dataclass
class Row:
    """A row of an outbox, as the relay's SQL keeps it."""

    id: UUID = field(default_factory=uuid4)
    visible: bool = True
    published: bool = False
    offset: int | None = None


@dataclass
class Reader:
    """One group's place in the log: where it is, and what it has committed of that."""

    position: int = 0
    committed: int = 0
    seen: set[UUID] = field(default_factory=set)

    def read(self, log: list[UUID], records: int) -> None:
        """As a consumer does: out of range, from the earliest."""
        if self.position > len(log):
            self.position = 0
        self.seen |= set(log[self.position : self.position + records])
        self.position = min(self.position + records, len(log))


class ForgetfulBroker(RuleBasedStateMachine):
    """One partition, one relay that may die anywhere, two readers; nobody needs to look in time."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[UUID] = []
        self.longest = 0
        self.rows: list[Row] = []
        self.announced, self.turn = -1, 0  # the row of outbox_marks
        self.mark = -1  # what the relay makes of it, and of its acknowledgements
        self.held: list[UUID] = []  # what a broker that was frozen did not write yet
        self.unseen = False  # it wrote that, and no relay has looked or sent since
        self.next = 0  # where it takes the log to end
        self.readers = [Reader(), Reader()]

    @rule(rows=st.integers(1, 5), visible=st.booleans())
    def post(self, rows: int, *, visible: bool) -> None:
        """Not *visible* yet: numbered, and committed after later ones."""
        self.rows += [Row(visible=visible) for _ in range(rows)]

    @rule()
    def show(self) -> None:
        for row in self.rows:
            row.visible = True

    @rule(limit=st.integers(1, 4))
    def send(self, limit: int) -> None:
        """A whole turn, with or without a look since the broker lost anything."""
        self._record([Ack(row.id, *PLACE, self._written(row)) for row in self._announced(limit)])

    @rule(limit=st.integers(1, 4), written=st.integers(0, 4))
    def die_sending(self, limit: int, written: int) -> None:
        """Some of the turn is in the log, none of it recorded; another relay takes over."""
        for row in self._announced(limit)[:written]:
            self._written(row)
        self.take_over()

    @rule(limit=st.integers(1, 4))
    def freeze_sending(self, limit: int) -> None:
        """The broker stands still before it writes; another relay's question overtakes the turn."""
        self.held += [row.id for row in self._announced(limit)]
        self.take_over()

    @precondition(lambda self: self.held)
    @rule()
    def write_late(self) -> None:
        self.log += self.held
        self.longest = max(self.longest, len(self.log))
        self.held.clear()
        self.unseen = True

    @rule()
    def take_over(self) -> None:
        self.mark = self.announced
        self.look()
        self._send_again(tail.doubtful({PLACE: self.mark}, {PLACE: self.next}, {PLACE: self.turn}))

    @rule()
    def look(self) -> None:
        self.next = len(self.log)
        self._send_again(tail.lost({PLACE: self.mark}, {PLACE: self.next}))
        self.mark = tail.above({PLACE: self.next - 1}, {PLACE: self.mark}).get(PLACE, self.mark)
        self.announced = max(self.announced, self.mark)
        self.unseen = False

    @precondition(lambda self: not self.unseen)
    @rule(records=st.integers(1, 8))
    def lose_tail(self, records: int) -> None:
        """A crash; what it held, nobody has. Not within a second of a late write."""
        del self.log[-records:]
        self.held.clear()

    @rule(reader=st.integers(0, 1), records=st.integers(1, 5), commit=st.booleans())
    def read(self, reader: int, records: int, *, commit: bool) -> None:
        who = self.readers[reader]
        who.read(self.log, records)
        if commit:
            who.committed = who.position

    @rule(reader=st.integers(0, 1))
    def restart(self, reader: int) -> None:
        """What it read and did not commit it reads again."""
        who = self.readers[reader]
        who.position = who.committed

    @invariant()
    def no_record_was_ever_past_what_was_announced(self) -> None:
        assert self.unseen or self.longest <= self.announced + 1

    def teardown(self) -> None:
        """When things calm down, every reader has had every row."""
        self.show()
        self.look()
        for _ in range(10_000):
            if all(row.published for row in self.rows):
                break
            self.send(4)
        for reader in self.readers:
            reader.read(self.log, len(self.log))
            assert {row.id for row in self.rows} <= reader.seen

    def _announced(self, limit: int) -> list[Row]:
        rows = [row for row in self.rows if row.visible and not row.published][:limit]
        if rows:
            self.announced = max(self.announced, self.next + len(rows) - 1)
            self.turn = len(rows)
        return rows

    def _written(self, row: Row) -> int:
        self.log.append(row.id)
        self.longest = max(self.longest, len(self.log))
        return len(self.log) - 1

    def _record(self, acks: list[Ack]) -> None:
        self._send_again(tail.not_risen(acks, {PLACE: self.mark}))
        counted = tail.counted(acks, {PLACE: self.mark})
        offsets = {given.id: given.offset for given in counted}
        for row in self.rows:
            if row.id in offsets:
                row.published, row.offset = True, offsets[row.id]
        self.mark = tail.highest(counted).get(PLACE, self.mark)
        self.announced = max(self.announced, self.mark)
        self.unseen = self.unseen and not acks
        self.next = tail.highest(acks).get(PLACE, self.next - 1) + 1

    def _send_again(self, starts: dict[tail.Partition, int]) -> None:
        for row in self.rows:
            if starts and row.offset is not None and row.offset >= starts[PLACE]:
                row.published = False


TestForgetfulBroker = ForgetfulBroker.TestCase
TestForgetfulBroker.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
