"""The tables of contacts."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table contacts.person (
            learner_id uuid primary key,
            as_of timestamptz not null,
            sealed bytea not null
        )
        """
    )
    op.execute(
        """
        create table contacts.employer (
            employer_id uuid primary key,
            as_of timestamptz not null,
            sealed bytea not null
        )
        """
    )
    op.execute(
        """
        create table contacts.term (
            digest bytea not null,
            learner_id uuid not null references contacts.person on delete cascade,
            primary key (digest, learner_id)
        )
        """
    )
    op.execute("create index on contacts.term (learner_id)")
    op.execute(
        """
        create table contacts.reading (
            reading_id bigint generated always as identity primary key,
            read_at timestamptz not null default clock_timestamp(),
            account text not null,
            reason text not null,
            kind text not null,
            ids uuid[] not null
        )
        """
    )
    op.execute("create index on contacts.reading using gin (ids)")
    op.execute(
        """
        create table contacts.erasure (
            learner_id uuid primary key,
            erased_at timestamptz not null default clock_timestamp()
        )
        """
    )
