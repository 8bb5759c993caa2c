-- The books. Journal and postings are written once and never changed; a correction is a new entry. Balances are
-- what postings add up to, kept per key, and gone when they are zero and have a key.

CREATE TABLE journal_head (
    scope INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL -- the last number given
) STRICT;

CREATE TABLE journal_entry (
    scope        INTEGER NOT NULL,
    entry        INTEGER NOT NULL, -- 1, 2, 3... without gaps
    stream       TEXT NOT NULL -- no IN: SQLite makes a table of three or more words for each row
        CHECK (stream = 'money' OR stream = 'business' OR stream = 'people'),
    subject_kind TEXT NOT NULL,    -- what it is posted for: an aggregate, line, release, exchange, decision
    subject      BLOB NOT NULL,
    effective_us INTEGER NOT NULL, -- when it happened
    recorded_us  INTEGER NOT NULL, -- when the books learned of it
    cause_seq    INTEGER,          -- the inbox event that brought it
    PRIMARY KEY (scope, entry)
) STRICT, WITHOUT ROWID;

-- By subject, since what is posted next is the difference to what was posted for it.
CREATE TABLE posting (
    subject  BLOB NOT NULL,
    scope    INTEGER NOT NULL,
    entry    INTEGER NOT NULL,
    line     INTEGER NOT NULL, -- 1, 2... in the entry
    account  TEXT NOT NULL,
    currency TEXT NOT NULL,
    key      BLOB,             -- own id of what it is about, where the account is kept by it
    minor    INTEGER NOT NULL CHECK (minor <> 0), -- positive: debit
    effective_us INTEGER NOT NULL, -- its entry's
    PRIMARY KEY (subject, scope, entry, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_balance (
    scope    INTEGER NOT NULL,
    account  TEXT NOT NULL,
    currency TEXT NOT NULL,
    key      BLOB NOT NULL, -- 16 zero bytes: none
    minor    INTEGER NOT NULL,
    since_us INTEGER NOT NULL, -- effective time of the posting that made it; for its age
    PRIMARY KEY (scope, account, currency, key)
) STRICT, WITHOUT ROWID;

-- Which months were closed and reopened: to which one an entry belongs follows from this and from its number.
CREATE TABLE ledger_period (
    scope  INTEGER NOT NULL,
    number INTEGER NOT NULL, -- 1, 2, 3... of the scope
    action TEXT NOT NULL CHECK (action IN ('close', 'reopen')),
    period TEXT NOT NULL,    -- '2026-10'
    entry  INTEGER NOT NULL, -- the last one that had been recorded
    who    TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_us  INTEGER NOT NULL,
    PRIMARY KEY (scope, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER journal_entry_stays BEFORE UPDATE ON journal_entry
BEGIN SELECT RAISE(ABORT, 'the journal is never changed: post a correction'); END;
CREATE TRIGGER journal_entry_is_kept BEFORE DELETE ON journal_entry
BEGIN SELECT RAISE(ABORT, 'the journal is never changed: post a correction'); END;
CREATE TRIGGER posting_stays BEFORE UPDATE ON posting
BEGIN SELECT RAISE(ABORT, 'the journal is never changed: post a correction'); END;
CREATE TRIGGER posting_is_kept BEFORE DELETE ON posting
BEGIN SELECT RAISE(ABORT, 'the journal is never changed: post a correction'); END;
CREATE TRIGGER ledger_period_stays BEFORE UPDATE ON ledger_period
BEGIN SELECT RAISE(ABORT, 'what was closed or reopened stays written: reopen or close again'); END;
CREATE TRIGGER ledger_period_is_kept BEFORE DELETE ON ledger_period
BEGIN SELECT RAISE(ABORT, 'what was closed or reopened stays written: reopen or close again'); END;
