-- A role a service: its own schema, contacts as far as its work needs them, and nothing else.
-- And one for `p2a audit`, which reads what it judges by and can change nothing.
-- Run as the owner of the tables, after every `p2a migrate`; running it again changes nothing.
-- Passwords are set apart from this, by passwords.sql.

do $$
declare
    service text;
    role_name text;
begin
    foreach service in array array['intake', 'matcher', 'review', 'notifier'] loop
        role_name := 'p2a_' || service;
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login', role_name);
        end if;
        execute format('grant usage on schema %I to %I', service, role_name);
        execute format(
            'grant select, insert, update, delete on all tables in schema %I to %I', service, role_name
        );
        -- readiness asks whether the migrations are at head
        execute format('grant select on public.alembic_version to %I', role_name);
    end loop;
end
$$;

-- The matcher is left out on purpose: what scores people cannot read who they are.
grant usage on schema contacts to p2a_intake, p2a_notifier, p2a_review;

-- intake writes and erases, but cannot touch the record of who read what.
grant select, insert, update, delete
on contacts.person, contacts.employer, contacts.term, contacts.erasure
to p2a_intake;

-- The others read, and leave a row about it that they cannot take back. Only review searches.
grant select on contacts.person, contacts.employer to p2a_notifier, p2a_review;
grant select on contacts.term to p2a_review;
grant select, insert on contacts.reading to p2a_notifier, p2a_review;

-- The audit: where events are, and what was made of them. Nothing of contacts.
do $$
begin
    if not exists (select from pg_roles where rolname = 'p2a_audit') then
        create role p2a_audit login;
    end if;
end
$$;
alter role p2a_audit set default_transaction_read_only = on;
grant usage on schema delivery, intake, matcher, review, notifier to p2a_audit;
grant select on delivery.settled to p2a_audit;
grant select on intake.outbox, matcher.outbox, review.outbox, notifier.outbox to p2a_audit;
grant select on intake.inbox, matcher.inbox, review.inbox, notifier.inbox to p2a_audit;
grant select on
matcher.learner, matcher.vacancy, matcher.match, matcher.market, matcher.round, matcher.shortlist
to p2a_audit;
grant select on review.vacancy, review.match, review.screen, review.letter to p2a_audit;
grant select on notifier.letter, notifier.queue to p2a_audit;
