"""Every cell: each fault against each service it can touch."""

from __future__ import annotations

from services.embedded.supervisor import SERVICES
from tests.faults.breaks import cluster, clutter, lines, people, processes, servers
from tests.faults.breaks.failpoints import DEATHS

READERS = ("matcher", "review", "notifier")

CELLS = [
    *map(processes.killed, SERVICES),
    *DEATHS,
    *map(processes.frozen, SERVICES),
    *map(processes.storm, SERVICES),
    *(lines.reply_lost(name, "kafka", "Produce") for name in SERVICES),
    *(lines.reply_lost(name, "kafka", "OffsetCommit") for name in READERS),
    *(lines.reply_lost(name, "postgres", "COMMIT") for name in SERVICES),
    lines.reply_lost("notifier", "smtp", "."),
    *(lines.delayed(name, "kafka", "Produce") for name in SERVICES),
    *(lines.delayed(name, "postgres", "COMMIT") for name in SERVICES),
    lines.delayed("notifier", "smtp", "."),
    *(lines.reset(name, "kafka") for name in SERVICES),
    *(lines.reset(name, "postgres") for name in SERVICES),
    *(lines.silent(name, "kafka") for name in SERVICES),
    *(lines.silent(name, "postgres") for name in SERVICES),
    servers.broker_stopped(),
    servers.broker_killed(),
    servers.tail_lost(),
    servers.postgres_killed(),
    servers.backends_cut(),
    *map(servers.locked, SERVICES),
    servers.disk_full(),
    *map(servers.valkey, ("stopped", "flushed", "frozen")),
    servers.mail_away(),
    *map(clutter.again, READERS),
    *map(clutter.unreadable, READERS),
    *map(clutter.halted, READERS),
    people.erased(),
    cluster.leader_killed(),
    cluster.leader_frozen(),
    cluster.quorum_lost(),
]
