"""The words of the model card that are the same in every card, and its first paragraph."""

from collections.abc import Mapping

from services.matcher.fitting import LEAST_KIND, LEAST_LATER, Fit

PURPOSE = (
    "It estimates how likely an interview is to lead to a start. The matcher uses that to send "
    "completers to the interviews that suit them best, and gives a reason for every place."
)
NOT_FOR = (
    (
        "It does not decide who gets an interview: as many completers as possible get one, the "
        "longest-waiting first, whatever the score. The score decides where."
    ),
    "It removes nobody: every approval and every rejection is a coordinator's.",
    (
        "It says nothing about a person's worth or ability. Use it for nothing but the order of "
        "matches in this scheme."
    ),
)
LIMITS = (
    "It learns only from interviews that took place, and nothing from who never had one.",
    (
        "Employers also choose by things that nobody records, such as how somebody comes across. "
        "That may bend the weights. Giving some interviews by chance would show by how much; this "
        "scheme does not do that."
    ),
    "Sectors with few interviews of their own lean on what experts expect and on other sectors.",
    (
        "Distance may stand in for where people can afford to live. Keep an eye on its weight, and "
        "on the rates by group."
    ),
)
FAIRNESS = (
    "This card cannot say whether groups of people do equally well: the matcher does not know who "
    "belongs to which. `p2a whatif --groups` compares how many of each group get an interview, "
    "from a file of monitoring answers that stays where the command runs. A rate below 0.8 of the "
    "highest is for a person to look at."
)

# features as people call them
LABELS: Mapping[str, str] = {
    "skills-met": "Skills shown",
    "course-route": "Course for this kind of work",
    "interest": "Interest named",
    "level-above": "Level too far up",
    "level-below": "Level below the one reached",
    "distance": "Distance",
    "reach": "Journey near the learner's limit",
    "start-gap": "Wait for the start",
    "hours-gap": "Hours not asked for",
    "pay": "Pay",
    "positions": "Positions open",
}
# what one step of a feature is
UNITS: Mapping[str, str] = {
    "skills-met": "all skills asked for, instead of none",
    "course-route": "a course for this kind of work, instead of another",
    "interest": "this kind of work among the interests, instead of not",
    "level-above": "each level beyond one step up",
    "level-below": "each level under the one reached",
    "distance": "each 10 miles",
    "reach": "a journey as far as the learner can travel, instead of next door",
    "start-gap": "each month between being free and starting",
    "hours-gap": "each 10 hours a week outside those asked for",
    "pay": "each £1 an hour more",
    "positions": "a position for everybody interviewed, instead of next to none",
}


def named(feature: str) -> str:
    """A feature as people call it, and its key."""
    return f"{LABELS[feature]} ({feature})" if feature in LABELS else feature


def summary(fit: Fit) -> str:
    """What the model rests on, and whether it learnt anything, for whom figures tire."""
    model, count = fit.model, len(fit.lessons)
    experts = f"what experts expect, which counts as much as {model.expert_weight:g} interviews"
    if not count:
        return (
            "It has learnt nothing yet, because no interview has an outcome. The order is what "
            "experts expect."
        )
    known = f"{_interviews(count)} whose outcome is known"
    if model.fallback:
        return (
            f"It has learnt nothing from the {known}: {model.fallback}. So the order is what "
            "experts expect, as on the first day."
        )
    if model.calibration:
        later = model.calibration.outcomes
        aside = count - later - model.outcomes
        same = f", and {aside} earlier ones of the same learners left out," if aside else ""
        return (
            f"It has learnt from {model.outcomes} of the {known}, together with {experts}. The "
            f"{later} latest were held back{same} to check it on learners it did not know. It "
            "passed: the higher the score, the more often the interview led to a start."
        )
    return (
        f"It has learnt from the {known}, together with {experts}. That is too few to check "
        "whether its scores come true: the check takes the latest quarter of them, and needs "
        f"{LEAST_LATER} there, {LEAST_KIND} with a start and {LEAST_KIND} without at least."
    )


def _interviews(count: int) -> str:
    return f"{count} interview{'s' * (count != 1)}"
