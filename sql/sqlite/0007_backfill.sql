-- How far each walk over the provider's lists has come: one row for the last one of its kind. Neither primary
-- nor derived: without it a walk begins anew, and finds most of it known.
CREATE TABLE backfill (
    scope      INTEGER NOT NULL,
    kind       TEXT NOT NULL, -- 'events', 'events:TYPE,...', an aggregate's name, 'gap', 'gap.daily'
    from_us    INTEGER NOT NULL,
    to_us      INTEGER NOT NULL,
    cursor     TEXT NOT NULL, -- of the next page; '' at the beginning
    done       INTEGER NOT NULL,
    found      INTEGER NOT NULL,
    added      INTEGER NOT NULL, -- kept by it
    known      INTEGER NOT NULL, -- were there
    missing    INTEGER NOT NULL, -- could not be kept
    updated_us INTEGER NOT NULL,
    retry_us   INTEGER NOT NULL, -- 'gap' of a connected account: not before then; one is under way, or the last one failed
    wait_us    INTEGER NOT NULL, -- ... the wait after the last failure; 0: it did not fail
    refused    INTEGER NOT NULL, -- ... the provider lets nobody ask for this account
    PRIMARY KEY (scope, kind)
) STRICT, WITHOUT ROWID;
