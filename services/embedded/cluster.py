"""Three nodes of Apache Kafka that replicate everything, for what one broker cannot show."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from services.embedded.apache import Apache
from services.embedded.processes import free_port

NODES = (1, 2, 3)
HEAP = "256m"


class Cluster:
    """
    Three nodes, each broker and controller, of the same shape as one `Apache`.

    A topic made with three replicas acknowledges what two of them have. ``nodes`` are killed,
    frozen and started one by one; two of them away is a quorum lost.
    """

    def __init__(self, folder: Path) -> None:
        voters = {node: free_port() for node in NODES}
        self.nodes = [
            Apache(folder / f"node-{node}", node=node, voters=voters, heap=HEAP) for node in NODES
        ]

    @property
    def bootstrap(self) -> str:
        """Where to connect: every node, separated by commas."""
        return ",".join(node.bootstrap for node in self.nodes)

    def start(self) -> str:
        """Start the nodes that do not run and answer the bootstrap; raises ServerDidNotStart."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(Apache.prepare, self.nodes))
        for node in self.nodes:
            if not node.running:
                node.begin()
        for node in self.nodes:
            node.wait_ready()
        return self.bootstrap

    def stop(self) -> None:
        """Stop one after the other, in order; the last has nobody left to say so to."""
        *others, last = self.nodes
        for node in others:
            node.stop()
        last.kill()

    def kill(self) -> None:
        """Stop all at once, as a power cut would; the system's page cache is kept."""
        for node in self.nodes:
            node.kill()

    async def leader(self, topic: str, partition: int) -> int:
        """The index in ``nodes`` of the one that leads *partition*; -1 while none does."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            (found,) = await admin.describe_topics([topic])
        finally:
            await admin.close()
        leads = {each["partition"]: each["leader"] for each in found["partitions"]}
        return NODES.index(leads[partition]) if leads.get(partition, -1) in NODES else -1
