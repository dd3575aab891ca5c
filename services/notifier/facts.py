"""What a letter tells: every fact a template may name, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.decision import ShortlistSent
from schemas.vacancy import Mode, VacancyProfile, WageVerdict
from services.contacts.records import Employer, Person
from services.notifier import clock, reasons
from services.notifier.interviews import NO, Interview
from services.notifier.letters import Letter
from services.notifier.replies import answer_by

SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLACES = {
    Mode.REMOTE: "from home",
    Mode.NATIONAL: "anywhere in England",
    Mode.HYBRID: "partly from home",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that a letter is written from. *person* is there only if the letter may know them."""

    letter: Letter
    shortlist: ShortlistSent
    interviews: Sequence[Interview]
    employer: Employer
    person: Person | None

    @property
    def interview(self) -> Interview | None:
        """The match the letter is about; None if it is about the whole shortlist."""
        about = self.letter.match_id
        return next((one for one in self.interviews if one.match_id == about), None)


def facts(known: Known, *, link: str, organisation: str, phone: str) -> dict[str, object]:
    """What the templates of *known*'s letter are filled with."""
    vacancy, letter = known.shortlist.vacancy, known.letter
    told: dict[str, object] = {
        "greeting": _greeting(known),
        "organisation": organisation,
        "phone": phone,
        "link": link,
        "title": vacancy.title,
        "employer_name": known.employer.name,
        "interview_by": vacancy.interview_by,
        "interviews": promised(vacancy),
        "answer_by": answer_by(known.shortlist.occurred_at, vacancy.interview_by),
        "moved": "moved" in letter.about,
        "by": letter.about.get("by"),
        "label": label(known.interview) if known.interview else "",
    }
    if "starts_at" in letter.about:
        told["starts_at"] = datetime.fromisoformat(letter.about["starts_at"])
    if letter.template == "shortlist":
        told |= _shortlist(known)
    if letter.template == "invitation":
        told |= {"work": work(vacancy, known.employer), "reasons": _why_you(known)}
    if letter.template == "booking-employer":
        told["given_name"] = known.person.given_name if known.person else "The learner"
    if letter.template == "booking-learner":
        told["meeting"] = _meeting(vacancy, known.employer)
    return told


def still_so(known: Known) -> bool:
    """Whether what the letter says is so when it goes; it may have waited for days."""
    letter, interview = known.letter, known.interview
    if interview is None:
        return bool(still_listed(known))
    kind = letter.template.partition("-")[0]
    if kind == "booking":
        return interview.booked_for == datetime.fromisoformat(letter.about["starts_at"])
    return {
        "invitation": not interview.over and interview.shortlist_id == letter.shortlist_id,
        "cancelled": interview.booked_for is None,
        "times": interview.agreed and interview.booked_for is None,
        "not": interview.employer == NO,
        "learner": interview.learner == NO,
        "withdrawn": interview.withdrawn,
    }[kind]


def still_listed(known: Known) -> list[Interview]:
    """The matches of this shortlist that an employer should still hear of, in its order."""
    ours = known.shortlist.event_id
    return [i for i in known.interviews if i.shortlist_id == ours and not i.over]


def label(interview: Interview) -> str:
    """What the employer calls a learner before a name is shown."""
    return f"learner {interview.number}"


def counted(number: int, noun: str) -> str:
    """Such as ``one interview`` or ``12 interviews``."""
    words = SMALL[number] if number < len(SMALL) else str(number)
    return f"{words} {noun}" if number == 1 else f"{words} {noun}s"


def promised(vacancy: VacancyProfile) -> str:
    """What the employer promised: of a joint pledge it is the pool's, and others share in it."""
    own = counted(vacancy.interviews, "interview")
    return f"{own} together with other employers" if vacancy.joint_pledge else own


def place(vacancy: VacancyProfile, employer: Employer) -> str:
    """Where the work is."""
    if vacancy.mode in PLACES and vacancy.mode != Mode.HYBRID:
        return PLACES[vacancy.mode]
    where = ", ".join(employer.address) or (f"postcode area {vacancy.outcode}")
    return f"{where}, {PLACES[Mode.HYBRID]}" if vacancy.mode == Mode.HYBRID else where


def _greeting(known: Known) -> str:
    if known.letter.side == "employer":
        name = known.employer.contact_name
    else:
        name = known.person.given_name if known.person else None
    return f"Hello {name}" if name else "Hello"


def _shortlist(known: Known) -> dict[str, object]:
    matches = {match.match_id: match for match in known.shortlist.matches}
    listed = [
        {
            "label": label(interview).capitalize(),
            "reasons": reasons.for_employer(matches[interview.match_id], known.shortlist.vacancy),
        }
        for interview in still_listed(known)
    ]
    if len(listed) == 1:
        words = "Here is one person we think you should meet. This is what speaks for them:"
    else:
        words = (
            f"Here are {counted(len(listed), 'person').replace('persons', 'people')} we think you"
            " should meet. This is what speaks for each of them:"
        )
    return {"people": listed, "people_words": words}


def _why_you(known: Known) -> list[str]:
    about = known.letter.match_id
    match = next(match for match in known.shortlist.matches if match.match_id == about)
    return reasons.for_learner(match, known.shortlist.vacancy)


def work(vacancy: VacancyProfile, employer: Employer) -> list[str]:
    """The work in a few lines, for a learner."""
    lines = [f"{vacancy.title}, an apprenticeship with {employer.name}"]
    lines.append(f"Where: {place(vacancy, employer)}")
    if vacancy.hours_per_week is not None:
        lines.append(f"Hours: {vacancy.hours_per_week:g} a week, training included")
    lines.extend((f"Pay: {_pay(vacancy)}", f"Starts: {clock.day_words(vacancy.starts_on)}"))
    return lines


def _pay(vacancy: VacancyProfile) -> str:
    wage = vacancy.wage
    if wage.yearly_pence is not None:
        return f"£{wage.yearly_pence / 100:,.2f} a year".replace(".00 ", " ")
    if {wage.aged_18_to_20, wage.aged_21_up} == {WageVerdict.MEETS}:
        return "at least the National Minimum Wage for your age"
    return "ask at the interview; it is never below the legal minimum"


def _meeting(vacancy: VacancyProfile, employer: Employer) -> list[str]:
    remote = vacancy.mode in {Mode.REMOTE, Mode.NATIONAL} or not employer.address
    where = "the employer will tell you" if remote else ", ".join(employer.address)
    lines = [f"Where: {where}"]
    if employer.contact_name:
        lines.append(f"Ask for: {employer.contact_name}")
    if employer.phone:
        lines.append(f"Telephone: {employer.phone}")
    return lines
