-- What did not agree, and what became of it; the runs that looked; and when books begin.

-- As its last step left it.
CREATE TABLE discrepancy (
    id           BYTEA PRIMARY KEY, -- made of what it is about
    scope        BIGINT NOT NULL,
    code         TEXT COLLATE "C" NOT NULL,
    subject_kind TEXT NOT NULL,    -- an aggregate's kind, line, or none
    subject      BYTEA,
    name         TEXT NOT NULL,    -- the provider's id of it
    currency     TEXT COLLATE "C" NOT NULL, -- empty: there are no amounts
    period_us    BIGINT NOT NULL, -- the days that a proof is of: their beginning; 0: it is of none
    period_to_us BIGINT NOT NULL, -- and their end
    ours_minor   BIGINT NOT NULL,
    theirs_minor BIGINT NOT NULL,
    since_us     BIGINT NOT NULL,
    text         TEXT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN
        ('open', 'acknowledged', 'explained', 'resolved', 'written_off', 'cleared')),
    owner        TEXT NOT NULL,    -- who acknowledged it
    raised_us    BIGINT NOT NULL,
    changed_us   BIGINT NOT NULL,
    first_run    BIGINT NOT NULL, -- of its scope
    last_run     BIGINT NOT NULL,
    step_count   BIGINT NOT NULL,
    alarm_step   BIGINT NOT NULL  -- the step that opened it, until people were called for it; 0: nobody is to be
);
CREATE INDEX discrepancy_going ON discrepancy (scope, id)
    WHERE state IN ('open', 'acknowledged', 'explained');
CREATE INDEX discrepancy_alarm ON discrepancy (scope, id) WHERE alarm_step <> 0 AND state = 'open';
CREATE INDEX discrepancy_subject ON discrepancy (subject) WHERE subject IS NOT NULL;

CREATE TABLE discrepancy_step (
    discrepancy  BYTEA NOT NULL,
    number       BIGINT NOT NULL, -- 1, 2, 3... without gaps
    deed         TEXT NOT NULL,
    state        TEXT NOT NULL,    -- after it
    at_us        BIGINT NOT NULL,
    run          BIGINT,          -- that did it
    who          TEXT NOT NULL,    -- or the person
    reason       TEXT,
    note         TEXT NOT NULL,
    incident     TEXT NOT NULL,
    account      TEXT NOT NULL,    -- where a person wants its amount; empty: nowhere
    wanted_minor BIGINT NOT NULL, -- the amount that people decide over, without a sign
    ours_minor   BIGINT NOT NULL, -- as it stood then
    theirs_minor BIGINT NOT NULL,
    text         TEXT NOT NULL,
    entry        BIGINT,          -- of the journal, that it posted
    PRIMARY KEY (discrepancy, number)
);

CREATE INDEX discrepancy_step_run ON discrepancy_step (run) WHERE run IS NOT NULL;

CREATE TABLE reconcile_run (
    scope       BIGINT NOT NULL,
    number      BIGINT NOT NULL, -- 1, 2, 3... without gaps
    from_us     BIGINT NOT NULL,
    to_us       BIGINT NOT NULL, -- the moment before which its days end
    as_of_us    BIGINT NOT NULL,
    started_us  BIGINT NOT NULL,
    finished_us BIGINT,          -- NULL: under way, or interrupted
    found       BIGINT NOT NULL,
    raised      BIGINT NOT NULL,
    cleared     BIGINT NOT NULL,
    open        BIGINT NOT NULL,
    agreed      BIGINT NOT NULL,
    PRIMARY KEY (scope, number)
);
CREATE INDEX reconcile_run_agreed ON reconcile_run (scope, as_of_us) WHERE agreed = 1;

-- One node at a time reconciles a scope.
CREATE TABLE reconcile_lease (
    scope    BIGINT PRIMARY KEY,
    holder   BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    who      TEXT NOT NULL
);

