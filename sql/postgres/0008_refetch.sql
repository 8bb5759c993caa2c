-- Objects that were seen incompletely, or so that no order could be told, and shall be asked for: one row for each,
-- until the answer is in the inbox. Neither primary nor derived.
CREATE TABLE refetch (
    scope       BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    provider_id TEXT COLLATE "C" NOT NULL,
    why         TEXT COLLATE "C" NOT NULL,
    since_us    BIGINT NOT NULL, -- provider's time: an answer must be younger
    wanted_us   BIGINT NOT NULL, -- when it was asked for first
    due_us      BIGINT NOT NULL,
    attempts    BIGINT NOT NULL, -- that failed
    error       TEXT COLLATE "C", -- of the last attempt
    PRIMARY KEY (scope, kind, provider_id)
);
CREATE INDEX refetch_due ON refetch (scope, due_us);
