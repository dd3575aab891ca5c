"""The tables of review."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
create table review.vacancy (
    vacancy_id uuid primary key,
    version integer not null default 0,
    profile jsonb,
    profile_at timestamptz,
    profile_event uuid,
    pledged_at timestamptz,
    pledged_event uuid,
    closed_reason text,
    closed_at timestamptz,
    closed_event uuid,
    market text,
    round jsonb,
    shortlist_version integer not null default 0,
    proposed_at timestamptz,
    decided_at timestamptz,
    opened_at timestamptz,
    opened_by text,
    lapsed_at timestamptz,
    lapsed_count integer not null default 0,
    send_due timestamptz,
    send_by text
);
create index on review.vacancy (send_due) where send_due is not null;

create table review.match (
    match_id uuid primary key,
    vacancy_id uuid not null references review.vacancy,
    learner_id uuid not null,
    listed text not null default 'none' check (listed in ('place', 'reserve', 'none')),
    position integer,
    moved_to integer,
    waiting_since date,
    locked boolean not null default false,
    facts jsonb,
    facts_version integer not null default 0,
    decision text not null default 'proposed'
        check (decision in ('proposed', 'approved', 'held', 'rejected', 'lost', 'sent')),
    decided_at timestamptz,
    decided_by text,
    reason text,
    held_until date,
    approved_at timestamptz,
    sent_at timestamptz,
    employer text check (employer in ('accepted', 'declined')),
    employer_at timestamptz,
    employer_event uuid,
    employer_reason text,
    learner text check (learner in ('accepted', 'declined')),
    learner_at timestamptz,
    learner_event uuid,
    learner_reason text,
    interview text check (interview in ('booked', 'held', 'missed')),
    interview_at timestamptz,
    interview_event uuid,
    interview_reason text,
    starts_at timestamptz,
    booked_at timestamptz,
    booked_event uuid,
    outcome text,
    outcome_at timestamptz,
    outcome_event uuid,
    withdrawn_reason text,
    withdrawn_at timestamptz,
    withdrawn_event uuid
);
create index on review.match (vacancy_id);
create index on review.match (learner_id);

-- What each version of a shortlist looked like, so that a stale screen can be told what changed.
create table review.screen (
    vacancy_id uuid not null references review.vacancy,
    version integer not null,
    at timestamptz not null,
    account text,
    cause text not null,
    pledged integer not null,
    lines jsonb not null,
    primary key (vacancy_id, version)
);

create table review.decision (
    seq bigint generated always as identity primary key,
    stream text not null,
    at timestamptz not null,
    account text not null,
    act text not null,
    vacancy_id uuid,
    match_id uuid,
    learner_id uuid,
    reason text,
    shown jsonb not null,
    previous text not null,
    hash text not null,
    unique (stream, previous)
);
create index on review.decision (vacancy_id);

create function review.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'decisions are only ever added';
end
$$;
create trigger decisions_stay before update or delete or truncate on review.decision
    for each statement execute function review.refuse_change();

create table review.happening (
    event_id uuid primary key,
    at timestamptz not null,
    kind text not null,
    vacancy_id uuid not null,
    match_id uuid,
    learner_id uuid,
    words jsonb not null
);
create index on review.happening (vacancy_id);

create table review.letter (
    letter_id uuid primary key,
    vacancy_id uuid not null,
    learner_id uuid,
    template text not null,
    side text not null,
    state text not null check (state in ('sent', 'failed', 'bounced')),
    reason text,
    told_at timestamptz not null,
    told_event uuid not null,
    settled_at timestamptz,
    settled_by text
);
create index on review.letter (vacancy_id);
create index on review.letter (state) where state <> 'sent' and settled_at is null;

create table review.account (
    account text primary key,
    label text not null,
    seen_at timestamptz not null
);

create table review.web_session (
    id_hash text primary key,
    account text not null references review.account,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    revoked_at timestamptz
);

create table review.reveal (
    id_hash text not null references review.web_session,
    learner_id uuid not null,
    reason text not null,
    at timestamptz not null,
    primary key (id_hash, learner_id)
);
"""


def upgrade() -> None:
    op.execute(TABLES)
