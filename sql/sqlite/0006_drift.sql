-- How often each field of the provider's events was there, and words that no table knows: statistics,
-- neither primary nor derived.
CREATE TABLE field_count (
    event_type    TEXT NOT NULL,
    api_version   TEXT NOT NULL,
    field         TEXT NOT NULL,
    seen          INTEGER NOT NULL,
    absent        INTEGER NOT NULL,
    absent_in_row INTEGER NOT NULL, -- since it was last seen
    updated_us    INTEGER NOT NULL,
    PRIMARY KEY (event_type, api_version, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE unknown_word (
    event_type TEXT NOT NULL,
    field      TEXT NOT NULL,
    word       TEXT NOT NULL,
    count      INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    PRIMARY KEY (event_type, field, word)
) STRICT, WITHOUT ROWID;
