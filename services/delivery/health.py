"""What a group's member has to say of itself: why it takes nothing, and how much waits for it."""

import time
from collections.abc import Callable, Iterator

from services.delivery.commits import Commits
from services.delivery.lag import Lag
from services.delivery.polled import Polled
from services.delivery.standstill import Standstill

POLL_LIMIT = 60.0
REBALANCE_LIMIT = 60.0  # above what the slowest member may take to end its batch

Member = Callable[[], Polled | None]


class Health:
    """
    The troubles of a *member* of *group*, the first of which is told.

    ``outside`` says why it is not in its group, ``revoked_at`` since when it has no partitions.
    """

    def __init__(
        self, group: str, member: Member, commits: Commits, standstill: Standstill
    ) -> None:
        self.outside: str | None = "not joined yet"
        self.revoked_at: float | None = None
        self._group = group
        self._member = member
        self._commits = commits
        self._standstill = standstill
        self.lag = Lag(self._count, lambda: commits.made, excused=self._excused)

    def trouble(self) -> str | None:
        """Why events are not taken at this moment, or None."""
        return next(self._troubles(), None)

    async def waiting(self) -> int:
        """Records of our partitions not settled yet; 1 while we do not know."""
        waiting = None if self.outside else await self.lag.now()
        return 1 if waiting is None else waiting

    def _troubles(self) -> Iterator[str]:
        if self.outside:
            yield self.outside
        if self._standstill.why:
            yield self._standstill.why
        if (member := self._member()) is None:
            yield "has left its group"
            return
        if member.stuck:
            places = [
                f"{tp.topic}/{self._group}/{tp.partition}/{at}" for tp, at in member.stuck.items()
            ]
            yield f"cannot be decoded, see `p2a dead skip`: {', '.join(places)}"
        now = time.monotonic()
        if self.revoked_at is not None and now - self.revoked_at > REBALANCE_LIMIT:
            yield f"no partitions for {now - self.revoked_at:.0f} s: its group does not settle"
        if now - member.polled_at > POLL_LIMIT:
            yield f"no poll went well for {now - member.polled_at:.0f} s"
        if trouble := self.lag.trouble():
            yield trouble

    def _excused(self) -> bool:
        """Whether nothing moves for a reason that is told already."""
        member = self._member()
        return bool(member is None or self.outside or self._standstill.why or member.stuck)

    async def _count(self) -> int:
        member = self._member()
        return 0 if member is None or self.outside else await self._commits.waiting(member)
