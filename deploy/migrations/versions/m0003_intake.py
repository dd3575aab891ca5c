"""The tables of intake."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table intake.learner (
            learner_id uuid primary key,
            ukprn text not null,
            cells jsonb not null default '{}',
            posted jsonb not null default '{}',
            fact_at timestamptz,
            due_on date,
            uln_digest bytea,
            previous_id uuid,
            seen_year text,
            seen_at timestamptz,
            seen_by text
        )
        """
    )
    op.execute("create index on intake.learner (due_on) where due_on is not null")
    op.execute("create index on intake.learner (uln_digest) where uln_digest is not null")
    op.execute("create index on intake.learner (previous_id) where previous_id is not null")
    op.execute("create index on intake.learner (ukprn, seen_year)")
    op.execute(
        """
        create table intake.vacancy (
            vacancy_id uuid primary key,
            reference text,
            employer_id uuid,
            cells jsonb not null default '{}',
            posted jsonb not null default '{}',
            fact_at timestamptz,
            rule text,
            words text
        )
        """
    )
    op.execute("create index on intake.vacancy (employer_id)")
    op.execute(
        """
        create table intake.employer (
            employer_id uuid primary key,
            cells jsonb not null default '{}'
        )
        """
    )
    op.execute(
        """
        create table intake.provider_return (
            ukprn text not null,
            year text not null,
            at timestamptz not null,
            by text not null,
            primary key (ukprn, year)
        )
        """
    )
    op.execute(
        """
        create table intake.task (
            task_id uuid primary key,
            kind text not null,
            about uuid not null,
            other uuid,
            words text not null,
            raised_at timestamptz not null default clock_timestamp(),
            closed_at timestamptz,
            closed_by text
        )
        """
    )
    op.execute("create index on intake.task (about)")
    op.execute("create index on intake.task (other) where other is not null")
