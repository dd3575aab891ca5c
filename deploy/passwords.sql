-- For psql: gives each role the password in its variable.
\set ON_ERROR_STOP on
\getenv intake P2A_INTAKE_PASSWORD
\getenv matcher P2A_MATCHER_PASSWORD
\getenv review P2A_REVIEW_PASSWORD
\getenv notifier P2A_NOTIFIER_PASSWORD
\getenv audit P2A_AUDIT_PASSWORD
-- the statement, and so the password, stays out of the server's log
set log_statement = 'none';
set log_min_error_statement = 'panic';
alter role p2a_intake password :'intake';
alter role p2a_matcher password :'matcher';
alter role p2a_review password :'review';
alter role p2a_notifier password :'notifier';
alter role p2a_audit password :'audit';
