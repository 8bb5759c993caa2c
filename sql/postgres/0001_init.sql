-- Counterfoil, schema 1. Times are microseconds since the epoch, UTC; money is a count of minor units.
-- Primary (never rebuilt): scope, inbox_event, inbox_work, provider_ref, domain_event, feed_head, audit.
-- Derived (rebuilt from the inbox and compared): inbox_effect, inbox_total and one table for each aggregate; later
-- migrations add to both.
-- There are no foreign keys: what is referred to is never deleted, and every check would cost a look-up.

CREATE TABLE schema_migration (
    version    BIGINT PRIMARY KEY,
    name       TEXT NOT NULL,
    checksum   TEXT NOT NULL, -- SHA-256 of the migration's text
    applied_us BIGINT NOT NULL
);

CREATE TABLE scope (
    scope       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider    TEXT COLLATE "C" NOT NULL,
    environment TEXT COLLATE "C" NOT NULL CHECK (environment IN ('live', 'test')),
    account_key TEXT COLLATE "C" NOT NULL,
    above       BIGINT, -- the scope of the account it is connected to, as of its first event; NULL: to none
    UNIQUE (provider, environment, account_key)
);
CREATE INDEX scope_above ON scope (above, scope) WHERE above IS NOT NULL;

-- seq may have gaps: a number that a duplicate or a rolled-back transaction drew is not used again.
CREATE TABLE inbox_event (
    seq            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope          BIGINT NOT NULL,
    channel        TEXT NOT NULL,
    event_id       TEXT COLLATE "C" NOT NULL,
    type           TEXT COLLATE "C" NOT NULL,
    api_version    TEXT NOT NULL,
    live           SMALLINT NOT NULL,
    subject        TEXT COLLATE "C" NOT NULL,
    occurred_at_us BIGINT NOT NULL, -- 0: unknown
    received_us    BIGINT NOT NULL,
    proof          TEXT NOT NULL,
    rendering      BIGINT NOT NULL, -- hash of api version and content
    body_sha256    BYTEA NOT NULL,
    body           BYTEA NOT NULL   -- last: the columns before it are read without it
);
CREATE UNIQUE INDEX inbox_event_id ON inbox_event (event_id, scope, rendering);

-- Bodies compress to half, and lz4 does it for less than it costs to write the other half. Not every build
-- of the server has it; the usual method would cost more than it saves.
DO $$
BEGIN
    ALTER TABLE inbox_event ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    ALTER TABLE inbox_event ALTER COLUMN body SET STORAGE EXTERNAL;
END
$$;

