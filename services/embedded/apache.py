"""Apache Kafka itself, from Maven's jars: one KRaft node on loopback ports, for the tests."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

from services.embedded.processes import Child, ServerDidNotStart, free_port, listening

ROOT = Path(__file__).parents[2]
POM = ROOT / "deploy" / "kafka" / "pom.xml"
CACHE = ROOT / ".make" / "kafka"
CLUSTER = "cGF0aDItcGxhY2VtZW50Lg"  # any 22 characters
FETCH_LIMIT = 300.0
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


class Apache:
    """One node over a data folder, of the same shape as the embedded `Kafka`."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._child: Child | None = None

    @property
    def bootstrap(self) -> str:
        """Where to connect, as host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def start(self) -> str:
        """Start and answer host:port; raises ServerDidNotStart."""
        classes = f"{jars()}/*"
        properties = self.folder / "server.properties"
        if not properties.exists():
            self._format(classes, properties)
        self._child = Child(
            name="Apache Kafka",
            command=[
                "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-cp", classes, "kafka.Kafka", str(properties),
            ],
            log=self.folder / "kafka.log",
        )  # fmt: skip
        self._child.start()
        self._child.wait_until(lambda: listening(self.port), limit=60.0)
        return self.bootstrap

    def stop(self) -> None:
        """Stop in order."""
        if self._child:
            self._child.stop(limit=30.0)

    def kill(self) -> None:
        """Stop as a crash would; what it had acknowledged is in the system's page cache."""
        if self._child:
            self._child.kill()

    def _format(self, classes: str, properties: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        text = PROPERTIES.format(port=self.port, controller=free_port(), data=self.folder / "data")
        properties.write_text(text)
        _run(["java", "-cp", classes, "kafka.tools.StorageTool", "format",
              "-t", CLUSTER, "-c", str(properties)])  # fmt: skip


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
