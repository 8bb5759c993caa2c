-- What did not agree, and what became of it; the runs that looked; and when books begin.

-- As its last step left it.
CREATE TABLE discrepancy (
    id           BLOB PRIMARY KEY, -- made of what it is about
    scope        INTEGER NOT NULL,
    code         TEXT NOT NULL,
    subject_kind TEXT NOT NULL,    -- an aggregate's kind, line, or none
    subject      BLOB,
    name         TEXT NOT NULL,    -- the provider's id of it
    currency     TEXT NOT NULL, -- empty: there are no amounts
    period_us    INTEGER NOT NULL, -- the days that a proof is of: their beginning; 0: it is of none
    period_to_us INTEGER NOT NULL, -- and their end
    ours_minor   INTEGER NOT NULL,
    theirs_minor INTEGER NOT NULL,
    since_us     INTEGER NOT NULL,
    text         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN
        ('open', 'acknowledged', 'explained', 'resolved', 'written_off', 'cleared')),
    owner        TEXT NOT NULL,    -- who acknowledged it
    raised_us    INTEGER NOT NULL,
    changed_us   INTEGER NOT NULL,
    first_run    INTEGER NOT NULL, -- of its scope
    last_run     INTEGER NOT NULL,
    step_count   INTEGER NOT NULL,
    alarm_step   INTEGER NOT NULL  -- the step that opened it, until people were called for it; 0: nobody is to be
) STRICT, WITHOUT ROWID;
CREATE INDEX discrepancy_going ON discrepancy (scope, id)
    WHERE state IN ('open', 'acknowledged', 'explained');
CREATE INDEX discrepancy_alarm ON discrepancy (scope, id) WHERE alarm_step <> 0 AND state = 'open';
CREATE INDEX discrepancy_subject ON discrepancy (subject) WHERE subject IS NOT NULL;

