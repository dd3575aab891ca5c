"""What the places of a standing allocation are worth, exactly, over all eligible pairs."""

from dataclasses import dataclass

import numpy as np

from services.matcher.market import Prices
from services.matcher.residual import Residual
from services.matcher.ways import FAR, Ways


@dataclass(slots=True, kw_only=True)
class Worth:
    """What a proven allocation's places are worth, kept up to date by the arcs that changed."""

    residual: Residual
    _ways: tuple[Ways, Ways] | None = None
    _since: int = 0

    def prices(self, step: int) -> Prices:
        """The prices as the arcs are now, int64 [pledges] and [learners]; see `Prices`."""
        from_outside, to_outside = (each.costs for each in self._brought_up())
        residual = self.residual
        gain_claims = np.full(len(residual.used), FAR, dtype=np.int64)
        loss_claims = gain_claims.copy()
        turns = residual.used + (residual.held >= 0).sum(axis=1)
        free = np.flatnonzero((turns < residual.worth.shape[1]) & ~residual.away)
        gain_claims[free] = loss_claims[free] = -residual.worth[free, turns[free]]
        learners, places = np.nonzero(residual.held >= 0)
        at = residual.held[learners, places]
        here = residual.values[learners, at].astype(np.int64)
        np.minimum.at(gain_claims, learners, from_outside[at] + here)
        np.minimum.at(loss_claims, learners, here - to_outside[at])
        return Prices(
            gains=np.maximum(-from_outside[:-1], 0),
            gain_claims=gain_claims,
            losses=to_outside[:-1],
            loss_claims=loss_claims,
            step=step,
            passes=0,
        )

    def _brought_up(self) -> tuple[Ways, Ways]:
        """The shortest ways from the outside, and those back to it."""
        if self._ways is None:
            self._ways = Ways(residual=self.residual), Ways(residual=self.residual, back=True)
        else:
            drawn = self.residual.drawn_since(self._since)
            for ways in self._ways:
                ways.bring_up(*drawn)
        self._since = self.residual.next_moment()
        return self._ways
