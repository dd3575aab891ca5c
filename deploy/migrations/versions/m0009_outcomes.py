"""What the matcher learns from, and the models and rules that rounds used."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# The pair as it was when letters left (shown), what came of it (outcome), and what people decided
# (judged): groups of facts like the others, the newest wins.
STATEMENTS = (
    """
    alter table matcher.match
        add measures jsonb, add score integer, add rank integer, add model_version text,
        add route integer, add employer_key uuid,
        add shown_at timestamptz, add shown_id uuid,
        add outcome text, add outcome_at timestamptz, add outcome_id uuid,
        add judged text, add judged_at timestamptz, add judged_id uuid
    """,
    """
    create table matcher.model (
        version text primary key,
        body text not null,
        card jsonb,
        state text not null default 'kept'
            check (state in ('kept', 'challenger', 'active', 'retired')),
        saved_at timestamptz not null default clock_timestamp(),
        activated_at timestamptz,
        activated_by text
    )
    """,
    # one of each at most
    "create unique index on matcher.model (state) where state in ('active', 'challenger')",
    """
    create table matcher.ruleset (
        version text primary key,
        body text not null,
        saved_at timestamptz not null default clock_timestamp()
    )
    """,
    """
    create table matcher.shadow (
        round_id uuid,
        market text not null,
        at timestamptz not null default clock_timestamp(),
        model_version text not null,
        challenger_version text not null,
        figures jsonb not null,
        primary key (round_id, challenger_version)
    )
    """,
    "create index on matcher.shadow (challenger_version, at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
