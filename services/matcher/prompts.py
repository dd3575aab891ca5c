"""What a coordinator is to ask or to know beside a match; no score, no order moves by it."""

from collections.abc import Iterator
from datetime import date

from schemas.match import Prompt
from services.matcher.market import Learner, Vacancy
from services.matcher.subjects import SUBJECTS, Subject

CONDITIONAL = "conditional"
PREFERENCE = "preference"
ADJUSTMENT = "adjustment"


def prompts(learner: Learner, vacancy: Vacancy) -> tuple[Prompt, ...]:
    """In a fixed order: conditions, the employer's wishes not met, adjustments to arrange."""
    found = [prompt for subject in SUBJECTS for prompt in _levels(subject, learner, vacancy)]
    found.sort(key=lambda prompt: prompt.kind != CONDITIONAL)
    return (*found, *_adjustments(learner, vacancy))


def _levels(subject: Subject, learner: Learner, vacancy: Vacancy) -> Iterator[Prompt]:
    asked, own = subject.of_vacancy(vacancy), subject.of_learner(learner)
    if asked is None or own is None or own.held is None or own.held >= asked.level:
        return
    if subject.in_time(learner, vacancy):
        words = (
            f"Conditional: {subject.name} level {own.towards} is due on {_day(own.due)}, "
            f"before the work starts on {_day(vacancy.profile.starts_on)}"
        )
        yield Prompt(kind=CONDITIONAL, words=words)
        return
    wish = "calls essential" if asked.essential else "would like"
    words = f"Holds {subject.name} level {own.held}; the employer {wish} level {asked.level}"
    yield Prompt(kind=PREFERENCE, words=words)


def _day(when: date | None) -> str:
    return f"{when.day} {when:%B %Y}" if when else "a day not known"


def _adjustments(learner: Learner, vacancy: Vacancy) -> Iterator[Prompt]:
    """What the learner agreed to share and the employer has not offered."""
    for need in learner.profile.adjustments:
        if need not in vacancy.profile.adjustments:
            named = need.replace("-", " ")
            words = f"Ask the employer whether this can be arranged: {named}"
            yield Prompt(kind=ADJUSTMENT, words=words)
