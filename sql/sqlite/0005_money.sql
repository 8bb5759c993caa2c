-- Disputes, what customers pay with, the provider's balance and payouts, and connected accounts: src/domain/aggregates.def.

CREATE TABLE dispute (
    id                  BLOB PRIMARY KEY NOT NULL,
    scope               INTEGER NOT NULL,
    version             INTEGER NOT NULL,
    updated_seq         INTEGER NOT NULL,
    created_us          INTEGER NOT NULL,
    updated_us          INTEGER NOT NULL,
    state               TEXT NOT NULL,
    amount_minor        INTEGER NOT NULL,
    currency            TEXT,
    reason              TEXT,
    network_reason      TEXT,
    is_inquiry          INTEGER NOT NULL,
    evidence_due_at     INTEGER,
    withdrawn_minor     INTEGER NOT NULL,
    settlement_currency TEXT,
    funds_withdrawn     INTEGER NOT NULL,
    funds_reinstated    INTEGER NOT NULL,
    attempt_id          BLOB,
    payment_id          BLOB,
    made_at             INTEGER,
    contested           INTEGER NOT NULL,
    said_at             INTEGER,
    said_rank           INTEGER NOT NULL,
    said_content        INTEGER NOT NULL,
    milestones          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE payout (
    id                 BLOB PRIMARY KEY NOT NULL,
    scope              INTEGER NOT NULL,
    version            INTEGER NOT NULL,
    updated_seq        INTEGER NOT NULL,
    created_us         INTEGER NOT NULL,
    updated_us         INTEGER NOT NULL,
    state              TEXT NOT NULL,
    amount_minor       INTEGER NOT NULL,
    currency           TEXT,
    automatic          INTEGER NOT NULL,
    method             TEXT NOT NULL,
    arrival_at         INTEGER,
    failure_code       TEXT,
    trace_id           TEXT,
    reconciliation     TEXT NOT NULL,
    reconciled         INTEGER NOT NULL,
    original_payout_id BLOB,
    reversed_by_id     BLOB,
    made_at            INTEGER,
    contested          INTEGER NOT NULL,
    said_at            INTEGER,
    said_rank          INTEGER NOT NULL,
    said_content       INTEGER NOT NULL,
    milestones         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE balance (
    id                      BLOB PRIMARY KEY NOT NULL,
    scope                   INTEGER NOT NULL,
    version                 INTEGER NOT NULL,
    updated_seq             INTEGER NOT NULL,
    created_us              INTEGER NOT NULL,
    updated_us              INTEGER NOT NULL,
    currency                TEXT,
    available_minor         INTEGER NOT NULL,
    pending_minor           INTEGER NOT NULL,
    instant_available_minor INTEGER NOT NULL,
    contested               INTEGER NOT NULL,
    said_at                 INTEGER,
    said_rank               INTEGER NOT NULL,
    said_content            INTEGER NOT NULL,
    milestones              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE report (
    id                BLOB PRIMARY KEY NOT NULL,
    scope             INTEGER NOT NULL,
    version           INTEGER NOT NULL,
    updated_seq       INTEGER NOT NULL,
    created_us        INTEGER NOT NULL,
    updated_us        INTEGER NOT NULL,
    state             TEXT NOT NULL,
    report_type       TEXT,
    interval_start_at INTEGER,
    interval_end_at   INTEGER,
    data_from_at      INTEGER,
    data_until_at     INTEGER,
    file              TEXT,
    failure_reason    TEXT,
    succeeded_at      INTEGER,
    made_at           INTEGER,
    contested         INTEGER NOT NULL,
    said_at           INTEGER,
    said_rank         INTEGER NOT NULL,
    said_content      INTEGER NOT NULL,
    milestones        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dispute_attempt ON dispute (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX dispute_payment ON dispute (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX payout_original_payout ON payout (original_payout_id) WHERE original_payout_id IS NOT NULL;
CREATE INDEX payout_reversed_by ON payout (reversed_by_id) WHERE reversed_by_id IS NOT NULL;
CREATE INDEX dispute_contested ON dispute (updated_us) WHERE contested = 1;
CREATE INDEX payout_contested ON payout (updated_us) WHERE contested = 1;
CREATE INDEX balance_contested ON balance (updated_us) WHERE contested = 1;
CREATE INDEX report_contested ON report (updated_us) WHERE contested = 1;

CREATE VIEW dispute_view AS
SELECT
    'cf_dis_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    CASE WHEN r.amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_minor % coalesce(u.unit, 100)), 2) END AS amount,
    r.currency,
    r.reason,
    r.network_reason,
    r.is_inquiry,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.evidence_due_at - (r.evidence_due_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.evidence_due_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.evidence_due_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS evidence_due_at,
    CASE WHEN r.withdrawn_minor < 0 THEN '-' ELSE '' END || ltrim(r.withdrawn_minor / coalesce(u2.unit, 100), '-')
        || CASE u2.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u2.unit, 100) + abs(r.withdrawn_minor % coalesce(u2.unit, 100)), 2) END AS withdrawn,
    r.settlement_currency,
    r.funds_withdrawn,
    r.funds_reinstated,
    'cf_att_' || lower(nullif(hex(r.attempt_id), '')) AS attempt_id,
    'cf_pay_' || lower(nullif(hex(r.payment_id), '')) AS payment_id,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.made_at - (r.made_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.made_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.made_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS made_at,
    r.contested,
    r.version,
    r.updated_seq,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.created_us - (r.created_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.created_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.created_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS recorded_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.updated_us - (r.updated_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.updated_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.updated_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS updated_at
FROM dispute r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency
LEFT JOIN currency_unit u2 ON u2.currency = r.settlement_currency;

CREATE VIEW payout_view AS
SELECT
    'cf_out_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    CASE WHEN r.amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_minor % coalesce(u.unit, 100)), 2) END AS amount,
    r.currency,
    r.automatic,
    r.method,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.arrival_at - (r.arrival_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.arrival_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.arrival_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS arrival_at,
    r.failure_code,
    r.trace_id,
    r.reconciliation,
    r.reconciled,
    'cf_out_' || lower(nullif(hex(r.original_payout_id), '')) AS original_payout_id,
    'cf_out_' || lower(nullif(hex(r.reversed_by_id), '')) AS reversed_by_id,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.made_at - (r.made_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.made_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.made_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS made_at,
    r.contested,
    r.version,
    r.updated_seq,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.created_us - (r.created_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.created_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.created_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS recorded_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.updated_us - (r.updated_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.updated_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.updated_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS updated_at
FROM payout r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW balance_view AS
SELECT
    'cf_bal_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.currency,
    CASE WHEN r.available_minor < 0 THEN '-' ELSE '' END || ltrim(r.available_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.available_minor % coalesce(u.unit, 100)), 2) END AS available,
    CASE WHEN r.pending_minor < 0 THEN '-' ELSE '' END || ltrim(r.pending_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.pending_minor % coalesce(u.unit, 100)), 2) END AS pending,
    CASE WHEN r.instant_available_minor < 0 THEN '-' ELSE '' END || ltrim(r.instant_available_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.instant_available_minor % coalesce(u.unit, 100)), 2) END AS instant_available,
    r.contested,
    r.version,
    r.updated_seq,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.created_us - (r.created_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.created_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.created_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS recorded_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.updated_us - (r.updated_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.updated_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.updated_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS updated_at
FROM balance r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW report_view AS
SELECT
    'cf_rep_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.report_type,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.interval_start_at - (r.interval_start_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.interval_start_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.interval_start_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS interval_start_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.interval_end_at - (r.interval_end_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.interval_end_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.interval_end_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS interval_end_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.data_from_at - (r.data_from_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.data_from_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.data_from_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS data_from_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.data_until_at - (r.data_until_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.data_until_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.data_until_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS data_until_at,
    r.file,
    r.failure_reason,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.succeeded_at - (r.succeeded_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.succeeded_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.succeeded_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS succeeded_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.made_at - (r.made_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.made_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.made_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS made_at,
    r.contested,
    r.version,
    r.updated_seq,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.created_us - (r.created_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.created_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.created_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS recorded_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.updated_us - (r.updated_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.updated_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.updated_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS updated_at
FROM report r
JOIN scope s ON s.scope = r.scope;
