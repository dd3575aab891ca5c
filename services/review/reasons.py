"""The short lists of reasons a coordinator chooses from; the keys go into events."""

from collections.abc import Mapping
from types import MappingProxyType

HOLDING: Mapping[str, str] = MappingProxyType(
    {
        "awaiting-employer": "Waiting to hear something from the employer",
        "awaiting-learner": "Waiting to hear something from the learner",
        "awaiting-provider": "Waiting to hear something from the provider",
        "second-opinion": "I want a colleague's view",
        "other-vacancy-first": "Another vacancy should come first for this learner",
    }
)
REJECTING: Mapping[str, str] = MappingProxyType(
    {
        "learner-asked": "The learner asked not to be put forward",
        "journey-not-workable": "The journey cannot work",
        "hours-not-workable": "The hours cannot work",
        "need-not-met": "An essential need of the vacancy is not met",
        "placed-elsewhere": "The learner has found a place elsewhere",
        "unreachable": "The learner cannot be reached",
        "record-wrong": "The record is wrong",
    }
)
MOVING: Mapping[str, str] = MappingProxyType(
    {
        "employer-need": "Fits something the employer told us",
        "evidence-not-scored": "Evidence that the order does not know of",
        "learner-preference": "The learner's own preference",
        "waited-longer": "Has waited longer than the order shows",
        "mistake": "I moved it by mistake",
    }
)
REVEALING: Mapping[str, str] = MappingProxyType(
    {
        "ring-learner": "To ring the learner",
        "ring-provider": "To speak with the provider",
        "adjustments": "To agree adjustments for the interview",
        "check-record": "To check the record",
        "complaint": "To answer a question or complaint",
    }
)
SETTLING: Mapping[str, str] = MappingProxyType(
    {
        "rang": "I rang them",
        "corrected": "The address is corrected at its source",
        "not-needed": "The letter is no longer needed",
    }
)
# what intake wants looked at
CHECKING: Mapping[str, str] = MappingProxyType(
    {
        "discriminatory-words": "Words in an advert that may discriminate",
        "wage-legal-only": "A wage that is lawful but below the rate promised",
        "wage-cannot-tell": "A wage that cannot be judged",
        "foundation-apprenticeship": "A foundation apprenticeship",
        "missing-from-return": "A learner is missing from the provider's return",
        "joint-pledge-differs": "Employers of a joint pledge state different numbers",
        "same-person": "Two records that may be one person",
    }
)
# what may be decided on each kind: a held vacancy can be let through
PASSABLE = frozenset(
    {
        "discriminatory-words",
        "wage-legal-only",
        "wage-cannot-tell",
        "foundation-apprenticeship",
    }
)
UNDONE = "undone"
PLEDGE_SHRUNK = "pledge-shrunk"
VACANCY_CLOSED = "vacancy-closed"
# reasons that come from the other services or from our own acts
OTHERS: Mapping[str, str] = MappingProxyType(
    {
        UNDONE: "Taken back",
        PLEDGE_SHRUNK: "The employer now pledges fewer interviews",
        "learner-erased": "The learner's record was erased",
        VACANCY_CLOSED: "The vacancy closed",
        "learner-withdrawn": "The learner left the scheme",
        "completion-revoked": "The provider took the completion back",
        "learner-paused": "The learner is on a break",
    }
)
WORDS: Mapping[str, str] = MappingProxyType(
    {**HOLDING, **REJECTING, **MOVING, **REVEALING, **SETTLING, **CHECKING, **OTHERS}
)


def in_words(reason: str | None) -> str:
    """What *reason* means; one we do not know is shown as it is, its dashes as spaces."""
    if not reason:
        return ""
    return WORDS.get(reason) or reason.replace("-", " ").capitalize()
