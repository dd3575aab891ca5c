"""Every service's schema with its inbox and outbox."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICES = ("intake", "matcher", "review", "notifier")


def upgrade() -> None:
    op.execute("create schema contacts")
    op.execute("create schema delivery")
    # dead letters stay in their topics; this says which of them somebody has dealt with
    op.execute(
        """
        create table delivery.settled (
            topic text not null,
            consumer text not null,
            partition integer not null,
            "offset" bigint not null,
            how text not null,
            at timestamptz not null default now(),
            primary key (topic, consumer, partition, "offset")
        )
        """
    )
    for service in SERVICES:
        op.execute(f"create schema {service}")
        op.execute(
            f"""
            create table {service}.inbox (
                consumer text not null,
                source text not null,
                id text not null,
                taken_at timestamptz not null default now(),
                primary key (consumer, source, id)
            )
            """
        )
        op.execute(
            f"""
            create table {service}.outbox (
                id uuid primary key,
                aggregatetype text not null,
                aggregateid text not null,
                type text not null,
                payload bytea not null,
                seq bigint generated always as identity unique,
                headers jsonb not null,
                due_at timestamptz not null default now(),
                published_at timestamptz,
                partition integer,
                "offset" bigint,
                parked text
            )
            """
        )
        op.execute(
            f"create index on {service}.outbox (seq) where published_at is null and parked is null"
        )
        op.execute(
            f"""
            create index on {service}.outbox (aggregatetype, aggregateid, seq)
             where parked is not null
            """
        )
        op.execute(f'create index on {service}.outbox (aggregatetype, partition, "offset")')
        # how far each log may ever have gone, and the rows of the last turn: written before it
        # is sent
        op.execute(
            f"""
            create table {service}.outbox_marks (
                topic text not null,
                partition integer not null,
                "offset" bigint not null,
                turn integer not null,
                primary key (topic, partition)
            )
            """
        )
        # wakes the relay when the posting transaction commits
        op.execute(
            f"""
            create function {service}.outbox_posted() returns trigger language plpgsql as $$
            begin
                perform pg_notify('p2a_outbox_{service}', '');
                return null;
            end $$
            """
        )
        op.execute(
            f"""
            create trigger posted after insert on {service}.outbox
            for each statement execute function {service}.outbox_posted()
            """
        )
