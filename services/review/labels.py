"""How pages call things: learners without their names, skills, standings, routes."""

import hashlib
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from schemas.learner import ROUTES
from services.review.standing import Standing

# no vowels, so no words; no 0, 1, 5, so nothing is misread aloud
LETTERS = "BCDFGHJKLMNPQRSTVWXZ2346789"
# no smaller number of people is told
FEW = 5
# log-odds: at an even chance about one percentage point, and about twelve
HARDLY, STRONGLY = 0.05, 0.5
INTERVIEWS = ("interview", "interviews")
# what a tag says, and the colour that only ever repeats it
TAGS: dict[Standing, tuple[str, str]] = {
    Standing.PROPOSED: ("To review", "blue"),
    Standing.HELD: ("On hold", "yellow"),
    Standing.APPROVED: ("Going out", "purple"),
    Standing.SENT: ("Letters sent", "teal"),
    Standing.LEARNER_YES: ("Learner said yes", "teal"),
    Standing.EMPLOYER_YES: ("Employer said yes", "teal"),
    Standing.BOTH_YES: ("Both said yes", "green"),
    Standing.BOOKED: ("Interview booked", "green"),
    Standing.INTERVIEWED: ("Interview held", "green"),
    Standing.REJECTED: ("Refused by us", "grey"),
    Standing.LOST: ("Place given up", "grey"),
    Standing.LEARNER_NO: ("Learner said no", "grey"),
    Standing.EMPLOYER_NO: ("Employer said no", "grey"),
    Standing.MISSED: ("Interview missed", "red"),
    Standing.WITHDRAWN: ("Withdrawn", "grey"),
}
# why completers of the area are on no list of a vacancy, by the matcher's rule
ABSENCES = {
    "completed": "Course not completed",
    "withdrawn": "Left the scheme",
    "paused": "On a break",
    "age-window": "Outside the scheme's ages",
    "closed": "The vacancy is closed",
    "dates": "The vacancy's dates do not fit",
    "standard": "The apprenticeship takes no new starts then",
    "foundation-gate": "Foundation apprenticeships are for younger learners",
    "wage-floor": "The wage is below what was promised for their age",
    "programme": "The vacancy is for other programmes",
    "start-date": "Not free at the start date",
    "travel-reach": "Too far to travel",
    "learner-choice": "Do not want this employer or this kind of work",
    "essential-needs": "Lack something the vacancy must have",
    "level": "The work is too many levels above theirs",
    "english-maths": "Lack the English or maths asked for",
    "placed-elsewhere": "On a place elsewhere",
    "outranked": "Others come before them",
    "excluded": "Refused here before",
}
# what could be different for a learner to get a place, by the matcher's kind
CHANGES = {
    "reach": "Travels further",
    "free-from": "Is free sooner",
    "hours": "Works other hours",
    "break": "Is back from a break",
    "holds": "Holds what the vacancy cannot do without",
    "subject": "Has the English or maths asked for",
    "skill": "Shows a skill asked for",
    "refusal": "A refusal is taken back",
    "starts": "The work starts later",
    "pledge": "The employer pledges more interviews",
    "open-to": "The vacancy is open to another programme",
    "rule-limit": "A rule is less strict",
    "rule": "A rule is given up",
}
CAUSES = {
    "approved": "approved",
    "held": "put on hold",
    "rejected": "refused",
    "moved": "moved",
    "undone": "taken back",
    "sent": "sent",
    "not-sent": "not sent: the vacancy had closed, or nothing was left to send",
    "pledge-shrunk": "freed because the pledge shrank",
    "pledge": "the employer's pledge",
    "vacancy-changed": "a change of the vacancy",
    "vacancy-closed": "the vacancy closed",
    "round": "a new round of the matcher",
    "withdrawn": "a match that cannot go on",
    "outcome": "an interview's outcome",
    "employer-accepted": "the employer's yes",
    "employer-declined": "the employer's no",
    "learner-accepted": "the learner's yes",
    "learner-declined": "the learner's no",
    "interview-booked": "an interview booked",
    "interview-held": "an interview held",
    "interview-missed": "an interview missed",
    "name-shown": "name shown",
    "searched": "searched for a learner",
    "letter-settled": "letter dealt with",
    "check-settled": "record checked",
    "word-ruled": "word for a skill decided",
    "pledge-lapsed": "pledge lapsed",
}


