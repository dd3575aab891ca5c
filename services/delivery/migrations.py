"""Bringing a database to the newest tables, and telling whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

SCRIPTS = Path(__file__).parents[2] / "deploy" / "migrations"


def migrate(url: str) -> None:
    """Run every migration the database at *url* has not had."""
    command.upgrade(_config(url), "head")


def newest() -> str | None:
    """The revision a database must be at."""
    return ScriptDirectory.from_config(_config("")).get_current_head()


async def at_head(session: AsyncSession) -> bool:
    """Whether the session's database has had every migration."""
    found = await session.scalar(text("select version_num from public.alembic_version"))
    return bool(found == newest())


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.cmd_opts = None
    config.attributes["url"] = url
    return config
