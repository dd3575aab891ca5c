"""The clock of promises: each pledge is noted as lapsed once, on its day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.delivery.database import Sessions
from services.review import clock
from services.review.chain import Entry
from services.review.deciding import SERVICE
from services.review.figures import ledger
from services.review.pools import shares
from services.review.store import decisions, matches, vacancies


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapses:
    """Notes the pledges whose day has passed."""

    sessions: Sessions
    now: Callable[[], datetime]

    async def note(self) -> bool:
        """Note every pledge that is past its working day; False when there was none."""
        now = self.now()
        today = clock.today(now)
        async with self.sessions.begin() as session:
            await vacancies.forget_lapses(session, today)
            past = await vacancies.past_promise(session, today)
            ids = [
                vacancy.vacancy_id
                for vacancy in past
                if vacancy.profile and clock.deadline(vacancy.profile.interview_by) < today
            ]
            # the other members of joint pledges come with them
            locked = await vacancies.lock(session, ids)
            found = await matches.matches_of(session, locked)
            joint = shares(locked.values(), found, today=today)
            for vacancy_id in sorted(ids):
                share = joint.get(vacancy_id)
                own = ledger(locked[vacancy_id], found[vacancy_id], today=today, share=share)
                lapsed = {"lapsed_at": now, "lapsed_count": own.lapsed}
                await vacancies.change(session, vacancy_id, lapsed)
                if own.lapsed:
                    entry = Entry(
                        at=now,
                        account=SERVICE,
                        act="pledge-lapsed",
                        vacancy_id=vacancy_id,
                        shown={"promised": own.promised, "kept": own.kept, "lapsed": own.lapsed},
                    )
                    await decisions.append(session, [entry])
        return bool(ids)
