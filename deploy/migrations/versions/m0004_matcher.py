"""The tables of matcher: facts as they are known, and the rounds computed from them."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Each group of facts has its own (time of the fact, event): the newest wins, whatever comes first.
TABLES = """
create table matcher.market (
    market text primary key,
    revision bigint not null default 0,
    reload_from bigint not null default 0,
    changed_at timestamptz not null default clock_timestamp(),
    changed_since timestamptz not null default clock_timestamp(),
    round_id uuid,
    round_revision bigint not null default 0,
    round_on date,
    lease uuid,
    leased_until timestamptz,
    backend integer,
    backend_start timestamptz
);
create table matcher.learner (
    learner_id uuid primary key,
    market text,
    revision bigint not null default 0,
    profile jsonb, profile_at timestamptz, profile_id uuid,
    enrolment_at timestamptz, enrolment_id uuid,
    completed_on date, completion_at timestamptz, completion_id uuid,
    paused boolean, paused_until date, pause_at timestamptz, pause_id uuid,
    withdrawal_at timestamptz, withdrawal_id uuid,
    erased boolean not null default false
);
create index on matcher.learner (market, revision);
create table matcher.vacancy (
    vacancy_id uuid primary key,
    market text,
    revision bigint not null default 0,
    profile jsonb, profile_at timestamptz, profile_id uuid,
    pledge_at timestamptz, pledge_id uuid,
    closed text, closure_at timestamptz, closure_id uuid
);
create index on matcher.vacancy (market, revision);
create table matcher.match (
    match_id uuid primary key,
    vacancy_id uuid,
    learner_id uuid,
    revision bigint not null default 0,
    decision text, held_until date, decision_at timestamptz, decision_id uuid,
    position integer, place_at timestamptz, place_id uuid,
    employer text, employer_at timestamptz, employer_id uuid,
    answer text, answer_at timestamptz, answer_id uuid,
    interview text, booked_on date, interview_at timestamptz, interview_id uuid,
    withdrawn_at timestamptz
);
create index on matcher.match (vacancy_id);
create index on matcher.match (learner_id);
create table matcher.round (
    round_id uuid primary key,
    market text not null,
    revision bigint not null,
    at timestamptz not null,
    today date not null,
    rules_version text not null,
    model_version text not null,
    model_note text not null,
    inputs_digest text not null,
    outcome_digest text not null,
    proposed integer not null,
    counts jsonb not null,
    inputs bytea
);
alter table matcher.round alter column inputs set storage external;
create index on matcher.round (market, at);
create table matcher.shortlist (
    vacancy_id uuid primary key,
    version integer not null,
    round_id uuid not null,
    digest text not null,
    placed uuid[] not null
);
"""


def upgrade() -> None:
    for statement in TABLES.split(";"):
        if statement.strip():
            op.execute(statement)
