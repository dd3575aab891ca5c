"""Joint pledges whose members state different numbers of interviews: a task about each member."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import store, taskstore
from services.intake.judging import JOINT_DIFFERS
from services.intake.tables import VacancyRow
from services.intake.taskstore import Need


async def settle(session: AsyncSession, keys: Collection[str], changed: Collection[UUID]) -> None:
    """Leave the tasks that the joint pledges *keys* need; *changed* may have left one of them."""
    members = await store.joint_members(session, keys)
    about = {row.vacancy_id for row in members} | set(changed)
    await taskstore.settle(session, _needs(members), kinds=[JOINT_DIFFERS], about=sorted(about))


def joint_pledge(row: VacancyRow) -> str | None:
    """The joint pledge others know the vacancy to be a member of."""
    key: str | None = (row.posted.get("profile") or {}).get("joint_pledge")
    return key


def _needs(members: Iterable[VacancyRow]) -> list[Need]:
    by_key: dict[str | None, list[VacancyRow]] = defaultdict(list)
    for row in members:
        by_key[joint_pledge(row)].append(row)
    needs = []
    for key, rows in sorted(by_key.items(), key=str):
        stated = sorted({row.posted["profile"]["interviews"] for row in rows})
        if len(stated) > 1:
            counts = ", ".join(map(str, stated))
            words = (
                f"the members of joint pledge {key} state {counts} interviews: "
                "the smallest number counts until they agree"
            )
            needs += [Need(JOINT_DIFFERS, row.vacancy_id, words) for row in rows]
    return needs
