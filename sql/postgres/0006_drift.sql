-- How often each field of the provider's events was there, and words that no table knows: statistics,
-- neither primary nor derived.
CREATE TABLE field_count (
    event_type    TEXT COLLATE "C" NOT NULL,
    api_version   TEXT COLLATE "C" NOT NULL,
    field         TEXT COLLATE "C" NOT NULL,
    seen          BIGINT NOT NULL,
    absent        BIGINT NOT NULL,
    absent_in_row BIGINT NOT NULL, -- since it was last seen
    updated_us    BIGINT NOT NULL,
    PRIMARY KEY (event_type, api_version, field)
);

CREATE TABLE unknown_word (
    event_type TEXT COLLATE "C" NOT NULL,
    field      TEXT COLLATE "C" NOT NULL,
    word       TEXT COLLATE "C" NOT NULL,
    count      BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (event_type, field, word)
);
