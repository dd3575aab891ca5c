"""
Which model ranks, which one is tried beside it, and every version there was.

    UnknownVersion   no model or rules of this version are kept
"""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from services.matcher import model_store, saved
from services.matcher.model_store import ACTIVE, CHALLENGER
from services.matcher.rules import Rules
from services.matcher.scorer import Model


class UnknownVersion(Exception):
    """No model or rules of this version are kept."""


@dataclass(slots=True, kw_only=True)
class Models:
    """
    The models of a running service; ``default`` ranks until one has been activated.

    ``current`` is the one that ranked last. Both functions ask the database each time and read a
    model's text only once a version. They raise ModelRefused if it was made for other features or
    by another library: a round must not go back to another model without a person.
    """

    default: Model
    current: Model = field(init=False)
    _read: dict[str, Model] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing has been asked yet."""
        self.current = self.default

    async def active(self, session: AsyncSession) -> Model:
        """The model that a round beginning now ranks by."""
        version = await model_store.version_in(session, ACTIVE)
        self.current = await self._of(session, version) if version else self.default
        return self.current

    async def challenger(self, session: AsyncSession) -> Model | None:
        """The model that is scored beside it, if there is one."""
        version = await model_store.version_in(session, CHALLENGER)
        return await self._of(session, version) if version else None

    async def _of(self, session: AsyncSession, version: str) -> Model:
        if version not in self._read:
            self._read[version] = await model_of(session, version)
        return self._read[version]


async def keep_used(session: AsyncSession, model: Model, rules: Rules) -> None:
    """Keep the text of the versions a round used, so that it can be made again after upgrades."""
    if not await model_store.known(session, model=model.version, rules=rules.version):
        await model_store.keep_model(session, model.version, saved.text(model))
        await model_store.keep_ruleset(session, rules.version, rules.raw.decode())


async def model_of(session: AsyncSession, version: str, *, any_library: bool = False) -> Model:
    """
    The model of *version*; raises UnknownVersion, and ModelRefused if it is not for us.

    *any_library*: one fitted by another scikit-learn will do, where it is not to rank.
    """
    stored = await model_store.model(session, version)
    if stored is None:
        raise UnknownVersion(f"no model of version {version} is kept")
    return saved.read(stored.body, version, any_library=any_library)


async def rules_of(session: AsyncSession, version: str) -> Rules:
    """The rules of *version*; raises UnknownVersion, and RulesUnreadable if they are not for us."""
    body = await model_store.ruleset(session, version)
    if body is None:
        raise UnknownVersion(f"no rules of version {version} are kept")
    return Rules.of(body.encode(), name=version)
