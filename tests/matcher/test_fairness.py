"""Selection rates by group before and after a change, from a file that stays in the command."""

from pathlib import Path

import pytest

from services.cli.fairness import GroupsUnreadable, Rate, rates, read


def people(group: str, count: int) -> dict[str, str]:
    return {f"{group}-{n}": group for n in range(count)}


def found(groups: dict[str, str], before: set[str], after: set[str]) -> dict[str, Rate]:
    made = rates({"sex": groups}, list(groups), before, after)
    return {rate.group: rate for rate in made}


def some(group: str, count: int) -> set[str]:
    return set(list(people(group, 100))[:count])


def test_rates_and_their_ratio_to_the_highest_group() -> None:
    groups = people("f", 40) | people("m", 40)
    made = found(groups, some("f", 20) | some("m", 20), some("f", 12) | some("m", 24))
    assert (made["f"].before, made["f"].after) == (0.5, 0.3)
    assert (made["f"].ratio_before, made["f"].ratio_after) == (1.0, 0.5)
    assert (made["f"].flagged, made["m"].flagged) == (True, False)
    interval = made["f"].interval
    assert interval
    assert interval[0] < 0.5 < interval[1]


def test_a_small_group_is_hidden_and_a_second_with_it() -> None:
    groups = people("f", 40) | people("m", 30) | people("x", 3)
    made = found(groups, some("f", 20) | some("m", 15), some("f", 20) | some("m", 15))
    assert [made[name].people for name in ("f", "m", "x")] == [40, None, None]
    assert made["x"].before is made["m"].before is None


def test_few_selected_of_a_large_group_are_hidden_too() -> None:
    groups = people("f", 40) | people("m", 40)
    made = found(groups, some("f", 3) | some("m", 20), some("f", 20) | some("m", 20))
    assert made["f"].after is None


def test_too_few_for_a_ratio_says_so() -> None:
    groups = people("f", 12) | people("m", 40)
    made = found(groups, some("f", 6) | some("m", 20), some("f", 6) | some("m", 20))
    assert (made["f"].enough, made["f"].ratio_after, made["f"].after) == (False, None, 0.5)


def test_only_completers_count_and_unanswered_questions_do_not(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("learner_id,sex,ethnicity\nA,f,\nB,m,x\n")
    groups = read(file)
    assert groups == {"sex": {"a": "f", "b": "m"}, "ethnicity": {"b": "x"}}
    assert rates(groups, [], [], []) == []


@pytest.mark.parametrize("text", ["", "name,sex\nA,f\n", "learner_id\nA\n"])
def test_another_table_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "answers.csv"
    file.write_text(text)
    with pytest.raises(GroupsUnreadable, match="learner_id"):
        read(file)
    with pytest.raises(GroupsUnreadable):
        read(tmp_path / "nothing.csv")