-- due_at_us is NULL once the event is decided; until then it says when somebody shall look at it.
CREATE TABLE inbox_work (
    seq             BIGINT PRIMARY KEY,
    status          TEXT COLLATE "C" NOT NULL,
    reason          TEXT COLLATE "C",
    attempts        BIGINT NOT NULL,
    crashes         BIGINT NOT NULL,
    due_at_us       BIGINT,
    claim_token     BIGINT,
    first_failed_us BIGINT,
    finished_us     BIGINT,
    error           TEXT COLLATE "C",
    error_text      TEXT
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
CREATE INDEX inbox_work_due ON inbox_work (due_at_us, seq, status) WHERE due_at_us IS NOT NULL;
CREATE INDEX inbox_work_dead ON inbox_work (seq) WHERE status = 'dead';

-- Decided events by outcome, so that nobody counts the inbox.
CREATE TABLE inbox_total (
    status TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL, -- '' but for recorded
    count  BIGINT NOT NULL,
    PRIMARY KEY (status, reason)
) WITH (fillfactor = 20); -- few rows, changed all the time: room for their versions on the page

-- What each event did to each object, and when it was: the timeline, and the set that decides ties.
CREATE TABLE inbox_effect (
    object_id      BYTEA NOT NULL,
    occurred_at_us BIGINT NOT NULL,
    seq            BIGINT NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    rank           BIGINT NOT NULL,
    effect         TEXT NOT NULL,
    contested      SMALLINT NOT NULL,
    PRIMARY KEY (object_id, occurred_at_us, seq)
);

-- The only place where a provider's id is a key; first in it, because it tells most.
CREATE TABLE provider_ref (
    scope       BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    provider_id TEXT COLLATE "C" NOT NULL,
    id          BYTEA NOT NULL,
    PRIMARY KEY (provider_id, kind, scope)
);
CREATE INDEX provider_ref_id ON provider_ref (id);

-- Aggregates: a head of six columns, then the fields of src/domain/*.def.
CREATE TABLE payment (
    id                  BYTEA PRIMARY KEY,
    scope               BIGINT NOT NULL,
    version             BIGINT NOT NULL,
    updated_seq         BIGINT NOT NULL,
    created_us          BIGINT NOT NULL,
    updated_us          BIGINT NOT NULL,
    state               TEXT NOT NULL,
    amount_minor        BIGINT NOT NULL,
    currency            TEXT,
    received_minor      BIGINT NOT NULL,
    refunded_minor      BIGINT NOT NULL,
    customer_id         BYTEA,
    attempt_id          BYTEA,
    attempt_count       BIGINT NOT NULL,
    failure_code        TEXT,
    opened_at           BIGINT,
    succeeded_at        BIGINT,
    contested           SMALLINT NOT NULL,
    said_seen           SMALLINT NOT NULL,
    said_at             BIGINT,
    said_rank           BIGINT NOT NULL,
    said_content        BIGINT NOT NULL,
    said_state          TEXT NOT NULL,
    said_amount_minor   BIGINT NOT NULL,
    said_currency       TEXT,
    said_received_minor BIGINT NOT NULL,
    said_customer_id    BYTEA,
    said_attempt_id     BYTEA,
    said_failure_code   TEXT,
    said_created_at     BIGINT,
    said_succeeded_at   BIGINT,
    milestones          BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE attempt (
    id             BYTEA PRIMARY KEY,
    scope          BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_seq    BIGINT NOT NULL,
    created_us     BIGINT NOT NULL,
    updated_us     BIGINT NOT NULL,
    payment_id     BYTEA,
    seen           SMALLINT NOT NULL,
    state          TEXT NOT NULL,
    amount_minor   BIGINT NOT NULL,
    currency       TEXT,
    captured_minor BIGINT NOT NULL,
    refunded_minor BIGINT NOT NULL,
    customer_id    BYTEA,
    method         TEXT,
    failure_code   TEXT,
    made_at        BIGINT,
    contested      SMALLINT NOT NULL,
    said_at        BIGINT,
    said_rank      BIGINT NOT NULL,
    said_content   BIGINT NOT NULL,
    milestones     BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE refund (
    id             BYTEA PRIMARY KEY,
    scope          BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_seq    BIGINT NOT NULL,
    created_us     BIGINT NOT NULL,
    updated_us     BIGINT NOT NULL,
    state          TEXT NOT NULL,
    amount_minor   BIGINT NOT NULL,
    currency       TEXT,
    payment_id     BYTEA,
    attempt_id     BYTEA,
    reason         TEXT,
    failure_reason TEXT,
    made_at        BIGINT,
    contested      SMALLINT NOT NULL,
    said_at        BIGINT,
    said_rank      BIGINT NOT NULL,
    said_content   BIGINT NOT NULL,
    milestones     BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE customer (
    id           BYTEA PRIMARY KEY,
    scope        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    updated_seq  BIGINT NOT NULL,
    created_us   BIGINT NOT NULL,
    updated_us   BIGINT NOT NULL,
    name         TEXT,
    email        TEXT,
    deleted      SMALLINT NOT NULL,
    made_at      BIGINT,
    contested    SMALLINT NOT NULL,
    said_at      BIGINT,
    said_rank    BIGINT NOT NULL,
    said_content BIGINT NOT NULL,
    milestones   BIGINT NOT NULL
) WITH (fillfactor = 80);

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
    scope    BIGINT PRIMARY KEY,
    position BIGINT NOT NULL
) WITH (fillfactor = 20);

CREATE TABLE domain_event (
    scope          BIGINT NOT NULL,
    position       BIGINT NOT NULL,
    type           TEXT COLLATE "C" NOT NULL,
    schema_version BIGINT NOT NULL,
    aggregate_id   BYTEA NOT NULL,
    attempt_id     BYTEA,
    occurred_at_us BIGINT NOT NULL,
    recorded_at_us BIGINT NOT NULL,
    cause_seq      BIGINT NOT NULL,
    late           SMALLINT NOT NULL,
    body           TEXT NOT NULL,
    PRIMARY KEY (scope, position)
);
CREATE INDEX domain_event_aggregate ON domain_event (aggregate_id, scope, position);

CREATE TABLE audit (
    audit   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_us   BIGINT NOT NULL,
    who     TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    reason  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, audit);

-- One row, written to prove that a commit is possible; it says nothing about the books.
CREATE TABLE liveness (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    at_us BIGINT NOT NULL
) WITH (fillfactor = 20);
INSERT INTO liveness (id, at_us) VALUES (1, 0);

CREATE FUNCTION cf_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON inbox_event
    FOR EACH ROW EXECUTE FUNCTION cf_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON inbox_event
    FOR EACH STATEMENT EXECUTE FUNCTION cf_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON provider_ref
    FOR EACH ROW EXECUTE FUNCTION cf_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON provider_ref
    FOR EACH STATEMENT EXECUTE FUNCTION cf_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON domain_event
    FOR EACH ROW EXECUTE FUNCTION cf_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON domain_event
    FOR EACH STATEMENT EXECUTE FUNCTION cf_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION cf_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION cf_append_only();
