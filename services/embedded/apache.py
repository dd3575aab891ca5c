"""Apache Kafka itself, from Maven's jars: a KRaft node on loopback ports, for the tests."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from services.embedded.processes import Child, ServerDidNotStart, free_port, listening

ROOT = Path(__file__).parents[2]
POM = ROOT / "deploy" / "kafka" / "pom.xml"
CACHE = ROOT / ".make" / "kafka"
CLUSTER = "cGF0aDItcGxhY2VtZW50Lg"  # any 22 characters
FETCH_LIMIT = 300.0
READY_LIMIT = 90.0
PROPERTIES = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=4
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


class Apache:
    """
    One node over a data folder, of the same shape as the embedded `Kafka`.

    Alone it is a cluster of its own; with *voters* (the controllers' ports by node id) it is one
    of several, see `Cluster`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        node: int = 1,
        voters: Mapping[int, int] | None = None,
        heap: str = "512m",
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.node = node
        self._voters = voters or {node: free_port()}
        self._heap = heap
        self._child: Child | None = None

    @property
    def bootstrap(self) -> str:
        """Where to connect, as host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    def start(self) -> str:
        """Start and answer host:port once it serves; raises ServerDidNotStart."""
        self.begin()
        self.wait_ready()
        return self.bootstrap

    def begin(self) -> None:
        """Start, and do not wait: a node without a majority of the voters never serves."""
        self.prepare()
        self._child = Child(
            name=f"Apache Kafka {self.node}",
            command=[
                "java", f"-Xmx{self._heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-cp", f"{jars()}/*", "kafka.Kafka", str(self._properties),
            ],
            log=self.folder / "kafka.log",
        )  # fmt: skip
        self._child.start()

    def wait_ready(self) -> None:
        """Come back once it serves clients; raises ServerDidNotStart."""
        if self._child:
            self._child.wait_until(lambda: listening(self.port), limit=READY_LIMIT)

    def stop(self) -> None:
        """Stop in order, frozen or not."""
        self.resume()
        if self._child:
            self._child.stop(limit=30.0)

    def kill(self) -> None:
        """Stop as a crash would; what it had acknowledged is in the system's page cache."""
        if self._child:
            self._child.kill()

    def pause(self) -> None:
        """Freeze it: connections stay open and silent."""
        if self._child:
            self._child.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on as if no time had passed."""
        if self._child:
            self._child.send(signal.SIGCONT)

    def prepare(self) -> None:
        """Write its properties and format its folder, unless that is done."""
        if self._properties.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        replicas = len(self._voters)
        text = PROPERTIES.format(
            node=self.node,
            port=self.port,
            controller=self._voters[self.node],
            voters=",".join(f"{node}@127.0.0.1:{port}" for node, port in self._voters.items()),
            data=self.folder / "data",
            replicas=replicas,
            in_sync=max(1, replicas - 1),
        )
        draft = self.folder / "draft.properties"
        draft.write_text(text)
        _run(["java", "-XX:TieredStopAtLevel=1", "-cp", f"{jars()}/*",
              "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(draft)])  # fmt: skip
        draft.rename(self._properties)  # it exists only when the folder is formatted

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"


def jars() -> Path:
    """The folder of Kafka's jars, fetched by Maven when pom.xml is new."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise ServerDidNotStart(
                f"{program} is not installed: Apache Kafka needs Java 17 and Maven, "
                "or set P2A_KAFKA_BOOTSTRAP to a broker that runs"
            )
    folder = CACHE / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _run(["mvn", "-q", "-f", str(POM), "dependency:copy-dependencies",
                  f"-DoutputDirectory={folder}", "-DincludeScope=runtime"])  # fmt: skip
            (folder / "complete").touch()
    return folder


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, check=False, timeout=FETCH_LIMIT)
    if done.returncode:
        words = (done.stdout + done.stderr).decode(errors="replace")[-800:]
        raise ServerDidNotStart(f"{command[0]} failed\n{words}")
