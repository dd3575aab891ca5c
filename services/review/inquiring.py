"""The heavier questions to the matcher: explanations, reports, previews of a change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.match import Match
from services.review.asking import NoAnswer, UnknownThere


class Later(NoAnswer):
    """The matcher is working it out: ask again."""


class Refused(Exception):
    """The matcher will not do what was asked, and says why."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Change(_Read):
    """A single change that the matcher tried, and that works."""

    kind: str
    words: str
    rule: str | None = None


class Move(_Read):
    """A learner who would change place."""

    learner_id: UUID
    leaves: UUID | None
    takes: UUID | None


class Swap(_Read):
    """What giving a place would do to everybody."""

    moves: tuple[Move, ...]
    losers: tuple[UUID, ...]
    placed_before: int
    placed_after: int


class Explained(_Read):
    """What speaks for a learner on a vacancy, what would change the answer, who would lose."""

    line: Match
    changes: tuple[Change, ...] = ()
    tried: tuple[str, ...] = ()
    swap: Swap | None = None
    cut_short: bool = False


class Scarcity(_Read):
    """Learners who can between them reach only so many places."""

    learners: int
    places: int
    vacancies: tuple[UUID, ...]


class Absences(_Read):
    """The completers of a vacancy's market, by reason and by route."""

    route: str | None
    placed: int
    completers: int
    here: int
    routes: Mapping[str, int]
    absences: Mapping[str, int]
    scarcity: Scarcity | None


class Table(_Read):
    """Counts by name; None is a group too small to show."""

    cells: Mapping[str, int | None]
    total: int | None


class Unlocks(_Read):
    """What would place those without an interview; None is a number too small to show."""

    completers: int
    unplaced: int | None
    nothing: int | None
    unread: int | None
    by_kind: Table
    by_route: Table
    by_month: Table


class Barrier(_Read):
    """Those whom one rule alone keeps out."""

    rule: str
    by_route: Table
    by_month: Table


class Barriers(_Read):
    """Rules that alone keep completers out."""

    completers: int
    barred: int | None
    by_more: int | None
    table: Table
    barriers: tuple[Barrier, ...]


class ShortlistChange(_Read):
    """Who enters and who leaves a shortlist's places."""

    vacancy_id: UUID
    enter: tuple[UUID, ...]
    leave: tuple[UUID, ...]
    reordered: bool


class Figures(_Read):
    """A market in figures."""

    placed: int
    completers: int
    places: int
    mean_days_unplaced: float
    most_days_unplaced: int
    total_score: int


class Coverage(_Read):
    """Completers of a route with an interview now and with a change; None: too few to show."""

    route: str
    completers: int | None
    before: int | None
    after: int | None


class Preview(_Read):
    """What changes would do."""

    coverage: tuple[Coverage, ...] = ()
    shortlists: tuple[ShortlistChange, ...]
    before: Figures
    after: Figures


class Lever(_Read):
    """Something that can be changed, by its key."""

    name: str
    words: str


class Levers(_Read):
    """What a preview may change besides pledges."""

    rules: tuple[str, ...]
    features: tuple[Lever, ...]
    limits: Mapping[str, Mapping[str, Any]] = {}


Read = TypeVar("Read", bound=_Read)


@dataclass(frozen=True, slots=True)
class Inquiries:
    """Asks; every method raises UnknownThere, NoAnswer, or Later while it is worked out."""

    client: httpx.AsyncClient
    url: str

    async def explained(self, vacancy_id: UUID, learner_id: UUID) -> Explained:
        at = f"vacancies/{vacancy_id}/learners/{learner_id}/explanation"
        return await self._asked("GET", at, Explained)

    async def absences(self, vacancy_id: UUID) -> Absences:
        return await self._asked("GET", f"vacancies/{vacancy_id}/absences", Absences)

    async def markets(self) -> list[str]:
        """The names of all markets."""
        answer = await self._answer("GET", "markets")
        return [row["market"] for row in answer.json()]

    async def levers(self) -> Levers:
        return await self._asked("GET", "levers", Levers)

    async def unlocks(self, market: str) -> Unlocks:
        return await self._asked("GET", f"markets/{market}/unlock", Unlocks)

    async def barriers(self, market: str) -> Barriers:
        return await self._asked("GET", f"markets/{market}/barriers", Barriers)

    async def preview(self, market: str, changes: Sequence[Mapping[str, object]]) -> Preview:
        """Raises Refused too."""
        body = {"changes": list(changes)}
        return await self._asked("POST", f"markets/{market}/what-if", Preview, json=body)

    async def _asked(self, method: str, at: str, kind: type[Read], **more: Any) -> Read:  # noqa: ANN401  # httpx's own
        answer = await self._answer(method, at, **more)
        try:
            return kind.model_validate_json(answer.content)
        except ValidationError as error:
            raise NoAnswer("the matcher's answer cannot be read") from error

    async def _answer(self, method: str, at: str, **more: Any) -> httpx.Response:  # noqa: ANN401  # httpx's own
        try:
            answer = await self.client.request(method, f"{self.url.rstrip('/')}/v1/{at}", **more)
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise UnknownThere("the matcher knows no such learner, vacancy or area")
            if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
                raise Refused(_why(answer))
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                raise Later("the matcher is working it out")
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise NoAnswer("the matcher gave no answer") from error
        return answer


def _why(answer: httpx.Response) -> str:
    detail = answer.json().get("detail")
    return detail if isinstance(detail, str) else "The change cannot be read"
