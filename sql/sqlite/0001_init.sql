-- Counterfoil, schema 1. Times are microseconds since the epoch, UTC; money is a count of minor units.
-- Primary (never rebuilt): scope, inbox_event, inbox_work, provider_ref, domain_event, feed_head, audit.
-- Derived (rebuilt from the inbox and compared): inbox_effect, inbox_total and one table for each aggregate; later
-- migrations add to both.
-- There are no foreign keys: what is referred to is never deleted, and every check would cost a look-up.

CREATE TABLE schema_migration (
    version    INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    checksum   TEXT NOT NULL, -- SHA-256 of the migration's text
    applied_us INTEGER NOT NULL
) STRICT;

CREATE TABLE scope (
    scope       INTEGER PRIMARY KEY,
    provider    TEXT NOT NULL,
    environment TEXT NOT NULL CHECK (environment IN ('live', 'test')),
    account_key TEXT NOT NULL,
    above       INTEGER, -- the scope of the account it is connected to, as of its first event; NULL: to none
    UNIQUE (provider, environment, account_key)
) STRICT;
CREATE INDEX scope_above ON scope (above, scope) WHERE above IS NOT NULL;

-- seq is the rowid: one more than the largest, and never used again, since no row is ever deleted.
CREATE TABLE inbox_event (
    seq            INTEGER PRIMARY KEY,
    scope          INTEGER NOT NULL,
    channel        TEXT NOT NULL,
    event_id       TEXT NOT NULL,
    type           TEXT NOT NULL,
    api_version    TEXT NOT NULL,
    live           INTEGER NOT NULL,
    subject        TEXT NOT NULL,
    occurred_at_us INTEGER NOT NULL, -- 0: unknown
    received_us    INTEGER NOT NULL,
    proof          TEXT NOT NULL,
    rendering      INTEGER NOT NULL, -- hash of api version and content
    body_sha256    BLOB NOT NULL,
    body           BLOB NOT NULL     -- last: the columns before it are read without it
) STRICT;
CREATE UNIQUE INDEX inbox_event_id ON inbox_event (event_id, scope, rendering);

-- due_at_us is NULL once the event is decided; until then it says when somebody shall look at it.
CREATE TABLE inbox_work (
    seq             INTEGER PRIMARY KEY,
    status          TEXT NOT NULL,
    reason          TEXT,
    attempts        INTEGER NOT NULL,
    crashes         INTEGER NOT NULL,
    due_at_us       INTEGER,
    claim_token     INTEGER,
    first_failed_us INTEGER,
    finished_us     INTEGER,
    error           TEXT,
    error_text      TEXT
) STRICT;
CREATE INDEX inbox_work_due ON inbox_work (due_at_us, seq, status) WHERE due_at_us IS NOT NULL;
CREATE INDEX inbox_work_dead ON inbox_work (seq) WHERE status = 'dead';

-- Decided events by outcome, so that nobody counts the inbox.
CREATE TABLE inbox_total (
    status TEXT NOT NULL,
    reason TEXT NOT NULL, -- '' but for recorded
    count  INTEGER NOT NULL,
    PRIMARY KEY (status, reason)
) STRICT, WITHOUT ROWID;

-- What each event did to each object, and when it was: the timeline, and the set that decides ties.
CREATE TABLE inbox_effect (
    object_id      BLOB NOT NULL,
    occurred_at_us INTEGER NOT NULL,
    seq            INTEGER NOT NULL,
    kind           TEXT NOT NULL,
    rank           INTEGER NOT NULL,
    effect         TEXT NOT NULL,
    contested      INTEGER NOT NULL,
    PRIMARY KEY (object_id, occurred_at_us, seq)
) STRICT, WITHOUT ROWID;

