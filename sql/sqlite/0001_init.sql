-- Counterfoil, schema 1. Times are microseconds since the epoch, UTC; money is a count of minor units.
-- Primary (never rebuilt): scope, inbox_event, inbox_work, provider_ref, domain_event, feed_head, audit.
-- Derived (rebuilt from the inbox and compared): payment, attempt, refund, customer, inbox_effect, inbox_total.

CREATE TABLE scope (
    scope        INTEGER PRIMARY KEY,
    provider     TEXT NOT NULL,
    environment  TEXT NOT NULL CHECK (environment IN ('live', 'test')),
    account_key  TEXT NOT NULL,
    UNIQUE (provider, environment, account_key)
) STRICT;

CREATE TABLE inbox_event (
    seq            INTEGER PRIMARY KEY,
    scope          INTEGER NOT NULL REFERENCES scope,
    channel        TEXT NOT NULL,
    event_id       TEXT NOT NULL,
    type           TEXT NOT NULL,
    api_version    TEXT NOT NULL,
    live           INTEGER NOT NULL,
    subject        TEXT NOT NULL,
    occurred_at_us INTEGER NOT NULL,
    received_us    INTEGER NOT NULL,
    proof          TEXT NOT NULL,
    rendering      INTEGER NOT NULL, -- hash of channel, api version and content
    body_sha256    BLOB NOT NULL,
    body           BLOB NOT NULL     -- last: the columns before it are read without it
) STRICT;
CREATE UNIQUE INDEX inbox_event_id ON inbox_event (scope, event_id, rendering);

CREATE TABLE inbox_work (
    seq             INTEGER PRIMARY KEY REFERENCES inbox_event,
    status          TEXT NOT NULL,
    reason          TEXT,
    attempts        INTEGER NOT NULL DEFAULT 0,
    crashes         INTEGER NOT NULL DEFAULT 0,
    due_at_us       INTEGER,
    claim_token     INTEGER,
    first_failed_us INTEGER,
    finished_us     INTEGER,
    decoder         INTEGER,         -- version of the decoder that decided
    error           TEXT,
    error_text      TEXT
) STRICT;
CREATE INDEX inbox_work_due ON inbox_work (due_at_us, seq) WHERE due_at_us IS NOT NULL;
CREATE INDEX inbox_work_dead ON inbox_work (seq) WHERE status = 'dead';

-- Decided events by outcome, so that nobody counts the inbox.
CREATE TABLE inbox_total (
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (status, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE provider_ref (
    scope       INTEGER NOT NULL REFERENCES scope,
    kind        TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    id          BLOB NOT NULL,
    PRIMARY KEY (scope, kind, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_ref_id ON provider_ref (id);

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
