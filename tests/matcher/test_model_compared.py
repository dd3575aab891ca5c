"""What `p2a model compare` and a reweighed model's card say of weights, and of what is unknown."""

import asyncio

from services.matcher.sectors import SECTORS
from tests.matcher.scene import Scene
from tests.matcher.test_model_command import Command


def weighed_in_a_sector(command: Command) -> None:
    """Its card has a row a sector, and so has the comparison."""
    command.facts("reweigh", "pay@care=0.5", "pay@digital=3")
    card = command.text("card", "challenger")
    rows = [line.split(" | ")[1] for line in card.splitlines() if line.startswith("| Pay (")]
    assert rows == ["care", "digital"]
    assert "every sector" not in card

    compared = command.facts("compare", "active", "challenger")
    assert [(row["sector"], row["feature"]) for row in compared["sectors"]] == [
        ("digital", "pay"), ("care", "pay"),
    ]  # fmt: skip
    said = command.text("compare", "active", "challenger")
    assert "  care: Pay (pay) " in said
    assert "  Level too far up (level-above) " in said

    command.facts("reweigh", "pay=2")
    assert command.facts("compare", "active", "challenger")["sectors"] == []
    command.facts("reweigh", "pay=2", "pay@care=2")
    rows = command.facts("card", "challenger")["reweighed"]["moved"]
    assert [row["sector"] for row in rows] == [None, *SECTORS]


async def test_a_weight_of_one_sector_shows_on_the_card_and_in_the_comparison(
    three_of_five: Scene, database: str
) -> None:
    assert three_of_five
    await asyncio.to_thread(weighed_in_a_sector, Command(database))


def without_outcomes(command: Command) -> None:
    command.facts("reweigh", "distance=2")
    said = command.text("compare", "active", "challenger")
    assert (
        "  NDCG@5, MRR, P@3: not known yet, because no vacancy has had both a start and an "
        "interview without one.\n"
    ) in said
    assert "calibration error: not known yet, because no interview has an outcome." in said
    drift = command.text("drift")
    assert "Starts expected and seen: not known yet, because no interview has an outcome." in drift
    assert "Decisions against the ranking: not known yet, because none was taken." in drift


async def test_what_is_not_known_yet_is_said_with_the_reason(
    three_of_five: Scene, database: str
) -> None:
    assert three_of_five
    await asyncio.to_thread(without_outcomes, Command(database))
