"""How long an event, or a broker, is waited for."""

from services.delivery.failures import Patience


def test_pauses_grow_to_the_longest_and_no_two_are_alike() -> None:
    """Half of each is chance, so that members that failed together do not come again together."""
    patience = Patience(first=0.1, longest=5.0)
    for attempt, whole in enumerate([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0], start=1):
        pauses = [patience.pause(attempt) for _ in range(50)]
        assert whole / 2 <= min(pauses) < max(pauses) <= whole
        assert len(set(pauses)) > 40


def test_the_thousandth_pause_is_still_the_longest() -> None:
    """An outage may last for days."""
    assert 2.5 <= Patience(longest=5.0).pause(100_000) <= 5.0
