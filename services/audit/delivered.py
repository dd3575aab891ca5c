"""Whatever was accepted has its effect in every group that handles it, and nothing else has."""

from collections import Counter
from collections.abc import Iterator, Mapping

from services.audit.history import History, Partition, Posted, Record, Spot
from services.audit.verdict import DOUBLED, LOST, WRONG, Finding, Verdict

TO_READ, UNACCOUNTED = "to be read", "unaccounted"


def accepted(history: History) -> Verdict:
    """Every outbox row that counts as sent is on its topic; whoever got a 2xx has its rows."""
    found: list[Finding] = []
    waiting: list[Finding] = []
    for row in history.posted:
        spot = row.spot
        if not row.published or spot is None or row.id in history.last:
            continue
        subject, words = f"{row.type} {row.id}", f"counts as sent to {spot}, and is not there"
        do = f"p2a replay {row.topic} --from {row.seq} --to {row.seq}"
        finding = Finding("accepted", LOST, subject, words, do)
        if spot.offset >= history.ends.get(spot.partition, 0):
            waiting.append(finding)  # sent after we looked, or lost and not healed yet
        elif spot.offset >= history.starts.get(spot.partition, 0):
            found.append(finding)
    return Verdict(
        name="accepted",
        sentence="whatever was accepted is on its topic",
        looked={"rows": len(history.posted), "records": len(history.records)},
        findings=(*found, *_answers(history)),
        waiting=tuple(waiting),
    )


def _answers(history: History) -> Iterator[Finding]:
    client = history.client
    if client.answered is None:
        return
    do = "look in intake's log for the request"
    have = Counter(row.key for row in history.posted if row.service == "intake")
    for about, owed in client.answered.items():
        if have[about] < 1 or (owed and have[about] != owed):
            words = (
                f"a 2xx was answered for {owed or 'one or more'} events, there are {have[about]}"
            )
            kind = LOST if have[about] < max(owed, 1) else DOUBLED
            yield Finding("accepted", kind, about, words, do)
    for about in have.keys() - client.answered.keys() - client.maybe:
        yield Finding("accepted", WRONG, about, "was accepted, and nobody handed it in", do)


def effects(history: History) -> Verdict:
    """Every event had its effect, or is a dead letter, in each group that handles its type."""
    buried = {
        (one.group, one.id)
        for one in history.dead
        if history.settled.get((one.group, one.spot)) != "replayed"
    }
    found: list[Finding] = []
    waiting: list[Finding] = []
    wanted = 0
    for row, group in _wanted(history):
        wanted += 1
        if row.id in history.effects[group] or (group, row.id) in buried:
            continue
        spot = history.last.get(row.id) or row.spot
        if spot is not None and spot.offset < _committed(history, group, spot.partition):
            words = f"{group} is past {spot}, had no effect of it and no dead letter"
            found.append(_without_effect(row, group, words))
        else:
            words = f"{group} has yet to take it, at {spot or 'a place not known'}"
            waiting.append(_without_effect(row, group, words))
    return Verdict(
        name="effects",
        sentence="each event had its effect once in every group that handles it",
        looked={"events by group": wanted, "effects": len(history.taken)},
        findings=(*found, *_uncalled_for(history)),
        waiting=tuple(waiting),
    )


def _wanted(history: History) -> Iterator[tuple[Posted, str]]:
    readers = [(group, types) for group, types in history.readers.items()]
    for row in history.posted:
        if row.published:
            yield from ((row, group) for group, types in readers if row.type in types)


def _without_effect(row: Posted, group: str, words: str) -> Finding:
    return Finding(
        "effects",
        LOST,
        f"{group} {row.type} {row.id}",
        words,
        f"p2a replay {row.topic} --from {row.seq} --to {row.seq}",
    )


def _uncalled_for(history: History) -> Iterator[Finding]:
    do = "find out who wrote it: a topic of ours has one writer"
    forgotten = {record.id for record in history.records if record.key in history.erased}
    # a record that retention took can no longer say that it was about somebody erased
    blind = bool(history.erased) and any(history.starts.values())
    for (group, id_), times in Counter((row.group, row.id) for row in history.taken).items():
        if times > 1:
            words = f"had its effect {times} times, under as many sources"
            yield Finding("effects", DOUBLED, f"{group} {id_}", words, do)
        if id_ in history.rows or id_ in forgotten or (blind and id_ not in history.last):
            continue
        words = "had an effect, and no service of ours accepted it"
        yield Finding("effects", WRONG, f"{group} {id_}", words, do)


