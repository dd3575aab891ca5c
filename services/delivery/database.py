"""Sessions on PostgreSQL: one pool per service, each in its own schema."""

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]


def open_database(url: str, *, schema: str, pool_size: int = 5) -> Sessions:
    """
    Sessions whose unqualified tables live in *schema*.

    That is how one inbox and one outbox class serve every service. Connections are made when
    first used and checked before reuse, so a database that restarts is found again.
    """
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,  # errors would carry the values of a statement
        connect_args={"options": f"-c search_path={schema} -c timezone=UTC"},
    )
    return async_sessionmaker(engine, expire_on_commit=False)