def alias(learner_id: UUID) -> str:
    """Such as ``Learner K7D-Q2F``: the same on every page, and says nothing of the person."""
    number = int.from_bytes(hashlib.sha256(learner_id.bytes).digest()[:8], "big")
    letters = []
    for _ in range(6):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return f"Learner {''.join(letters[:3])}-{''.join(letters[3:])}"


def skill(key: str) -> str:
    """A skill's key as words."""
    words = key.rsplit(":", 1)[-1].replace("-", " ")
    return words[:1].upper() + words[1:]


def area(market: str) -> str:
    """A market's name as people write it."""
    return market.replace("-", " ").title()


def skills(keys: Iterable[str]) -> list[str]:
    """The keys of skills as words."""
    return [skill(key) for key in keys]


def absence(rule: str) -> str:
    """Why somebody is on no list."""
    return ABSENCES.get(rule) or skill(rule)


def change(kind: str) -> str:
    """What could be different."""
    return CHANGES.get(kind) or skill(kind)


def limit(key: str) -> str:
    """Such as ``Too far to travel: usual miles``, for ``travel-reach.usual_miles``."""
    rule, _, name = key.partition(".")
    return f"{absence(rule)}: {inside(skill(name.replace('_', '-')))}"


def more_interviews(more: int) -> str:
    """Such as ``1 more interview`` or ``2 fewer interviews``."""
    return plural(abs(more), *(f"{'fewer' if more < 0 else 'more'} {n}" for n in INTERVIEWS))


def times(factor: float) -> str:
    """Such as ``2 times`` as much."""
    return f"{factor:g} time{'s' * (factor != 1)}"


def inside(words: str) -> str:
    """*words* within a sentence: a name further on, as English, keeps its capital."""
    return words[:1].lower() + words[1:]


def month(year_month: str) -> str:
    """Such as ``January 2027``, for ``2027-01``."""
    return f"{date.fromisoformat(f'{year_month}-01'):%B %Y}"


def count(number: int | None) -> str:
    """A number of people that may be shown; None is a group too small."""
    return "Too few to show" if number is None else str(number)


def part(number: int | None, whole: int | None) -> str:
    """Such as ``10 of 24 (42%)``, where that may be shown."""
    return (
        f"{number} of {whole} ({number / whole:.0%})"
        if number is not None and whole
        else count(None)
    )


def route(code: int | None) -> str:
    """The occupational route of *code*."""
    return ROUTES[code - 1] if code else "Route not given"


def effect(log_odds: float) -> str:
    """How much a reason weighs, and which way."""
    if abs(log_odds) <= HARDLY:
        return "Hardly any"
    way = "for" if log_odds > 0 else "against"
    return f"Strongly {way}" if abs(log_odds) > STRONGLY else way.capitalize()


def miles(distance: float | None) -> str:
    """How far it is, to one decimal."""
    if distance is None:
        return "Distance not known"
    return "Less than a mile" if distance < 1 else f"{distance:.1f} miles"


def said_by(source: str, times: int) -> str:
    """Who says a word for a skill: of people no number under 5 is told."""
    if source == "advert":
        return plural(times, "advert")
    people = "learners" if source == "learner" else "learners' courses"
    return f"{times} {people}" if times >= FEW else f"fewer than {FEW} {people}"


def plural(count: int, one: str, more: str | None = None) -> str:
    """Such as ``1 learner`` or ``3 learners``."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def waiting(since: date | None, today: date) -> str:
    """Since when a learner waits, and how long that is."""
    if since is None:
        return "Not known"
    weeks, days = divmod(max((today - since).days, 0), 7)
    long = plural(weeks, "week") if weeks else plural(days, "day")
    return f"{since.day} {since:%B %Y} ({long})"
