"""What `p2a skills` prints, and the objects its --json has."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.intake.lexicon import Current
    from services.intake.skills import SkillBook
    from services.intake.ties import Import


def queue_lines(words: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line a word: how often, by whom, and what it may mean."""
    for word in words:
        sources = ", ".join(f"{times} {source}" for source, times in word["sources"].items())
        near = ", ".join(f"{one['key']} {one['score']}" for one in word["suggestions"])
        yield f"{word['times']:>5}  {word['word']}  ({sources})  {near or 'nothing near'}"
    number = len(words)
    yield f"{number} {'word waits' if number == 1 else 'words wait'}"


def report(
    before: "Current", after: "Current", taken: "Import", *, dry_run: bool
) -> dict[str, Any]:
    """What an import came to."""
    old, new = before.book.taxonomy, after.book.taxonomy
    skills = _changes({s.key: s for s in old.skills}, {s.key: s for s in new.skills})
    standards = _changes(
        {s.reference: s for s in old.standards}, {s.reference: s for s in new.standards}
    )
    return {
        "dry_run": dry_run,
        "version": after.book.version,
        "before": before.book.version,
        "taken": taken.taken,
        "skills": skills,
        "standards": standards,
        "untied": taken.untied,
        "refused": [
            {"place": row.place, "rule": row.rule, "words": row.words} for row in taken.refused
        ],
    }


def import_lines(done: Mapping[str, Any]) -> Iterator[str]:
    """Rows left out by place, then what changed."""
    for row in done["refused"]:
        yield f"{row['place']}: {row['rule']}: {row['words']}"
    for name in ("skills", "standards"):
        counts = done[name]
        yield (
            f"{name}: {counts['added']} added, {counts['changed']} changed, {counts['gone']} gone, "
            f"{counts['same']} as before"
        )
    if done["untied"]:
        yield f"sentences of standards that ask for no skill we know: {done['untied']}"


def changed_line(done: Mapping[str, Any]) -> str:
    """The version, and who is to be matched anew."""
    would = "would change" if done.get("dry_run") else "changed"
    told = f"{done['learners']} learners and {done['vacancies']} vacancies {would}"
    return f"version {done['version']}: {told}"


def one(book: "SkillBook", what: str) -> dict[str, Any] | None:
    """The standard of a reference or LARS code, else the skill of a key or word."""
    for standard in book.taxonomy.standards:
        if what.upper() == standard.reference or what == standard.lars_code:
            return {"standard": standard.model_dump(mode="json")}
    key = book.key(what)
    if key is None:
        return None
    asking = [s.reference for s in book.taxonomy.standards if key in book.of_standard(s)]
    return {"skill": book.skills[key].model_dump(mode="json"), "standards": asking}


def page_lines(found: Mapping[str, Any] | None) -> Iterator[str]:
    """A skill, a standard or the whole list, for a person."""
    if found is None:
        return
    if "standard" in found:
        standard = found["standard"]
        yield f"{standard['reference']}  {standard['title']}, Level {standard['level']}"
        for sentence in standard["sentences"]:
            yield f"  {sentence['id']:<5} {sentence['key'] or '-':<24} {sentence['detail']}"
        if standard["next_steps"]:
            yield f"  next: {', '.join(standard['next_steps'])}"
    elif "skill" in found:
        skill = found["skill"]
        yield f"{skill['key']}  {skill['label']}" + ("" if skill["used"] else "  (never used)")
        yield f"  also: {', '.join(skill['also']) or '-'}"
        yield f"  standards: {', '.join(found['standards']) or '-'}"
    else:
        yield f"version {found['version']} since {found['since']}"
        for skill in found["skills"]:
            yield f"{skill['key']:<28} {skill['label']}" + (
                "" if skill["used"] else " (never used)"
            )
        yield f"{len(found['skills'])} skills, {found['standards']} standards"


def _changes(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, int]:
    both = old.keys() & new.keys()
    changed = sum(old[key] != new[key] for key in both)
    return {
        "added": len(new.keys() - old.keys()),
        "changed": changed,
        "gone": len(old.keys() - new.keys()),
        "same": len(both) - changed,
    }
