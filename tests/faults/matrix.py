"""Every cell: each fault against each service it can touch."""

from __future__ import annotations

from services.embedded.supervisor import SERVICES
from tests.faults.breaks import failpoints, lines, processes, servers

CELLS = [
    *map(processes.killed, SERVICES),
    *(lines.reply_lost(name, "kafka", "Produce") for name in SERVICES),
    servers.postgres_killed(),
    *failpoints.DEATHS,
]
