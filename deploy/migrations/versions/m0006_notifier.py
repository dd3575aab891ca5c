"""The tables of notifier."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = (
    """
    create table notifier.vacancy (
        vacancy_id uuid primary key
    )
    """,
    """
    create table notifier.shortlist (
        shortlist_id uuid primary key,
        vacancy_id uuid not null references notifier.vacancy,
        sent_at timestamptz not null,
        event bytea not null
    )
    """,
    "create index on notifier.shortlist (vacancy_id, sent_at)",
    """
    create table notifier.match (
        match_id uuid primary key,
        vacancy_id uuid not null references notifier.vacancy,
        learner_id uuid not null,
        number integer,
        shortlist_id uuid references notifier.shortlist,
        sent_at timestamptz,
        withdrawn_at timestamptz,
        withdrawn_for text,
        employer text check (employer in ('yes', 'no')),
        slots timestamptz[] not null default '{}',
        employer_reason text,
        may_share boolean not null default false,
        learner text check (learner in ('yes', 'no')),
        slot timestamptz,
        learner_reason text,
        booked_for timestamptz,
        sequence integer not null default -1,
        happened text check (happened in ('held', 'missed')),
        missed_reason text,
        outcome text,
        changes integer not null default 0,
        changed_at timestamptz,
        unique (vacancy_id, number)
    )
    """,
    """
    create table notifier.letter (
        letter_id uuid primary key,
        cause uuid not null,
        recipient uuid not null,
        template text not null,
        side text not null check (side in ('employer', 'learner')),
        vacancy_id uuid not null references notifier.vacancy,
        shortlist_id uuid not null references notifier.shortlist,
        match_id uuid references notifier.match,
        state text not null
            check (state in ('pending', 'sending', 'sent', 'failed', 'unknown', 'dropped')),
        due_at timestamptz not null,
        attempts integer not null default 0,
        fence integer not null default 0,
        lease_until timestamptz,
        reason text,
        about jsonb not null,
        written_at timestamptz not null,
        unique (cause, recipient, template),
        check ((state = 'sending') = (lease_until is not null))
    )
    """,
    "create index on notifier.match (learner_id)",
    "create index on notifier.letter (due_at) where state = 'pending'",
    "create index on notifier.letter (lease_until) where state = 'sending'",
    "create index on notifier.letter (shortlist_id)",
    """
    create table notifier.link (
        token_hash bytea primary key,
        letter_id uuid not null references notifier.letter,
        purpose text not null check (purpose in ('employer', 'learner')),
        subject uuid not null,
        expires_at timestamptz not null,
        revoked_at timestamptz
    )
    """,
    """
    create table notifier.queue (
        "only" boolean primary key default true check ("only"),
        stopped_at timestamptz,
        reason text
    )
    """,
    "insert into notifier.queue default values",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
