"""When what waits is called a trouble."""

from services.delivery.lag import SILENCE_LIMIT, WAIT_LIMIT, Lag


class Watched:
    """A Lag on a clock of its own."""

    def __init__(self) -> None:
        self.clock = 0.0
        self.made = 0
        self.lag = Lag(self.count, lambda: self.made, lambda: self.clock)

    async def count(self) -> int:
        return 0

    def look(self, waiting: int | None, after: float = 5.0) -> str | None:
        """The trouble when so much is found to wait, so much later."""
        self.clock += after
        self.lag.look(waiting)
        return self.lag.trouble()


def test_what_waits_without_a_commit_is_a_trouble_after_a_time() -> None:
    """How much, and for how long."""
    watched = Watched()
    assert watched.look(12) is None
    assert watched.look(12, after=WAIT_LIMIT - 10) is None
    assert watched.look(14, after=6) == "14 records wait, and none was settled for 121 s"


def test_commits_or_an_empty_topic_are_none() -> None:
    """A lag that grows while it is worked off says nothing of this member."""
    watched = Watched()
    for waiting, made in ((500, 1), (900, 2), (1300, 3), (0, 3), (0, 3)):
        watched.made = made
        assert watched.look(waiting, after=WAIT_LIMIT - 1) is None


def test_an_outage_told_elsewhere_gives_time_again() -> None:
    """Its own words say it; when it is over, what waited has its full time."""
    watched = Watched()
    watched.look(5, after=WAIT_LIMIT - 1)
    watched.lag.excuse()
    assert watched.look(5, after=WAIT_LIMIT - 1) is None
    assert watched.look(5, after=2) is not None


def test_a_broker_that_does_not_answer_is_a_trouble() -> None:
    """For then nobody knows what waits."""
    watched = Watched()
    assert watched.look(None, after=SILENCE_LIMIT - 1) is None
    assert watched.look(None, after=2) == "Kafka has not answered for 31 s"
    assert watched.look(0, after=1) is None