-- The only place where a provider's id is a key; first in it, because it tells most.
CREATE TABLE provider_ref (
    scope       INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    id          BLOB NOT NULL,
    PRIMARY KEY (provider_id, kind, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_ref_id ON provider_ref (id);

-- Aggregates: a head of six columns, then the fields of src/domain/*.def.
CREATE TABLE payment (
    id                  BLOB PRIMARY KEY NOT NULL,
    scope               INTEGER NOT NULL,
    version             INTEGER NOT NULL,
    updated_seq         INTEGER NOT NULL,
    created_us          INTEGER NOT NULL,
    updated_us          INTEGER NOT NULL,
    state               TEXT NOT NULL,
    amount_minor        INTEGER NOT NULL,
    currency            TEXT,
    received_minor      INTEGER NOT NULL,
    refunded_minor      INTEGER NOT NULL,
    customer_id         BLOB,
    attempt_id          BLOB,
    attempt_count       INTEGER NOT NULL,
    failure_code        TEXT,
    opened_at           INTEGER,
    succeeded_at        INTEGER,
    contested           INTEGER NOT NULL,
    said_seen           INTEGER NOT NULL,
    said_at             INTEGER,
    said_rank           INTEGER NOT NULL,
    said_content        INTEGER NOT NULL,
    said_state          TEXT NOT NULL,
    said_amount_minor   INTEGER NOT NULL,
    said_currency       TEXT,
    said_received_minor INTEGER NOT NULL,
    said_customer_id    BLOB,
    said_attempt_id     BLOB,
    said_failure_code   TEXT,
    said_created_at     INTEGER,
    said_succeeded_at   INTEGER,
    milestones          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
    id             BLOB PRIMARY KEY NOT NULL,
    scope          INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    updated_seq    INTEGER NOT NULL,
    created_us     INTEGER NOT NULL,
    updated_us     INTEGER NOT NULL,
    payment_id     BLOB,
    seen           INTEGER NOT NULL,
    state          TEXT NOT NULL,
    amount_minor   INTEGER NOT NULL,
    currency       TEXT,
    captured_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    customer_id    BLOB,
    method         TEXT,
    failure_code   TEXT,
    made_at        INTEGER,
    contested      INTEGER NOT NULL,
    said_at        INTEGER,
    said_rank      INTEGER NOT NULL,
    said_content   INTEGER NOT NULL,
    milestones     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE refund (
    id             BLOB PRIMARY KEY NOT NULL,
    scope          INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    updated_seq    INTEGER NOT NULL,
    created_us     INTEGER NOT NULL,
    updated_us     INTEGER NOT NULL,
    state          TEXT NOT NULL,
    amount_minor   INTEGER NOT NULL,
    currency       TEXT,
    payment_id     BLOB,
    attempt_id     BLOB,
    reason         TEXT,
    failure_reason TEXT,
    made_at        INTEGER,
    contested      INTEGER NOT NULL,
    said_at        INTEGER,
    said_rank      INTEGER NOT NULL,
    said_content   INTEGER NOT NULL,
    milestones     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE customer (
    id           BLOB PRIMARY KEY NOT NULL,
    scope        INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    updated_seq  INTEGER NOT NULL,
    created_us   INTEGER NOT NULL,
    updated_us   INTEGER NOT NULL,
    name         TEXT,
    email        TEXT,
    deleted      INTEGER NOT NULL,
    made_at      INTEGER,
    contested    INTEGER NOT NULL,
    said_at      INTEGER,
    said_rank    INTEGER NOT NULL,
    said_content INTEGER NOT NULL,
    milestones   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX attempt_payment ON attempt (payment_id);
CREATE INDEX attempt_stub ON attempt (created_us) WHERE seen = 0;
CREATE INDEX refund_payment ON refund (payment_id);
CREATE INDEX refund_attempt ON refund (attempt_id);
CREATE INDEX payment_contested ON payment (updated_us) WHERE contested = 1;
CREATE INDEX attempt_contested ON attempt (updated_us) WHERE contested = 1;
CREATE INDEX refund_contested ON refund (updated_us) WHERE contested = 1;
CREATE INDEX customer_contested ON customer (updated_us) WHERE contested = 1;

-- Positions have no gaps: the head is counted up by the last statements of the transaction that writes.
CREATE TABLE feed_head (
    scope    INTEGER PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT;

CREATE TABLE domain_event (
    scope          INTEGER NOT NULL,
    position       INTEGER NOT NULL,
    type           TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    aggregate_id   BLOB NOT NULL,
    attempt_id     BLOB,
    occurred_at_us INTEGER NOT NULL,
    recorded_at_us INTEGER NOT NULL,
    cause_seq      INTEGER NOT NULL,
    late           INTEGER NOT NULL,
    body           TEXT NOT NULL,
    PRIMARY KEY (scope, position)
) STRICT;
CREATE INDEX domain_event_aggregate ON domain_event (aggregate_id, scope, position);

CREATE TABLE audit (
    audit   INTEGER PRIMARY KEY,
    at_us   INTEGER NOT NULL,
    who     TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason  TEXT NOT NULL
) STRICT;
CREATE INDEX audit_subject ON audit (subject, audit);

-- One row, written to prove that a commit is possible; it says nothing about the books.
CREATE TABLE liveness (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    at_us INTEGER NOT NULL
) STRICT;
INSERT INTO liveness (id, at_us) VALUES (1, 0);

CREATE TRIGGER inbox_event_no_update BEFORE UPDATE ON inbox_event
BEGIN SELECT RAISE(ABORT, 'inbox_event is append-only'); END;
CREATE TRIGGER inbox_event_no_delete BEFORE DELETE ON inbox_event
BEGIN SELECT RAISE(ABORT, 'inbox_event is append-only'); END;
CREATE TRIGGER provider_ref_no_update BEFORE UPDATE ON provider_ref
BEGIN SELECT RAISE(ABORT, 'provider_ref is append-only'); END;
CREATE TRIGGER provider_ref_no_delete BEFORE DELETE ON provider_ref
BEGIN SELECT RAISE(ABORT, 'provider_ref is append-only'); END;
CREATE TRIGGER domain_event_no_update BEFORE UPDATE ON domain_event
BEGIN SELECT RAISE(ABORT, 'domain_event is append-only'); END;
CREATE TRIGGER domain_event_no_delete BEFORE DELETE ON domain_event
BEGIN SELECT RAISE(ABORT, 'domain_event is append-only'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
