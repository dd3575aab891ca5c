"""What a command asks of the matcher: the running one over HTTP, or a kept round's file."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    from services.matcher.case import Case
    from services.matcher.market import Outcome

WRONG_USE, FAILED = 2, 1
LONG = 600.0  # seconds; an answer may take a round of a large market


class Matcher:
    """The running matcher at P2A_MATCHER_URL; ends the command in words where it cannot answer."""

    def __init__(self, command: str) -> None:
        """Where it is, from the environment."""
        self._command = command
        url = os.environ.get("P2A_MATCHER_URL")
        if not url:
            ended(command, "P2A_MATCHER_URL is not set (where the matcher answers); or give a "
                           "kept round with --round FILE", WRONG_USE)  # fmt: skip
        self._url = f"{url}".rstrip("/") + "/v1/"

    def asked(self, at: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401  # JSON
        """The answer to a question; one that is being worked out is waited for."""
        import httpx

        told = False
        while True:
            try:
                method = "GET" if body is None else "POST"
                answer = httpx.request(method, self._url + at, json=body, timeout=LONG)
            except httpx.HTTPError as error:
                ended(self._command, f"the matcher gave no answer: {type(error).__name__}")
            if answer.status_code == httpx.codes.OK:
                return answer.json()
            why = _detail(answer.text)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                ended(self._command, why)
            if not told:
                print(f"p2a {self._command}: {why}", file=sys.stderr)
                told = True
            time.sleep(float(answer.headers.get("retry-after", 2)))


class KeptRound:
    """A round's inputs as they are kept, asked without any service."""

    def __init__(
        self, command: str, file: Path, rules: Path | None = None, model: Path | None = None
    ) -> None:
        """The round recomputed by the given rules and model, or those packaged."""
        from services.matcher import archive, prior, saved
        from services.matcher.case import Case
        from services.matcher.proposal import propose
        from services.matcher.rulefile import RulesUnreadable
        from services.matcher.rules import Rules
        from services.matcher.scorer import ModelRefused

        self._command = command
        try:
            inputs = archive.read(archive.unpacked(file.read_bytes()))
            by = Rules.load(rules)
            # it ranks nobody, so one fitted by another scikit-learn will do
            scorer = saved.load(model, any_library=True) if model else prior.fitted()
        except (archive.RoundUnreadable, RulesUnreadable, ModelRefused, OSError) as error:
            ended(command, str(error))
        self.outcome: Outcome = propose(inputs, scorer, by)
        self.case: Case = Case.after(inputs, self.outcome, scorer, by)

    def explained(self, vacancy_id: UUID, learner_id: UUID) -> dict[str, Any]:
        from services.matcher import spoken
        from services.matcher.explanation import explanation

        try:
            return spoken.explained(explanation(self.case, self.outcome, learner_id, vacancy_id))
        except KeyError as error:
            ended(self._command, str(error.args[0]))

    def absences(self, vacancy_id: UUID) -> dict[str, Any]:
        from services.matcher import spoken
        from services.matcher.nobody import vacant

        try:
            return spoken.plain(vacant(self.case.inputs, self.outcome, vacancy_id))
        except KeyError:
            ended(self._command, f"no vacancy {vacancy_id} is in the round")

    def report(self, kind: str, *, learners: bool) -> dict[str, Any]:
        from services.matcher import spoken
        from services.matcher.inquiries import REPORTS

        return spoken.report(REPORTS[kind](self.case, self.outcome), learners=learners)

    def preview(self, changes: Sequence[Mapping[str, object]]) -> dict[str, Any]:
        from pydantic import TypeAdapter, ValidationError

        from services.matcher import spoken
        from services.matcher.whatif import ChangeRefused, Said, preview

        try:
            said: list[Said] = TypeAdapter(list[Said]).validate_python(list(changes))
            return spoken.previewed(preview(self.case, self.outcome, said))
        except ValidationError as error:
            ended(self._command, error.errors()[0]["msg"])
        except ChangeRefused as error:
            ended(self._command, str(error))


def ended(command: str, words: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong and end the command."""
    print(f"p2a {command}: {words}", file=sys.stderr)
    raise typer.Exit(code)


def _detail(text: str) -> str:
    import json

    try:
        detail = json.loads(text)["detail"]
    except (ValueError, KeyError, TypeError):
        return "the matcher's answer cannot be read"
    if isinstance(detail, list):
        return "; ".join(f"{'.'.join(map(str, each['loc'][2:]))}: {each['msg']}" for each in detail)
    return str(detail)
