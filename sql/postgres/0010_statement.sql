-- The provider's statement, line by line, as it was told. A line learns what a source before did not say; what every
-- source says never changes. Who told is never changed at all.

CREATE TABLE statement_head (
    scope  BIGINT PRIMARY KEY,
    source BIGINT NOT NULL -- the last number given; who takes lines holds this row
);

CREATE TABLE statement_source (
    scope       BIGINT NOT NULL,
    source      BIGINT NOT NULL, -- 1, 2, 3...
    kind        TEXT NOT NULL CHECK (kind IN ('api', 'file')),
    name        TEXT NOT NULL,    -- what was asked for, or which report
    sha256      BYTEA,             -- of a file
    bytes       BIGINT NOT NULL,
    lines       BIGINT NOT NULL,
    from_us     BIGINT NOT NULL, -- the first line and the last, by their own time; 0: none
    to_us       BIGINT NOT NULL,
    received_us BIGINT NOT NULL,
    PRIMARY KEY (scope, source)
);
CREATE UNIQUE INDEX statement_source_sha256 ON statement_source (scope, sha256) WHERE sha256 IS NOT NULL;

-- A source without such a row was interrupted.
CREATE TABLE statement_taken (
    scope        BIGINT NOT NULL,
    source       BIGINT NOT NULL,
    added        BIGINT NOT NULL,
    known        BIGINT NOT NULL,
    learned      BIGINT NOT NULL,
    restated     BIGINT NOT NULL,
    unclassified BIGINT NOT NULL,
    finished_us  BIGINT NOT NULL,
    PRIMARY KEY (scope, source)
);

CREATE TABLE statement_line (
    line         BYTEA PRIMARY KEY, -- in the order of time
    scope        BIGINT NOT NULL,
    provider_id  TEXT COLLATE "C" NOT NULL,
    kind         TEXT NOT NULL,
    type         TEXT NOT NULL,    -- the provider's words; empty: not said
    category     TEXT NOT NULL,
    bucket       TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    fee_minor    BIGINT NOT NULL,
    net_minor    BIGINT NOT NULL,
    currency     TEXT NOT NULL,
    created_us   BIGINT NOT NULL,
    available_us BIGINT NOT NULL,
    effective_us BIGINT NOT NULL, -- 0: not said
    source_kind  TEXT,             -- what it is about
    source       BYTEA,
    attempt      BYTEA,
    customer_minor    BIGINT,     -- what the payer saw, in another currency
    customer_currency TEXT,
    payout       BYTEA,
    fee_provider    BIGINT,       -- all of them NULL: not said
    fee_passthrough BIGINT,
    fee_application BIGINT,
    fee_tax         BIGINT,
    fee_unspecified BIGINT,
    text         TEXT NOT NULL,
    available    BIGINT NOT NULL,
    learned      BIGINT NOT NULL, -- bits: what was said of what may be missing
    flaws        BIGINT NOT NULL, -- bits
    told         BIGINT NOT NULL, -- bits: 1 by the API, 2 by a file
    first_source BIGINT NOT NULL,
    entered_us   BIGINT NOT NULL,
    UNIQUE (scope, provider_id)
);
CREATE INDEX statement_line_source ON statement_line (source) WHERE source IS NOT NULL;
CREATE INDEX statement_line_exchanged ON statement_line (attempt) WHERE customer_currency IS NOT NULL;
CREATE INDEX statement_line_payout ON statement_line (payout, line) WHERE payout IS NOT NULL;
-- A payment's own lines have it for their source, and are found by that.
CREATE INDEX statement_line_attempt ON statement_line (attempt) WHERE attempt IS NOT NULL AND (source IS NULL OR source <> attempt);
CREATE INDEX statement_line_effective ON statement_line (scope, effective_us) WHERE effective_us <> 0;
CREATE INDEX statement_line_flaws ON statement_line (scope, line) WHERE flaws <> 0;

-- What was asked for, and how far that came: pages go on behind the cursor. Times are whole seconds, both included.
CREATE TABLE statement_pull (
    scope        BIGINT NOT NULL,
    what         TEXT COLLATE "C" NOT NULL, -- lines, payout, or which report
    subject      TEXT COLLATE "C" NOT NULL, -- of payout: the provider's id; else empty
    from_us      BIGINT NOT NULL,
    to_us        BIGINT NOT NULL,
    cursor       TEXT NOT NULL,   -- of the next page, or the run of a report
    source       BIGINT NOT NULL, -- who tells these lines; 0: nothing was kept yet
    round        BIGINT NOT NULL, -- how often it was finished
    added        BIGINT NOT NULL,
    known        BIGINT NOT NULL,
    learned      BIGINT NOT NULL,
    restated     BIGINT NOT NULL,
    unclassified BIGINT NOT NULL,
    refused      BIGINT NOT NULL, -- lines that could not be read
    began_us     BIGINT NOT NULL,
    updated_us   BIGINT NOT NULL,
    finished_us  BIGINT NOT NULL, -- the last time; 0: never
    under_way    BIGINT NOT NULL,
    PRIMARY KEY (scope, what, subject, from_us, to_us)
);
CREATE INDEX statement_pull_under_way ON statement_pull (scope, what) WHERE under_way = 1;

-- Totals of the provider's own, which lines prove.
CREATE TABLE statement_total (
    scope     BIGINT NOT NULL,
    source    BIGINT NOT NULL,
    place     BIGINT NOT NULL, -- 1, 2, 3... in its source
    category  TEXT NOT NULL,
    currency  TEXT NOT NULL,
    net_minor BIGINT NOT NULL,
    PRIMARY KEY (scope, source, place)
);

-- What a later source said otherwise of a line. What was said first stands.
CREATE TABLE statement_restated (
    line    BYTEA NOT NULL,
    field   TEXT COLLATE "C" NOT NULL,
    said    TEXT COLLATE "C" NOT NULL, -- now
    stands  TEXT NOT NULL,
    scope   BIGINT NOT NULL,
    source  BIGINT NOT NULL,
    told_us BIGINT NOT NULL,
    PRIMARY KEY (line, field, said)
);

-- Their domain events are of a line: adjustment.recorded, fee.charged, reserve.changed.
INSERT INTO id_prefix (kind, prefix) VALUES ('adjustment', 'cf_lin_'), ('fee', 'cf_lin_'), ('reserve', 'cf_lin_');

CREATE FUNCTION statement_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what the statement said, and who told, is never changed';
END
$$;
CREATE TRIGGER statement_source_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_source
    EXECUTE FUNCTION statement_is_kept();
CREATE TRIGGER statement_restated_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_restated
    EXECUTE FUNCTION statement_is_kept();
CREATE TRIGGER statement_line_is_kept BEFORE DELETE OR TRUNCATE ON statement_line
    EXECUTE FUNCTION statement_is_kept();
CREATE TRIGGER statement_line_stays
    BEFORE UPDATE OF line, scope, provider_id, amount_minor, fee_minor, net_minor, currency ON statement_line
    EXECUTE FUNCTION statement_is_kept();
