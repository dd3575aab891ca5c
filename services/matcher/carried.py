"""A kept round as files, to be asked without its database."""

from pathlib import Path

from services.matcher import archive, saved
from services.matcher.snapshot import Made

INPUTS, RULES, MODEL = "round", "rules.toml", "model.json"
OWNER_ONLY = 0o600


def carried(made: Made, folder: Path) -> list[Path]:
    """
    Write a round's inputs with its scores, its rules and its model into *folder*; the three files.

    The inputs are facts about learners by id, so only their owner may read them. Raises
    ``FileExistsError`` where one is there already, and other ``OSError``.
    """
    inputs = archive.packed(archive.written(made.inputs, made.outcome.judgement.scores))
    parts = {INPUTS: inputs, RULES: made.rules.raw, MODEL: saved.text(made.model).encode()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in parts.items():
        (folder / name).touch(mode=OWNER_ONLY, exist_ok=False)
        (folder / name).write_bytes(data)
    return [folder / name for name in parts]
