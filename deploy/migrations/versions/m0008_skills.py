"""Versions of the skills intake knows, what coordinators ruled, and words nobody knows yet."""

from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    # a body is kept once: rulings make a version without a new one
    """
    create table intake.taxonomy (
        digest text primary key,
        body jsonb not null,
        kept_at timestamptz not null default clock_timestamp()
    )
    """,
    """
    create table intake.skill_version (
        number bigint generated always as identity primary key,
        version text not null,
        digest text not null references intake.taxonomy,
        why text not null,
        account text not null,
        made_at timestamptz not null default clock_timestamp()
    )
    """,
    """
    create table intake.skill_ruling (
        word text primary key,
        kind text not null check (kind in ('map', 'new', 'ignore')),
        skill text,
        label text,
        account text not null,
        ruled_at timestamptz not null default clock_timestamp()
    )
    """,
    # who says an unknown word; the queue is this, word by word
    """
    create table intake.skill_word (
        about uuid not null,
        word text not null,
        written text not null,
        source text not null check (source in ('learner', 'course', 'advert')),
        seen_at timestamptz not null default clock_timestamp(),
        primary key (about, word)
    )
    """,
    "create index on intake.skill_word (word)",
    # the version a row's skills were read with: rows below the newest are read again
    "alter table intake.learner add column mapped_by bigint not null default 0",
    "alter table intake.vacancy add column mapped_by bigint not null default 0",
    "create index on intake.learner (mapped_by, learner_id)",
    "create index on intake.vacancy (mapped_by, vacancy_id)",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
