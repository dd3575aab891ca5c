"""
The changes worth trying for a learner or a vacancy: a ladder for each kind, smallest step first.

What a rule needs is not asked of the rule: each step is judged like any other row. So rules may
come and go; only the miles sent to who gave no limit are read off the rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from math import ceil

from schemas.learner import Attainment
from services.matcher.changes import Change
from services.matcher.market import Learner, RoundInputs, Vacancy
from services.matcher.rule_changes import limits
from services.matcher.rules import Rules
from services.matcher.suitability import asked

Ladder = tuple[Change, ...]

MOST_MILES = 40  # beyond what anybody gave
MOST_DAYS = 90
MOST_HOURS = 20
MOST_INTERVIEWS = 5
# rules that no change may suggest to give up: they are about the person's age or the law, or
# about what is over
KEPT = frozenset(
    {"completed", "withdrawn", "paused", "age-window", "foundation-gate", "wage-floor", "closed",
     "dates", "excluded"}
)  # fmt: skip


def for_learner(learner: Learner, vacancies: Sequence[Vacancy], today: date,
                rules: Rules) -> list[Ladder]:  # fmt: skip
    """What the learner could change so that rules let them onto more of *vacancies*."""
    starts = sorted({row.profile.starts_on for row in vacancies}, reverse=True)
    needs = sorted({need for row in vacancies for need in row.profile.essential})
    ladders = [
        tuple(_reach(learner, rules)),
        tuple(_free_from(learner, starts)),
        tuple(_break(learner, today)),
        *((_holds(learner, need),) for need in needs if need not in learner.profile.holds),
        *((change,) for change in _subjects(learner, vacancies)),
    ]
    return [ladder for ladder in ladders if ladder]


def for_pair(learner: Learner, vacancy: Vacancy, inputs: RoundInputs,
             rules: Rules) -> list[Ladder]:  # fmt: skip
    """What could change so that the learner gets a place on the vacancy."""
    pair = learner.learner_id, vacancy.vacancy_id
    shown = learner.profile.skills
    ladders: list[Iterable[Change]] = [
        *for_learner(learner, [vacancy], inputs.today, rules),
        _hours(learner, vacancy),
        *([_skill(learner, skill)] for skill in asked(vacancy) if skill not in shown),
        *for_vacancy(learner, vacancy),
        _pledge(vacancy),
        *([_rule(rule)] for rule in dict.fromkeys(rules.ids) if rule not in KEPT),
    ]
    if pair in inputs.excluded:
        words = "The refusal of this match taken back"
        ladders.append([Change(kind="refusal", amount=1, unit="refusal", words=words,
                               learner_id=pair[0], vacancy_id=pair[1])])  # fmt: skip
    if learner.profile.max_miles is None:
        ladders.append(_usual(rules))
    return [made for ladder in ladders if (made := tuple(ladder))]


def for_vacancy(learner: Learner, vacancy: Vacancy) -> list[Ladder]:
    """What the employer could change so that rules let the learner onto the vacancy."""
    ladders = (tuple(_starts(learner, vacancy)), tuple(_open_to(learner, vacancy)))
    return [ladder for ladder in ladders if ladder]


def pledge(vacancy: Vacancy, more: int) -> Change:
    """*more* interviews pledged on the vacancy."""
    words = "One more interview pledged" if more == 1 else f"{more} more interviews pledged"
    facts = {"interviews": vacancy.profile.interviews + more}
    return Change(kind="pledge", amount=more, unit="interview", words=words,
                  vacancy_id=vacancy.vacancy_id, facts=facts)  # fmt: skip


def _reach(learner: Learner, rules: Rules) -> Iterator[Change]:
    given = learner.profile.max_miles
    usual = limits(rules, "travel-reach").get("usual_miles")
    base = given if given is not None else usual
    if base is None:
        return
    told = "" if given is not None else ", where no limit was given"
    for more in range(1, MOST_MILES + 1):
        miles = f"{more} mile{'s' * (more > 1)} more"
        yield _of(learner, "reach", more, "mile", f"Travels {base + more:g} miles, {miles}{told}",
                  max_miles=float(base + more))  # fmt: skip


def _free_from(learner: Learner, starts: Sequence[date]) -> Iterator[Change]:
    free = learner.profile.available_from
    for start in starts:
        if free is None or not 0 < (days := (free - start).days) <= MOST_DAYS:
            continue
        sooner = f"{days} day{'s' * (days > 1)} sooner"
        words = f"Free from {start:%A} {start.day} {start:%B %Y}, {sooner}"
        yield _of(learner, "free-from", days, "day", words, available_from=start)


def _break(learner: Learner, today: date) -> Iterator[Change]:
    if learner.paused:
        until = learner.paused_until
        days = (until - today).days + 1 if until else MOST_DAYS
        yield _of(learner, "break", max(1, ceil(days / 7)), "week", "Back from the break now",
                  paused=False, paused_until=None)  # fmt: skip


def _holds(learner: Learner, need: str) -> Change:
    words = f"Holds {need.replace('-', ' ')}"
    holds = (*learner.profile.holds, need)
    return _of(learner, "holds", 1, "need", words, holds=holds)


def _subjects(learner: Learner, vacancies: Sequence[Vacancy]) -> Iterator[Change]:
    """English or maths at a level asked for, by the day before the work starts."""
    for name in ("english", "maths"):
        held: Attainment | None = getattr(learner.profile, name)
        asks = [(wish.level, row.profile.starts_on) for row in vacancies
                if (wish := getattr(row.profile, name))]  # fmt: skip
        for level in sorted({level for level, _ in asks}):
            if held is None or held.held is None or held.held >= level:
                continue
            due = min(start for wanted, start in asks if wanted == level) - timedelta(days=1)
            words = f"{name.capitalize()} level {level:g} by {due.day} {due:%B %Y}"
            facts = {name: held.model_copy(update={"towards": level, "due": due})}
            yield _of(learner, "subject", 1, "level", words, **facts)


def _hours(learner: Learner, vacancy: Vacancy) -> Iterator[Change]:
    hours, facts = vacancy.profile.hours_per_week, learner.profile
    if hours is None:
        return
    for more in range(1, MOST_HOURS + 1):
        if facts.hours_to is not None and facts.hours_to < hours:
            to = min(facts.hours_to + more, 60.0)
            yield _of(learner, "hours", more, "hour", f"Works up to {to:g} hours a week",
                      hours_to=to)  # fmt: skip
        elif facts.hours_from is not None and facts.hours_from > hours:
            least = max(facts.hours_from - more, 0.0)
            yield _of(learner, "hours", more, "hour", f"Works from {least:g} hours a week",
                      hours_from=least)  # fmt: skip


def _skill(learner: Learner, skill: str) -> Change:
    words = f"Shows {skill.rsplit(':', 1)[-1].replace('-', ' ')}"
    return _of(learner, "skill", 1, "skill", words, skills=(*learner.profile.skills, skill))


def _starts(learner: Learner, vacancy: Vacancy) -> Iterator[Change]:
    free, start = learner.profile.available_from, vacancy.profile.starts_on
    if free is not None and 0 < (days := (free - start).days) <= MOST_DAYS:
        words = f"The work starts on {free.day} {free:%B %Y}, {days} day{'s' * (days > 1)} later"
        yield Change(kind="starts", amount=days, unit="day", words=words,
                     vacancy_id=vacancy.vacancy_id, facts={"starts_on": free})  # fmt: skip


def _pledge(vacancy: Vacancy) -> Iterator[Change]:
    return (pledge(vacancy, more) for more in range(1, MOST_INTERVIEWS + 1))


def _open_to(learner: Learner, vacancy: Vacancy) -> Iterator[Change]:
    named, own = vacancy.profile.programmes, learner.profile.programme
    if named and own not in named:
        words = f"The vacancy is open to completers of {own} too"
        yield Change(
            kind="open-to",
            amount=1,
            unit="programme",
            words=words,
            vacancy_id=vacancy.vacancy_id,
            facts={"programmes": (*named, own)},
        )


def _rule(rule: str) -> Change:
    words = f"The rule {rule} given up for everybody"
    return Change(kind="rule", amount=1, unit="rule", words=words, rule=rule)


def _usual(rules: Rules) -> Iterator[Change]:
    usual = limits(rules, "travel-reach").get("usual_miles")
    if usual is None:
        return
    for more in range(1, MOST_MILES + 1):
        words = f"Learners who gave no limit are sent up to {usual + more:g} miles"
        yield Change(
            kind="rule-limit",
            amount=more,
            unit="mile",
            words=words,
            rule="travel-reach",
            facts={"usual_miles": float(usual + more)},
        )


def _of(
    learner: Learner, kind: str, amount: float, unit: str, words: str, **facts: object
) -> Change:
    return Change(kind=kind, amount=amount, unit=unit, words=words,
                  learner_id=learner.learner_id, facts=facts)  # fmt: skip
