"""A kept round as files, to be asked without its database."""

from collections.abc import Mapping
from pathlib import Path

from services.delivery.database import Sessions
from services.matcher import archive, model_store
from services.matcher.again import again
from services.matcher.round_store import Round

INPUTS, RULES, MODEL = "round", "rules.toml", "model.json"
OWNER_ONLY = 0o600


async def parts(sessions: Sessions, kept: Round) -> Mapping[str, bytes]:
    """
    The inputs of *kept* with their scores, its rules and its model, by file name.

    The model is as it was kept, with the library it was fitted by. Raises NotReplayable.
    """
    made = (await again(sessions, kept)).made
    async with sessions() as session:
        model = await model_store.model(session, kept.model_version)
    inputs = archive.packed(archive.written(made.inputs, made.outcome.judgement.scores))
    return {INPUTS: inputs, RULES: made.rules.raw, MODEL: model.body.encode() if model else b""}


def carried(found: Mapping[str, bytes], folder: Path) -> list[Path]:
    """
    Write *parts* into *folder*; the files.

    The inputs are facts about learners by id, so only their owner may read them. Raises
    ``FileExistsError`` where one is there already, and other ``OSError``; nothing is left then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    try:
        for name, data in found.items():
            (folder / name).touch(mode=OWNER_ONLY, exist_ok=False)
            made.append(folder / name)
            made[-1].write_bytes(data)
    except OSError:
        for each in made:
            each.unlink()
        raise
    return made
