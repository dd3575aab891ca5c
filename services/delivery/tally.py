"""What a relay has done since its start."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """
    Counts that only rise.

    ``sent`` rows recorded as sent, ``rebuilds`` producers made, ``looks`` comparisons with the
    ends of the broker's logs, ``heals`` rows sent again after it lost them, ``doubts`` rows sent
    again because an unfinished turn may hide such a loss, ``parked`` rows it will never take.
    """

    sent: int = 0
    rebuilds: int = 0
    looks: int = 0
    heals: int = 0
    doubts: int = 0
    parked: int = 0
