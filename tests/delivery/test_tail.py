"""A broker that forgets: whatever it loses and whenever, a reader gets every row."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

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


def test_an_acknowledgement_that_does_not_rise_is_not_counted() -> None:
    """It also says from where the rows were lost."""
    acks = [ack(7), ack(8), ack(9), ack(10)]
    assert tail.late(acks, {PLACE: 8}) == {PLACE: 7}
    assert tail.counted(acks, {PLACE: 8}) == acks[2:]
    assert tail.late(acks, {}) == {}


@given(st.lists(st.integers(0, 50)))
def test_marks_only_rise(offsets: list[int]) -> None:
    """Whatever is recorded in whatever order."""
    marks: tail.Marks = {PLACE: 20}
    tail.raised(marks, [ack(offset) for offset in offsets])
    assert marks[PLACE] == max([20, *offsets])


@dataclass
class Row:
    """A row of an outbox, as the relay's SQL keeps it."""

    id: UUID = field(default_factory=uuid4)
    published: bool = False
    offset: int | None = None


class ForgetfulBroker(RuleBasedStateMachine):
    """One partition, one relay that may be replaced, one reader that commits where it is."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[UUID] = []
        self.rows: list[Row] = []
        self.marks: tail.Marks = {}
        self.seen: set[UUID] = set()
        self.position = 0
        self.unrecorded = False

    @rule(rows=st.integers(1, 5))
    def post(self, rows: int) -> None:
        self.rows += [Row() for _ in range(rows)]

    @rule(limit=st.integers(1, 4), recorded=st.booleans())
    def publish(self, limit: int, *, recorded: bool) -> None:
        """A cycle; not *recorded* is a relay that dies between the broker's ack and ours."""
        unsent = [row for row in self.rows if not row.published][:limit]
        acks = []
        for row in unsent:
            acks.append(Ack(row.id, *PLACE, len(self.log)))
            self.log.append(row.id)
        if not recorded:
            self.unrecorded = True
            return
        self._send_again(tail.late(acks, self.marks))
        counted = tail.counted(acks, self.marks)
        offsets = {given.id: given.offset for given in counted}
        for row in self.rows:
            if row.id in offsets:
                row.published, row.offset = True, offsets[row.id]
        tail.raised(self.marks, counted)

    @rule(records=st.integers(1, 8))
    def lose_tail(self, records: int) -> None:
        """The broker is killed, and the relay looks before it sends again."""
        del self.log[-records:]
        if self.unrecorded:
            # no mark can know what a dying relay sent: only here a reader must look before
            # the log has grown over its place again
            self._reader_looks()
        self.heal()

    @rule()
    def heal(self) -> None:
        self._send_again(tail.lost(self.marks, {PLACE: len(self.log)}))

    @rule()
    def replace_relay(self) -> None:
        recorded = [row.offset for row in self.rows if row.offset is not None]
        self.marks = {PLACE: max(recorded)} if recorded else {}
        self.heal()

    @rule(records=st.integers(1, 5))
    def read(self, records: int) -> None:
        self._reader_looks()
        self.seen |= set(self.log[self.position : self.position + records])
        self.position = min(self.position + records, len(self.log))

    @invariant()
    def places_are_kept(self) -> None:
        """Once recorded, a place is only replaced by a later one."""
        assert all(row.offset is not None for row in self.rows if row.published)

    def teardown(self) -> None:
        """When things calm down, the reader has had every row."""
        self.heal()
        for _ in range(10_000):
            if all(row.published for row in self.rows):
                break
            self.publish(4, recorded=True)
        self._reader_looks()
        self.seen |= set(self.log[self.position :])
        assert {row.id for row in self.rows} <= self.seen

    def _reader_looks(self) -> None:
        if self.position > len(self.log):  # out of range: from the earliest record
            self.position = 0

    def _send_again(self, starts: dict[tail.Partition, int]) -> None:
        for row in self.rows:
            if starts and row.offset is not None and row.offset >= starts[PLACE]:
                row.published = False


TestForgetfulBroker = ForgetfulBroker.TestCase
TestForgetfulBroker.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
