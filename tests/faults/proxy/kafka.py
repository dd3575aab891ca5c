"""Kafka's lines: frames with their size in front, replies known by their correlation id."""

from collections.abc import Mapping
from struct import Struct

from tests.faults.proxy.addresses import readdressed
from tests.faults.proxy.framing import Piece, Unreadable

SIZE = Struct(">i")
REQUEST = Struct(">hhi")  # API key, version, correlation id
APIS = {
    0: "Produce", 1: "Fetch", 2: "ListOffsets", 3: "Metadata", 8: "OffsetCommit",
    9: "OffsetFetch", 10: "FindCoordinator", 11: "JoinGroup", 12: "Heartbeat",
    13: "LeaveGroup", 14: "SyncGroup", 15: "DescribeGroups", 16: "ListGroups",
    17: "SaslHandshake", 18: "ApiVersions", 19: "CreateTopics", 20: "DeleteTopics",
    22: "InitProducerId", 32: "DescribeConfigs",
}  # fmt: skip
WITH_ADDRESSES = {"Metadata", "FindCoordinator"}


class KafkaFraming:
    """
    One line to a broker; *addresses* maps the ports brokers name to those of their proxies.

    It is shared by the proxies of a cluster.
    """

    def __init__(self, addresses: Mapping[int, int]) -> None:
        self._addresses = addresses
        self._requests = Frames()
        self._replies = Frames()
        self._open: dict[int, tuple[str, int]] = {}

    def asked(self, data: bytes) -> None:
        """As Framing's."""
        for frame in self._requests.whole(data):
            api, version, correlation = REQUEST.unpack_from(frame, SIZE.size)
            self._open[correlation] = (APIS.get(api, str(api)), version)

    def answered(self, data: bytes) -> list[Piece]:
        """As Framing's."""
        pieces: list[Piece] = []
        for frame in self._replies.whole(data):
            (correlation,) = SIZE.unpack_from(frame, SIZE.size)
            if correlation not in self._open:
                raise Unreadable(f"a reply to request {correlation}, which nobody sent")
            kind, version = self._open.pop(correlation)
            if kind in WITH_ADDRESSES:
                body = readdressed(kind, version, frame[2 * SIZE.size :], self._addresses)
                size = SIZE.pack(len(body) + SIZE.size)
                frame = size + frame[SIZE.size : 2 * SIZE.size] + body  # noqa: PLW2901 - the same, elsewhere
            pieces.append((frame, kind))
        return pieces


class Frames:
    """Cuts a stream into frames, each with its size in front."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._missing = 1

    def whole(self, data: bytes) -> list[bytes]:
        """Every frame that ends in *data*."""
        self._parts.append(data)
        self._missing -= len(data)
        if self._missing > 0:
            return []  # put together once, when it is whole: a Fetch comes in many pieces
        data = b"".join(self._parts)
        found: list[bytes] = []
        start, end = 0, _end(data, 0)
        while end <= len(data):
            found.append(data[start:end])
            start, end = end, _end(data, end)
        self._parts = [data[start:]]
        self._missing = end - len(data)
        return found


def _end(data: bytes, start: int) -> int:
    """Where the frame from *start* ends; while its size is unknown, where that does."""
    end = start + SIZE.size
    return end if end > len(data) else end + int(SIZE.unpack_from(data, start)[0])