-- Events of which two bodies came over one channel in one version: what stands in the inbox of them, first and second.
CREATE TABLE inbox_twice (
    scope      BIGINT NOT NULL,
    event_id   TEXT COLLATE "C" NOT NULL,
    first_seq  BIGINT NOT NULL,
    second_seq BIGINT NOT NULL,
    PRIMARY KEY (scope, event_id, first_seq, second_seq)
);
-- How far the inbox was looked through for them. Numbers up to next_seq were given at next_us; where they are committed in
-- another order than they are given, those up to seq only are behind us for good.
CREATE TABLE inbox_looked (
    id       BIGINT PRIMARY KEY CHECK (id = 1),
    seq      BIGINT NOT NULL,
    next_seq BIGINT NOT NULL,
    next_us  BIGINT NOT NULL
);
INSERT INTO inbox_looked (id, seq, next_seq, next_us) VALUES (1, 0, 0, 0);

-- What is older than that is before the books.
CREATE TABLE books_start (
    scope      BIGINT PRIMARY KEY,
    start_us   BIGINT NOT NULL,
    decided_us BIGINT NOT NULL,
    who        TEXT NOT NULL
);
-- When what the provider held then was posted: once.
CREATE TABLE books_opened (
    scope     BIGINT PRIMARY KEY,
    opened_us BIGINT NOT NULL
);

CREATE FUNCTION discrepancy_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what became of discrepancies, and when books begin, is never changed: take another step';
END
$$;
CREATE TRIGGER discrepancy_is_kept BEFORE DELETE OR TRUNCATE ON discrepancy
    EXECUTE FUNCTION discrepancy_is_kept();
CREATE TRIGGER discrepancy_stays
    BEFORE UPDATE OF id, scope, code, subject_kind, subject, currency, period_us, period_to_us, raised_us ON discrepancy
    EXECUTE FUNCTION discrepancy_is_kept();
CREATE TRIGGER discrepancy_step_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON discrepancy_step
    EXECUTE FUNCTION discrepancy_is_kept();
CREATE TRIGGER reconcile_run_is_kept BEFORE DELETE OR TRUNCATE ON reconcile_run
    EXECUTE FUNCTION discrepancy_is_kept();
CREATE TRIGGER books_start_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON books_start
    EXECUTE FUNCTION discrepancy_is_kept();

INSERT INTO id_prefix (kind, prefix) VALUES ('discrepancy', 'cf_dcp_');

CREATE VIEW discrepancy_view AS
SELECT
    'cf_dcp_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    r.code,
    r.state,
    CASE r.subject_kind WHEN 'line' THEN 'cf_lin_' ELSE p.prefix END || encode(r.subject, 'hex') AS subject_id,
    r.name,
    cf_amount(r.ours_minor, u.unit) AS ours,
    cf_amount(r.theirs_minor, u.unit) AS theirs,
    r.currency,
    cf_time(nullif(r.period_us, 0)) AS period,
    cf_time(nullif(r.period_to_us, 0)) AS period_to,
    cf_time(r.since_us) AS since,
    cf_time(r.raised_us) AS raised_at,
    cf_time(r.changed_us) AS changed_at,
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
    'cf_dcp_' || encode(r.discrepancy, 'hex') AS discrepancy_id,
    d.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    r.number,
    r.deed,
    r.state,
    cf_time(r.at_us) AS at,
    r.run,
    r.who,
    r.reason,
    r.note,
    r.incident,
    r.account AS to_account,
    cf_amount(r.wanted_minor, u.unit) AS wanted,
    cf_amount(r.ours_minor, u.unit) AS ours,
    cf_amount(r.theirs_minor, u.unit) AS theirs,
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
    cf_time(r.from_us) AS from_at,
    cf_time(r.to_us) AS to_at,
    cf_time(r.as_of_us) AS as_of,
    cf_time(r.started_us) AS started_at,
    cf_time(r.finished_us) AS finished_at,
    r.found,
    r.raised,
    r.cleared,
    r.open,
    r.agreed <> 0 AS agreed
FROM reconcile_run r
JOIN scope s ON s.scope = r.scope;
