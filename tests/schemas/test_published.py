"""What `make schemas` writes is what stands in the repository, and outsiders can read it."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from schemas import EVENTS, TOPICS
from schemas.publish import __main__ as publish
from schemas.publish.asyncapi import document
from schemas.publish.snapshot import snapshot
from schemas.publish.table import END, START, MarkersMissing, put

ROOT = Path(__file__).parents[2]
# From the package @asyncapi/specs, which `make install` brings by package-lock.json.
ASYNCAPI_3 = ROOT / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"


def test_writing_it_again_changes_nothing() -> None:
    stale = [
        file.relative_to(ROOT)
        for file, content in publish.generated().items()
        if not file.exists() or file.read_text("utf-8") != content
    ]
    assert stale == [], "run `make schemas` and commit what it writes"


def test_a_broken_version_is_refused_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def generated() -> dict[Path, str]:
        pytest.fail("nothing may be written")

    monkeypatch.setattr(publish, "broken_versions", lambda: ["p2a.X.v1 /y: the field is gone"])
    monkeypatch.setattr(publish, "generated", generated)
    with pytest.raises(SystemExit, match=r"the field is gone\n.*next version") as refused:
        publish.main()
    assert refused.value.code != 0


def test_a_snapshot_without_a_class_is_a_broken_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Events of a class that went are still in the log."""
    monkeypatch.setattr(publish, "EVENTS", EVENTS[1:])
    assert publish.broken_versions() == [f"{EVENTS[0].ce_type()} is declared no more"]


def test_every_snapshot_is_a_valid_json_schema() -> None:
    for event in EVENTS:
        Draft202012Validator.check_schema(snapshot(event))


def test_the_asyncapi_document_is_valid() -> None:
    """Judged by the AsyncAPI initiative's own schema of version 3.0.0."""
    assert ASYNCAPI_3.exists(), "run `make install`: it brings the schema"
    judge = Draft7Validator(json.loads(ASYNCAPI_3.read_text("utf-8")))
    assert [error.message for error in judge.iter_errors(document())] == []
    spoilt = document()
    spoilt["operations"]["intake.learners"]["action"] = "shout"
    assert not judge.is_valid(spoilt)


def test_the_asyncapi_document_names_every_topic_and_every_event() -> None:
    written = json.loads((ROOT / "docs" / "asyncapi.json").read_text("utf-8"))
    addresses = [channel["address"] for channel in written["channels"].values()]
    named = [message["name"] for message in written["components"]["messages"].values()]
    assert addresses == list(TOPICS)
    assert named == [event.ce_type() for event in EVENTS]


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    written = (ROOT / "docs" / "asyncapi.json").read_text("utf-8")
    for part in written.split('"$ref": "#/')[1:]:
        found = json.loads(written)
        for step in part.split('"')[0].split("/"):
            found = found[step]
        assert found


def test_the_table_goes_between_its_markers_and_nowhere_else() -> None:
    page = f"before\n{START}\nold\n{END}\nafter\n"
    assert put(page, "new") == f"before\n{START}\n\nnew\n\n{END}\nafter\n"
    assert put(put(page, "new"), "new") == put(page, "new")
    with pytest.raises(MarkersMissing):
        put("a page without them", "new")
