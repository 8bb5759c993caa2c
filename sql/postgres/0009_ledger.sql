-- The books. Journal and postings are written once and never changed; a correction is a new entry. Balances are
-- what postings add up to, kept per key, and gone when they are zero and have a key.

CREATE TABLE journal_head (
    scope BIGINT PRIMARY KEY,
    entry BIGINT NOT NULL -- the last number given
);

CREATE TABLE journal_entry (
    scope        BIGINT NOT NULL,
    entry        BIGINT NOT NULL, -- 1, 2, 3... without gaps
    stream       TEXT NOT NULL CHECK (stream IN ('money', 'business', 'people')),
    subject_kind TEXT NOT NULL,   -- what it is posted for: an aggregate, line, release, exchange, decision
    subject      BYTEA NOT NULL,
    effective_us BIGINT NOT NULL, -- when it happened
    recorded_us  BIGINT NOT NULL, -- when the books learned of it
    cause_seq    BIGINT,          -- the inbox event that brought it
    PRIMARY KEY (scope, entry)
);

-- By subject, since what is posted next is the difference to what was posted for it.
CREATE TABLE posting (
    subject  BYTEA NOT NULL,
    scope    BIGINT NOT NULL,
    entry    BIGINT NOT NULL,
    line     BIGINT NOT NULL, -- 1, 2... in the entry
    account  TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    key      BYTEA,           -- own id of what it is about, where the account is kept by it
    minor    BIGINT NOT NULL CHECK (minor <> 0), -- positive: debit
    effective_us BIGINT NOT NULL, -- its entry's
    PRIMARY KEY (subject, scope, entry, line)
);

CREATE TABLE ledger_balance (
    scope    BIGINT NOT NULL,
    account  TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    key      BYTEA NOT NULL, -- 16 zero bytes: none
    minor    BIGINT NOT NULL,
    since_us BIGINT NOT NULL, -- effective time of the posting that made it; for its age
    PRIMARY KEY (scope, account, currency, key)
);

-- Which months were closed and reopened: to which one an entry belongs follows from this and from its number.
CREATE TABLE ledger_period (
    scope  BIGINT NOT NULL,
    number BIGINT NOT NULL, -- 1, 2, 3... of the scope
    action TEXT NOT NULL CHECK (action IN ('close', 'reopen')),
    period TEXT NOT NULL,   -- '2026-10'
    entry  BIGINT NOT NULL, -- the last one that had been recorded
    who    TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_us  BIGINT NOT NULL,
    PRIMARY KEY (scope, number)
);

CREATE FUNCTION journal_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is never changed: post a correction';
END
$$;
CREATE TRIGGER journal_entry_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry
    EXECUTE FUNCTION journal_is_never_changed();
CREATE TRIGGER posting_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON posting
    EXECUTE FUNCTION journal_is_never_changed();

CREATE FUNCTION ledger_period_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was closed or reopened stays written: reopen or close again';
END
$$;
CREATE TRIGGER ledger_period_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_period
    EXECUTE FUNCTION ledger_period_is_never_changed();