def consumed(history: History) -> Verdict:
    """What a group is past it has processed, has as a dead letter, or need not handle."""
    places = {(one.group, one.spot) for one in history.dead}
    found: list[Finding] = []
    behind: Counter[tuple[str, Partition]] = Counter()
    counts: Counter[str] = Counter()
    for record in history.records:
        for group in history.reading.get(record.spot.topic, ()):
            kind = _became(history, record, group, places)
            counts[kind] += 1
            if kind == TO_READ:
                behind[group, record.spot.partition] += 1
            elif kind == UNACCOUNTED:
                found.append(_unburied(record, group))
    return Verdict(
        name="consumed",
        sentence="what a group is past was processed, is a dead letter, or is none of its events",
        looked=dict(sorted(counts.items())),
        findings=tuple(found),
        waiting=(*_behind(history, behind), *_beyond(history)),
    )


def _became(history: History, record: Record, group: str, places: set[tuple[str, Spot]]) -> str:
    if record.spot.offset >= _committed(history, group, record.spot.partition):
        return TO_READ
    if (group, record.spot) in places:
        return "dead"
    if record.type is not None and record.type not in history.readers[group]:
        return "not ours"
    if not record.readable:
        return UNACCOUNTED
    return "processed" if record.id in history.effects[group] else "without effect"


def _unburied(record: Record, group: str) -> Finding:
    words = f"{group} is past it, cannot have read it, and there is no dead letter"
    do = "keep the broker's log: the record is still there; read it before its retention ends"
    return Finding("consumed", LOST, f"{group} {record.spot}", words, do)


def _behind(history: History, behind: Mapping[tuple[str, Partition], int]) -> Iterator[Finding]:
    for (group, partition), records in behind.items():
        reached = _committed(history, group, partition)
        do = f"look at /readyz of {group}: it says why it stands"
        subject = f"{group} {partition} at {reached}"
        yield Finding("consumed", LOST, subject, f"{records} records to read", do)


def _beyond(history: History) -> Iterator[Finding]:
    for (group, partition), reached in history.committed.items():
        end = history.ends.get(partition)
        if end is not None and reached > end:
            words = f"the log ends at {end}: the broker lost its tail, or what {group} committed"
            do = "look at the relay that writes the topic: it sends again what was lost"
            yield Finding("consumed", LOST, f"{group} {partition} at {reached}", words, do)


def _committed(history: History, group: str, partition: Partition) -> int:
    """The offset *group* is past; what retention took away it is past too."""
    return max(history.committed.get((group, partition), 0), history.starts.get(partition, 0))


def outbox(history: History) -> Verdict:
    """Everything posted has been sent, and nothing is parked."""
    parked: dict[tuple[str, str], int] = {}
    for row in history.posted:
        if row.parked:
            parked.setdefault((row.topic, row.key), row.seq)
    unsent = [row for row in history.posted if not row.published and not row.parked]
    held = [row for row in unsent if row.seq > parked.get((row.topic, row.key), row.seq)]
    behind = Counter((row.topic, row.key) for row in held)
    return Verdict(
        name="outbox",
        sentence="everything posted has been sent",
        looked={"rows": len(history.posted), "parked": len(parked)},
        findings=tuple(
            Finding(
                "outbox",
                LOST,
                f"{row.service} {row.type} {row.id}",
                f"is parked, with {behind[row.topic, row.key]} later rows of its key behind it",
                f"mend it, then p2a replay {row.topic} --from {row.seq} --to {row.seq}",
            )
            for row in history.posted
            if row.parked
        ),
        waiting=tuple(
            Finding(
                "outbox",
                LOST,
                f"{row.service} {row.type} {row.id}",
                f"row {row.seq} has not been sent",
                f"look at /readyz of {row.service}: the relay says why it stands",
            )
            for row in unsent
            if (row.topic, row.key) not in behind
        ),
    )
