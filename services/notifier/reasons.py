"""Why this learner for this vacancy, in words for the employer and in words for the learner."""

from schemas.learner import Key
from schemas.match import Match
from schemas.vacancy import Mode, VacancyProfile

MOST = 4
# keys that are no words by themselves
SPOKEN = {
    "it": "IT",
    "number": "working with numbers",
    "administrative": "administration",
    "analytical": "analysing",
    "logical": "logical thinking",
    "creative": "creativity",
    "presentation": "presenting",
}
FAR = {Mode.REMOTE, Mode.NATIONAL}


def for_employer(match: Match, vacancy: VacancyProfile) -> list[str]:
    """What speaks for the learner; it names nobody and says nothing of where they live."""
    said = []
    if match.met_skills:
        said.append(f"Shows skills you asked for: {listed(match.met_skills)}")
    ours = _speaks_for(match, "course-route")
    said.append(f"Has finished {'a course in this kind of work' if ours else 'their course'}")
    if _speaks_for(match, "interest"):
        said.append("Has chosen this kind of work")
    if match.distance_miles is not None and vacancy.mode not in FAR:
        said.append(f"Is {_miles(match.distance_miles)} from the workplace")
    return said[:MOST]


def for_learner(match: Match, vacancy: VacancyProfile) -> list[str]:
    """The same, said to the learner."""
    said = []
    if match.met_skills:
        said.append(f"You show skills the employer asked for: {listed(match.met_skills)}")
    if _speaks_for(match, "course-route"):
        said.append("Your course was in this kind of work")
    if _speaks_for(match, "interest"):
        said.append("You told us this kind of work interests you")
    if match.distance_miles is not None and vacancy.mode not in FAR:
        said.append(f"The workplace is {_miles(match.distance_miles)} from your area")
    return said[:MOST] or ["You have finished your course, and this place is open to you"]


def listed(keys: tuple[Key, ...]) -> str:
    """Keys as people read them: ``team working, customer care and patience``."""
    bare = [key.rsplit(":", 1)[-1] for key in keys]
    words = [SPOKEN.get(key, key.replace("-", " ")) for key in bare]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _speaks_for(match: Match, feature: str) -> bool:
    return any(part.feature == feature and part.effect > 0 for part in match.contributions)


def _miles(distance: float) -> str:
    miles = round(distance)
    if miles < 1:
        return "less than a mile"
    return "about a mile" if miles == 1 else f"about {miles} miles"
