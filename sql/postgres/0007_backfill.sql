-- How far each walk over the provider's lists has come: one row for the last one of its kind. Neither primary
-- nor derived: without it a walk begins anew, and finds most of it known.
CREATE TABLE backfill (
    scope      BIGINT NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL, -- 'events', 'events:TYPE,...', an aggregate's name, 'gap', 'gap.daily'
    from_us    BIGINT NOT NULL,
    to_us      BIGINT NOT NULL,
    cursor     TEXT COLLATE "C" NOT NULL, -- of the next page; '' at the beginning
    done       BIGINT NOT NULL,
    found      BIGINT NOT NULL,
    added      BIGINT NOT NULL, -- kept by it
    known      BIGINT NOT NULL, -- were there
    missing    BIGINT NOT NULL, -- could not be kept
    updated_us BIGINT NOT NULL,
    retry_us   BIGINT NOT NULL, -- 'gap' of a connected account: not before then; one is under way, or the last one failed
    wait_us    BIGINT NOT NULL, -- ... the wait after the last failure; 0: it did not fail
    refused    SMALLINT NOT NULL, -- ... the provider lets nobody ask for this account
    PRIMARY KEY (scope, kind)
);