CREATE TABLE discrepancy_step (
    discrepancy  BLOB NOT NULL,
    number       INTEGER NOT NULL, -- 1, 2, 3... without gaps
    deed         TEXT NOT NULL,
    state        TEXT NOT NULL,    -- after it
    at_us        INTEGER NOT NULL,
    run          INTEGER,          -- that did it
    who          TEXT NOT NULL,    -- or the person
    reason       TEXT,
    note         TEXT NOT NULL,
    incident     TEXT NOT NULL,
    account      TEXT NOT NULL,    -- where a person wants its amount; empty: nowhere
    wanted_minor INTEGER NOT NULL, -- the amount that people decide over, without a sign
    ours_minor   INTEGER NOT NULL, -- as it stood then
    theirs_minor INTEGER NOT NULL,
    text         TEXT NOT NULL,
    entry        INTEGER,          -- of the journal, that it posted
    PRIMARY KEY (discrepancy, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX discrepancy_step_run ON discrepancy_step (run) WHERE run IS NOT NULL;

CREATE TABLE reconcile_run (
    scope       INTEGER NOT NULL,
    number      INTEGER NOT NULL, -- 1, 2, 3... without gaps
    from_us     INTEGER NOT NULL,
    to_us       INTEGER NOT NULL, -- the moment before which its days end
    as_of_us    INTEGER NOT NULL,
    started_us  INTEGER NOT NULL,
    finished_us INTEGER,          -- NULL: under way, or interrupted
    found       INTEGER NOT NULL,
    raised      INTEGER NOT NULL,
    cleared     INTEGER NOT NULL,
    open        INTEGER NOT NULL,
    agreed      INTEGER NOT NULL,
    PRIMARY KEY (scope, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX reconcile_run_agreed ON reconcile_run (scope, as_of_us) WHERE agreed = 1;

-- One node at a time reconciles a scope.
CREATE TABLE reconcile_lease (
    scope    INTEGER PRIMARY KEY,
    holder   INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    who      TEXT NOT NULL
) STRICT;

-- Events of which two bodies came over one channel in one version: what stands in the inbox of them, first and second.
CREATE TABLE inbox_twice (
    scope      INTEGER NOT NULL,
    event_id   TEXT NOT NULL,
    first_seq  INTEGER NOT NULL,
    second_seq INTEGER NOT NULL,
    PRIMARY KEY (scope, event_id, first_seq, second_seq)
) STRICT, WITHOUT ROWID;
-- How far the inbox was looked through for them. Numbers up to next_seq were given at next_us; where they are committed in
-- another order than they are given, those up to seq only are behind us for good.
CREATE TABLE inbox_looked (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    seq      INTEGER NOT NULL,
    next_seq INTEGER NOT NULL,
    next_us  INTEGER NOT NULL
) STRICT;
INSERT INTO inbox_looked (id, seq, next_seq, next_us) VALUES (1, 0, 0, 0);

-- What is older than that is before the books.
CREATE TABLE books_start (
    scope      INTEGER PRIMARY KEY,
    start_us   INTEGER NOT NULL,
    decided_us INTEGER NOT NULL,
    who        TEXT NOT NULL
) STRICT;
-- When what the provider held then was posted: once.
CREATE TABLE books_opened (
    scope     INTEGER PRIMARY KEY,
    opened_us INTEGER NOT NULL
) STRICT;

CREATE TRIGGER discrepancy_is_kept BEFORE DELETE ON discrepancy
BEGIN SELECT RAISE(ABORT, 'a discrepancy is never taken away'); END;
CREATE TRIGGER discrepancy_stays BEFORE UPDATE OF id, scope, code, subject_kind, subject, currency, period_us, period_to_us, raised_us ON discrepancy
BEGIN SELECT RAISE(ABORT, 'what a discrepancy is about never changes'); END;
CREATE TRIGGER discrepancy_step_stays BEFORE UPDATE ON discrepancy_step
BEGIN SELECT RAISE(ABORT, 'what became of it stays written: take another step'); END;
CREATE TRIGGER discrepancy_step_is_kept BEFORE DELETE ON discrepancy_step
BEGIN SELECT RAISE(ABORT, 'what became of it stays written: take another step'); END;
CREATE TRIGGER reconcile_run_is_kept BEFORE DELETE ON reconcile_run
BEGIN SELECT RAISE(ABORT, 'a run of reconciliation is never taken away'); END;
CREATE TRIGGER books_start_stays BEFORE UPDATE ON books_start
BEGIN SELECT RAISE(ABORT, 'books begin once'); END;
CREATE TRIGGER books_start_is_kept BEFORE DELETE ON books_start
BEGIN SELECT RAISE(ABORT, 'books begin once'); END;

INSERT INTO id_prefix (kind, prefix) VALUES ('discrepancy', 'cf_dcp_');

CREATE VIEW discrepancy_view AS
SELECT
    'cf_dcp_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    r.code,
    r.state,
    CASE r.subject_kind WHEN 'line' THEN 'cf_lin_' ELSE p.prefix END || lower(nullif(hex(r.subject), '')) AS subject_id,
    r.name,
    CASE WHEN r.ours_minor < 0 THEN '-' ELSE '' END || ltrim(r.ours_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.ours_minor % coalesce(u.unit, 100)), 2) END AS ours,
    CASE WHEN r.theirs_minor < 0 THEN '-' ELSE '' END || ltrim(r.theirs_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.theirs_minor % coalesce(u.unit, 100)), 2) END AS theirs,
    r.currency,
    strftime('%Y-%m-%dT%H:%M:%S',
        (nullif(r.period_us, 0) - (nullif(r.period_us, 0) % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE nullif(r.period_us, 0) % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (nullif(r.period_us, 0) % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS period,
    strftime('%Y-%m-%dT%H:%M:%S',
        (nullif(r.period_to_us, 0) - (nullif(r.period_to_us, 0) % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE nullif(r.period_to_us, 0) % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (nullif(r.period_to_us, 0) % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS period_to,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.since_us - (r.since_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.since_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.since_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS since,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.raised_us - (r.raised_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.raised_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.raised_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS raised_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.changed_us - (r.changed_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.changed_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.changed_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS changed_at,
    r.first_run,
    r.last_run,
    r.step_count,
    r.owner,
    r.text
FROM discrepancy r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency
LEFT JOIN id_prefix p ON p.kind = r.subject_kind;

CREATE VIEW discrepancy_step_view AS
SELECT
    'cf_dcp_' || lower(nullif(hex(r.discrepancy), '')) AS discrepancy_id,
    d.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    r.number,
    r.deed,
    r.state,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.at_us - (r.at_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.at_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.at_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS at,
    r.run,
    r.who,
    r.reason,
    r.note,
    r.incident,
    r.account AS to_account,
    CASE WHEN r.wanted_minor < 0 THEN '-' ELSE '' END || ltrim(r.wanted_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.wanted_minor % coalesce(u.unit, 100)), 2) END AS wanted,
    CASE WHEN r.ours_minor < 0 THEN '-' ELSE '' END || ltrim(r.ours_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.ours_minor % coalesce(u.unit, 100)), 2) END AS ours,
    CASE WHEN r.theirs_minor < 0 THEN '-' ELSE '' END || ltrim(r.theirs_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.theirs_minor % coalesce(u.unit, 100)), 2) END AS theirs,
    d.currency,
    r.text,
    r.entry
FROM discrepancy_step r
JOIN discrepancy d ON d.id = r.discrepancy
JOIN scope s ON s.scope = d.scope
LEFT JOIN currency_unit u ON u.currency = d.currency;

CREATE VIEW reconcile_run_view AS
SELECT
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    r.number,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.from_us - (r.from_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.from_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.from_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS from_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.to_us - (r.to_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.to_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.to_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS to_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.as_of_us - (r.as_of_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.as_of_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.as_of_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS as_of,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.started_us - (r.started_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.started_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.started_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS started_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.finished_us - (r.finished_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.finished_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.finished_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS finished_at,
    r.found,
    r.raised,
    r.cleared,
    r.open,
    r.agreed
FROM reconcile_run r
JOIN scope s ON s.scope = r.scope;
