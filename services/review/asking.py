"""Questions to the matcher and to intake, which alone know the answers."""

from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from uuid import UUID

import httpx
import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

log = structlog.get_logger()
T = TypeVar("T")


class NoAnswer(Exception):
    """The service asked is away, or said what we cannot read."""


class UnknownThere(Exception):
    """The service asked knows nothing of the learner or the vacancy."""


class Refused(Exception):
    """The service asked will not do it; the message says why."""


class Place(BaseModel):
    """Where a learner stands on a vacancy, or what keeps them off it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    standing: Literal["placed", "reserve", "absent"]
    position: int | None = None
    rule: str | None = None
    words: str = ""
    value: str | None = None
    limit: str | None = None
    round_id: str | None = None
    rules_version: str | None = None
    model_version: str | None = None


@dataclass(frozen=True, slots=True)
class Matcher:
    """Asks the matcher's question page."""

    client: httpx.AsyncClient
    url: str

    async def place(self, vacancy_id: UUID, learner_id: UUID) -> Place:
        """The learner's place on the vacancy; raises UnknownThere or NoAnswer."""
        address = f"{self.url.rstrip('/')}/v1/vacancies/{vacancy_id}/learners/{learner_id}"
        try:
            answer = await self.client.get(address)
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise UnknownThere("the matcher knows no such learner on that vacancy")
            answer.raise_for_status()
            return Place.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            raise NoAnswer("the matcher gave no answer") from error


class Check(BaseModel):
    """Something intake wants a person to look at; *about* is an id. It names nobody."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    task_id: UUID
    kind: str
    about: str
    words: str
    raised_at: AwareDatetime


class Near(BaseModel):
    """A skill a word may mean; *score* is how alike they are written, 0 to 100."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    label: str
    score: int


class Word(BaseModel):
    """A word for a skill that nobody knows, and how many records of which kind say it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    word: str
    written: str
    times: int
    sources: dict[str, int]
    since: AwareDatetime
    suggestions: tuple[Near, ...] = ()


class Skills(BaseModel):
    """The skills that hold, as (key, label)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    skills: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """Asks intake what a person must decide, and tells it what the person decided."""

    client: httpx.AsyncClient
    url: str
    key: str

    async def checks(self) -> tuple[Check, ...] | None:
        """Every open check; None if intake is away, which must not stop a coordinator's work."""
        try:
            answer = await self.client.get(
                self._address, params={"open": "true"}, headers=self._headers
            )
            answer.raise_for_status()
            return TypeAdapter(tuple[Check, ...]).validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("intake gave no answer", error=type(error).__name__)
            return None

    async def settle(self, task_id: UUID, *, account: str, decision: str) -> None:
        """*decision* is ``pass`` or ``done``; raises UnknownThere or NoAnswer."""
        try:
            answer = await self.client.post(
                f"{self._address}/{task_id}",
                json={"account": account, "decision": decision},
                headers=self._headers,
            )
            if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.CONFLICT}:
                raise UnknownThere("intake has no such open check")
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise NoAnswer("intake gave no answer") from error

    async def words(self) -> tuple[Word, ...] | None:
        """Every word for a skill that waits; None if intake is away."""
        return await self._asked("/v1/skills/words", TypeAdapter(tuple[Word, ...]))

    async def skills(self) -> Skills | None:
        """The skills that hold; None if intake is away."""
        return await self._asked("/v1/skills", TypeAdapter(Skills))

    async def rule(self, word: str, *, skill: str | None, label: str | None, account: str) -> str:
        """
        Say what *word* means; answers the version of the skills that holds then.

        Raises Refused with intake's words, or NoAnswer.
        """
        said = {"word": word, "skill": skill, "label": label, "account": account}
        try:
            answer = await self.client.post(
                f"{self.url.rstrip('/')}/v1/skills/words", json=said, headers=self._headers
            )
            if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
                raise Refused(str(answer.json().get("detail", "")))
            answer.raise_for_status()
            return str(answer.json()["version"])
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise NoAnswer("intake gave no answer") from error

    async def _asked(self, path: str, kind: TypeAdapter[T]) -> T | None:
        try:
            answer = await self.client.get(f"{self.url.rstrip('/')}{path}", headers=self._headers)
            answer.raise_for_status()
            return kind.validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("intake gave no answer", error=type(error).__name__)
            return None

    @property
    def _address(self) -> str:
        return f"{self.url.rstrip('/')}/v1/tasks"

    @property
    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}
