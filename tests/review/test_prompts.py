"""What a coordinator is to know or to ask stands beside a match, in plain words."""

from uuid import uuid4

from schemas.match import Prompt
from services.matcher.rules import EXCLUDED, ORDER
from services.review import labels
from tests.review import make
from tests.review.world import World

WORDS = "Conditional: maths level 2 is due on 10 January 2027, before the work starts"


async def test_a_prompt_is_on_the_shortlist_and_among_all_reasons(world: World) -> None:
    vacancy, learner = uuid4(), uuid4()
    pledge = make.pledged(vacancy)
    await world.employer(pledge.vacancy.employer_id)
    prompts = (Prompt(kind="conditional", words=WORDS),)
    line = make.match(vacancy, learner, 1).model_copy(update={"prompts": prompts})
    await world.take(pledge, make.proposed(vacancy, [learner], matches=(line,)))
    browser = await world.coordinator()

    page = await browser.get(f"/shortlists/{vacancy}")
    assert WORDS in page.words
    reasons = await browser.get(f"/shortlists/{vacancy}/matches/{line.match_id}")
    assert WORDS in reasons.words
    assert "None of this moved them up or down" in reasons.words


def test_every_rule_has_words_for_a_coordinator() -> None:
    assert {rule.id for rule in ORDER} | {EXCLUDED} <= labels.ABSENCES.keys()
