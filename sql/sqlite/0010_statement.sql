-- The provider's statement, line by line, as it was told. A line learns what a source before did not say; what every
-- source says never changes. Who told is never changed at all.

CREATE TABLE statement_head (
    scope  INTEGER PRIMARY KEY,
    source INTEGER NOT NULL -- the last number given; who takes lines holds this row
) STRICT;

CREATE TABLE statement_source (
    scope       INTEGER NOT NULL,
    source      INTEGER NOT NULL, -- 1, 2, 3...
    kind        TEXT NOT NULL CHECK (kind IN ('api', 'file')),
    name        TEXT NOT NULL,    -- what was asked for, or which report
    sha256      BLOB,             -- of a file
    bytes       INTEGER NOT NULL,
    lines       INTEGER NOT NULL,
    from_us     INTEGER NOT NULL, -- the first line and the last, by their own time; 0: none
    to_us       INTEGER NOT NULL,
    received_us INTEGER NOT NULL,
    PRIMARY KEY (scope, source)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX statement_source_sha256 ON statement_source (scope, sha256) WHERE sha256 IS NOT NULL;

-- A source without such a row was interrupted.
CREATE TABLE statement_taken (
    scope        INTEGER NOT NULL,
    source       INTEGER NOT NULL,
    added        INTEGER NOT NULL,
    known        INTEGER NOT NULL,
    learned      INTEGER NOT NULL,
    restated     INTEGER NOT NULL,
    unclassified INTEGER NOT NULL,
    finished_us  INTEGER NOT NULL,
    PRIMARY KEY (scope, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE statement_line (
    line         BLOB PRIMARY KEY, -- in the order of time
    scope        INTEGER NOT NULL,
    provider_id  TEXT NOT NULL,
    kind         TEXT NOT NULL,
    type         TEXT NOT NULL,    -- the provider's words; empty: not said
    category     TEXT NOT NULL,
    bucket       TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    fee_minor    INTEGER NOT NULL,
    net_minor    INTEGER NOT NULL,
    currency     TEXT NOT NULL,
    created_us   INTEGER NOT NULL,
    available_us INTEGER NOT NULL,
    effective_us INTEGER NOT NULL, -- 0: not said
    source_kind  TEXT,             -- what it is about
    source       BLOB,
    attempt      BLOB,
    customer_minor    INTEGER,     -- what the payer saw, in another currency
    customer_currency TEXT,
    payout       BLOB,
    fee_provider    INTEGER,       -- all of them NULL: not said
    fee_passthrough INTEGER,
    fee_application INTEGER,
    fee_tax         INTEGER,
    fee_unspecified INTEGER,
    text         TEXT NOT NULL,
    available    INTEGER NOT NULL,
    learned      INTEGER NOT NULL, -- bits: what was said of what may be missing
    flaws        INTEGER NOT NULL, -- bits
    told         INTEGER NOT NULL, -- bits: 1 by the API, 2 by a file
    first_source INTEGER NOT NULL,
    entered_us   INTEGER NOT NULL,
    UNIQUE (scope, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX statement_line_source ON statement_line (source) WHERE source IS NOT NULL;
CREATE INDEX statement_line_exchanged ON statement_line (attempt) WHERE customer_currency IS NOT NULL;
CREATE INDEX statement_line_payout ON statement_line (payout, line) WHERE payout IS NOT NULL;
-- A payment's own lines have it for their source, and are found by that.
CREATE INDEX statement_line_attempt ON statement_line (attempt) WHERE attempt IS NOT NULL AND (source IS NULL OR source <> attempt);
CREATE INDEX statement_line_effective ON statement_line (scope, effective_us) WHERE effective_us <> 0;
CREATE INDEX statement_line_flaws ON statement_line (scope, line) WHERE flaws <> 0;

-- What was asked for, and how far that came: pages go on behind the cursor. Times are whole seconds, both included.
CREATE TABLE statement_pull (
    scope        INTEGER NOT NULL,
    what         TEXT NOT NULL, -- lines, payout, or which report
    subject      TEXT NOT NULL, -- of payout: the provider's id; else empty
    from_us      INTEGER NOT NULL,
    to_us        INTEGER NOT NULL,
    cursor       TEXT NOT NULL,   -- of the next page, or the run of a report
    source       INTEGER NOT NULL, -- who tells these lines; 0: nothing was kept yet
    round        INTEGER NOT NULL, -- how often it was finished
    added        INTEGER NOT NULL,
    known        INTEGER NOT NULL,
    learned      INTEGER NOT NULL,
    restated     INTEGER NOT NULL,
    unclassified INTEGER NOT NULL,
    refused      INTEGER NOT NULL, -- lines that could not be read
    began_us     INTEGER NOT NULL,
    updated_us   INTEGER NOT NULL,
    finished_us  INTEGER NOT NULL, -- the last time; 0: never
    under_way    INTEGER NOT NULL,
    PRIMARY KEY (scope, what, subject, from_us, to_us)
) STRICT, WITHOUT ROWID;
CREATE INDEX statement_pull_under_way ON statement_pull (scope, what) WHERE under_way = 1;

-- Totals of the provider's own, which lines prove.
CREATE TABLE statement_total (
    scope     INTEGER NOT NULL,
    source    INTEGER NOT NULL,
    place     INTEGER NOT NULL, -- 1, 2, 3... in its source
    category  TEXT NOT NULL,
    currency  TEXT NOT NULL,
    net_minor INTEGER NOT NULL,
    PRIMARY KEY (scope, source, place)
) STRICT, WITHOUT ROWID;

-- What a later source said otherwise of a line. What was said first stands.
CREATE TABLE statement_restated (
    line    BLOB NOT NULL,
    field   TEXT NOT NULL,
    said    TEXT NOT NULL, -- now
    stands  TEXT NOT NULL,
    scope   INTEGER NOT NULL,
    source  INTEGER NOT NULL,
    told_us INTEGER NOT NULL,
    PRIMARY KEY (line, field, said)
) STRICT, WITHOUT ROWID;

-- Their domain events are of a line: adjustment.recorded, fee.charged, reserve.changed.
INSERT INTO id_prefix (kind, prefix) VALUES ('adjustment', 'cf_lin_'), ('fee', 'cf_lin_'), ('reserve', 'cf_lin_');

CREATE TRIGGER statement_source_stays BEFORE UPDATE ON statement_source
BEGIN SELECT RAISE(ABORT, 'who told of lines is never changed'); END;
CREATE TRIGGER statement_source_is_kept BEFORE DELETE ON statement_source
BEGIN SELECT RAISE(ABORT, 'who told of lines is never changed'); END;
CREATE TRIGGER statement_line_is_kept BEFORE DELETE ON statement_line
BEGIN SELECT RAISE(ABORT, 'a line of the statement is never taken away'); END;
CREATE TRIGGER statement_line_stays BEFORE UPDATE OF line, scope, provider_id, amount_minor, fee_minor, net_minor, currency
ON statement_line
BEGIN SELECT RAISE(ABORT, 'a line may learn, but never changes'); END;
CREATE TRIGGER statement_restated_stays BEFORE UPDATE ON statement_restated
BEGIN SELECT RAISE(ABORT, 'who told of lines is never changed'); END;
CREATE TRIGGER statement_restated_is_kept BEFORE DELETE ON statement_restated
BEGIN SELECT RAISE(ABORT, 'who told of lines is never changed'); END;
