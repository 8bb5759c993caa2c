-- Objects that were seen incompletely, or so that no order could be told, and shall be asked for: one row for each,
-- until the answer is in the inbox. Neither primary nor derived.
CREATE TABLE refetch (
    scope       INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    why         TEXT NOT NULL,
    since_us    INTEGER NOT NULL, -- provider's time: an answer must be younger
    wanted_us   INTEGER NOT NULL, -- when it was asked for first
    due_us      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL, -- that failed
    error       TEXT,             -- of the last attempt
    PRIMARY KEY (scope, kind, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX refetch_due ON refetch (scope, due_us);
