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

CREATE TABLE payment_method (
    id           BLOB PRIMARY KEY NOT NULL,
    scope        INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    updated_seq  INTEGER NOT NULL,
    created_us   INTEGER NOT NULL,
    updated_us   INTEGER NOT NULL,
    customer_id  BLOB,
    method       TEXT,
    brand        TEXT,
    last_four    TEXT,
    expiry_month INTEGER NOT NULL,
    expiry_year  INTEGER NOT NULL,
    country      TEXT,
    wallet       TEXT,
    deleted      INTEGER NOT NULL,
    made_at      INTEGER,
    contested    INTEGER NOT NULL,
    said_at      INTEGER,
    said_rank    INTEGER NOT NULL,
    said_content INTEGER NOT NULL,
    milestones   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE checkout (
    id              BLOB PRIMARY KEY NOT NULL,
    scope           INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    updated_seq     INTEGER NOT NULL,
    created_us      INTEGER NOT NULL,
    updated_us      INTEGER NOT NULL,
    state           TEXT NOT NULL,
    payment_status  TEXT NOT NULL,
    mode            TEXT NOT NULL,
    order_reference TEXT,
    amount_minor    INTEGER NOT NULL,
    currency        TEXT,
    expires_at      INTEGER,
    paid            INTEGER NOT NULL,
    customer_id     BLOB,
    payment_id      BLOB,
    subscription_id BLOB,
    invoice_id      BLOB,
    setup_id        BLOB,
    made_at         INTEGER,
    contested       INTEGER NOT NULL,
    said_at         INTEGER,
    said_rank       INTEGER NOT NULL,
    said_content    INTEGER NOT NULL,
    milestones      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setup (
    id                BLOB PRIMARY KEY NOT NULL,
    scope             INTEGER NOT NULL,
    version           INTEGER NOT NULL,
    updated_seq       INTEGER NOT NULL,
    created_us        INTEGER NOT NULL,
    updated_us        INTEGER NOT NULL,
    state             TEXT NOT NULL,
    customer_id       BLOB,
    payment_method_id BLOB,
    mandate_id        BLOB,
    usage             TEXT,
    failure_code      TEXT,
    made_at           INTEGER,
    contested         INTEGER NOT NULL,
    said_at           INTEGER,
    said_rank         INTEGER NOT NULL,
    said_content      INTEGER NOT NULL,
    milestones        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mandate (
    id                BLOB PRIMARY KEY NOT NULL,
    scope             INTEGER NOT NULL,
    version           INTEGER NOT NULL,
    updated_seq       INTEGER NOT NULL,
    created_us        INTEGER NOT NULL,
    updated_us        INTEGER NOT NULL,
    state             TEXT NOT NULL,
    mandate_type      TEXT NOT NULL,
    method            TEXT,
    payment_method_id BLOB,
    accepted_at       INTEGER,
    contested         INTEGER NOT NULL,
    said_at           INTEGER,
    said_rank         INTEGER NOT NULL,
    said_content      INTEGER NOT NULL,
    milestones        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE review (
    id           BLOB PRIMARY KEY NOT NULL,
    scope        INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    updated_seq  INTEGER NOT NULL,
    created_us   INTEGER NOT NULL,
    updated_us   INTEGER NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT,
    attempt_id   BLOB,
    payment_id   BLOB,
    made_at      INTEGER,
    contested    INTEGER NOT NULL,
    said_at      INTEGER,
    said_rank    INTEGER NOT NULL,
    said_content INTEGER NOT NULL,
    milestones   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fraud_warning (
    id           BLOB PRIMARY KEY NOT NULL,
    scope        INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    updated_seq  INTEGER NOT NULL,
    created_us   INTEGER NOT NULL,
    updated_us   INTEGER NOT NULL,
    fraud_type   TEXT,
    actionable   INTEGER NOT NULL,
    attempt_id   BLOB,
    payment_id   BLOB,
    made_at      INTEGER,
    contested    INTEGER NOT NULL,
    said_at      INTEGER,
    said_rank    INTEGER NOT NULL,
    said_content INTEGER NOT NULL,
    milestones   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE connected_account (
    id               BLOB PRIMARY KEY NOT NULL,
    scope            INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    updated_seq      INTEGER NOT NULL,
    created_us       INTEGER NOT NULL,
    updated_us       INTEGER NOT NULL,
    charges_enabled  INTEGER NOT NULL,
    payouts_enabled  INTEGER NOT NULL,
    country          TEXT,
    default_currency TEXT,
    deleted          INTEGER NOT NULL,
    made_at          INTEGER,
    contested        INTEGER NOT NULL,
    said_at          INTEGER,
    said_rank        INTEGER NOT NULL,
    said_content     INTEGER NOT NULL,
    milestones       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE transfer (
    id             BLOB PRIMARY KEY NOT NULL,
    scope          INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    updated_seq    INTEGER NOT NULL,
    created_us     INTEGER NOT NULL,
    updated_us     INTEGER NOT NULL,
    amount_minor   INTEGER NOT NULL,
    reversed_minor INTEGER NOT NULL,
    currency       TEXT,
    was_reversed   INTEGER NOT NULL,
    account_id     BLOB,
    attempt_id     BLOB,
    transfer_group TEXT,
    made_at        INTEGER,
    contested      INTEGER NOT NULL,
    said_at        INTEGER,
    said_rank      INTEGER NOT NULL,
    said_content   INTEGER NOT NULL,
    milestones     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE application_fee (
    id             BLOB PRIMARY KEY NOT NULL,
    scope          INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    updated_seq    INTEGER NOT NULL,
    created_us     INTEGER NOT NULL,
    updated_us     INTEGER NOT NULL,
    amount_minor   INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    currency       TEXT,
    was_refunded   INTEGER NOT NULL,
    account_id     BLOB,
    attempt_id     BLOB,
    made_at        INTEGER,
    contested      INTEGER NOT NULL,
    said_at        INTEGER,
    said_rank      INTEGER NOT NULL,
    said_content   INTEGER NOT NULL,
    milestones     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fee_refund (
    id                 BLOB PRIMARY KEY NOT NULL,
    scope              INTEGER NOT NULL,
    version            INTEGER NOT NULL,
    updated_seq        INTEGER NOT NULL,
    created_us         INTEGER NOT NULL,
    updated_us         INTEGER NOT NULL,
    amount_minor       INTEGER NOT NULL,
    currency           TEXT,
    application_fee_id BLOB,
    made_at            INTEGER,
    contested          INTEGER NOT NULL,
    said_at            INTEGER,
    said_rank          INTEGER NOT NULL,
    said_content       INTEGER NOT NULL,
    milestones         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE topup (
    id           BLOB PRIMARY KEY NOT NULL,
    scope        INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    updated_seq  INTEGER NOT NULL,
    created_us   INTEGER NOT NULL,
    updated_us   INTEGER NOT NULL,
    state        TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency     TEXT,
    expected_at  INTEGER,
    failure_code TEXT,
    made_at      INTEGER,
    contested    INTEGER NOT NULL,
    said_at      INTEGER,
    said_rank    INTEGER NOT NULL,
    said_content INTEGER NOT NULL,
    milestones   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dispute_attempt ON dispute (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX dispute_payment ON dispute (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX payout_original_payout ON payout (original_payout_id) WHERE original_payout_id IS NOT NULL;
CREATE INDEX payout_reversed_by ON payout (reversed_by_id) WHERE reversed_by_id IS NOT NULL;
CREATE INDEX payment_method_customer ON payment_method (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX checkout_customer ON checkout (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX checkout_payment ON checkout (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX checkout_subscription ON checkout (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX checkout_invoice ON checkout (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX checkout_setup ON checkout (setup_id) WHERE setup_id IS NOT NULL;
CREATE INDEX setup_customer ON setup (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX setup_payment_method ON setup (payment_method_id) WHERE payment_method_id IS NOT NULL;
CREATE INDEX setup_mandate ON setup (mandate_id) WHERE mandate_id IS NOT NULL;
CREATE INDEX mandate_payment_method ON mandate (payment_method_id) WHERE payment_method_id IS NOT NULL;
CREATE INDEX review_attempt ON review (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX review_payment ON review (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX fraud_warning_attempt ON fraud_warning (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX fraud_warning_payment ON fraud_warning (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX transfer_account ON transfer (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX transfer_attempt ON transfer (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX application_fee_account ON application_fee (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX application_fee_attempt ON application_fee (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX fee_refund_application_fee ON fee_refund (application_fee_id) WHERE application_fee_id IS NOT NULL;
CREATE INDEX dispute_contested ON dispute (updated_us) WHERE contested = 1;
CREATE INDEX payout_contested ON payout (updated_us) WHERE contested = 1;
CREATE INDEX balance_contested ON balance (updated_us) WHERE contested = 1;
CREATE INDEX report_contested ON report (updated_us) WHERE contested = 1;
CREATE INDEX payment_method_contested ON payment_method (updated_us) WHERE contested = 1;
CREATE INDEX checkout_contested ON checkout (updated_us) WHERE contested = 1;
CREATE INDEX setup_contested ON setup (updated_us) WHERE contested = 1;
CREATE INDEX mandate_contested ON mandate (updated_us) WHERE contested = 1;
CREATE INDEX review_contested ON review (updated_us) WHERE contested = 1;
CREATE INDEX fraud_warning_contested ON fraud_warning (updated_us) WHERE contested = 1;
CREATE INDEX connected_account_contested ON connected_account (updated_us) WHERE contested = 1;
CREATE INDEX transfer_contested ON transfer (updated_us) WHERE contested = 1;
CREATE INDEX application_fee_contested ON application_fee (updated_us) WHERE contested = 1;
CREATE INDEX fee_refund_contested ON fee_refund (updated_us) WHERE contested = 1;
CREATE INDEX topup_contested ON topup (updated_us) WHERE contested = 1;

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

CREATE VIEW payment_method_view AS
SELECT
    'cf_pme_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    r.method,
    r.brand,
    r.last_four,
    r.expiry_month,
    r.expiry_year,
    r.country,
    r.wallet,
    r.deleted,
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
FROM payment_method r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW checkout_view AS
SELECT
    'cf_chk_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.payment_status,
    r.mode,
    r.order_reference,
    CASE WHEN r.amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_minor % coalesce(u.unit, 100)), 2) END AS amount,
    r.currency,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.expires_at - (r.expires_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.expires_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.expires_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS expires_at,
    r.paid,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    'cf_pay_' || lower(nullif(hex(r.payment_id), '')) AS payment_id,
    'cf_sub_' || lower(nullif(hex(r.subscription_id), '')) AS subscription_id,
    'cf_inv_' || lower(nullif(hex(r.invoice_id), '')) AS invoice_id,
    'cf_set_' || lower(nullif(hex(r.setup_id), '')) AS setup_id,
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
FROM checkout r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW setup_view AS
SELECT
    'cf_set_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    'cf_pme_' || lower(nullif(hex(r.payment_method_id), '')) AS payment_method_id,
    'cf_man_' || lower(nullif(hex(r.mandate_id), '')) AS mandate_id,
    r.usage,
    r.failure_code,
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
FROM setup r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW mandate_view AS
SELECT
    'cf_man_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.mandate_type,
    r.method,
    'cf_pme_' || lower(nullif(hex(r.payment_method_id), '')) AS payment_method_id,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.accepted_at - (r.accepted_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.accepted_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.accepted_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS accepted_at,
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
FROM mandate r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW review_view AS
SELECT
    'cf_rev_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.reason,
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
FROM review r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW fraud_warning_view AS
SELECT
    'cf_frw_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.fraud_type,
    r.actionable,
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
FROM fraud_warning r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW connected_account_view AS
SELECT
    'cf_acc_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.charges_enabled,
    r.payouts_enabled,
    r.country,
    r.default_currency,
    r.deleted,
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
FROM connected_account r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW transfer_view AS
SELECT
    'cf_tra_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    CASE WHEN r.amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_minor % coalesce(u.unit, 100)), 2) END AS amount,
    CASE WHEN r.reversed_minor < 0 THEN '-' ELSE '' END || ltrim(r.reversed_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.reversed_minor % coalesce(u.unit, 100)), 2) END AS reversed,
    r.currency,
    r.was_reversed,
    'cf_acc_' || lower(nullif(hex(r.account_id), '')) AS account_id,
    'cf_att_' || lower(nullif(hex(r.attempt_id), '')) AS attempt_id,
    r.transfer_group,
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
FROM transfer r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW application_fee_view AS
SELECT
    'cf_apf_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    CASE WHEN r.amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_minor % coalesce(u.unit, 100)), 2) END AS amount,
    CASE WHEN r.refunded_minor < 0 THEN '-' ELSE '' END || ltrim(r.refunded_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.refunded_minor % coalesce(u.unit, 100)), 2) END AS refunded,
    r.currency,
    r.was_refunded,
    'cf_acc_' || lower(nullif(hex(r.account_id), '')) AS account_id,
    'cf_att_' || lower(nullif(hex(r.attempt_id), '')) AS attempt_id,
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
FROM application_fee r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW fee_refund_view AS
SELECT
    'cf_fre_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    CASE WHEN r.amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_minor % coalesce(u.unit, 100)), 2) END AS amount,
    r.currency,
    'cf_apf_' || lower(nullif(hex(r.application_fee_id), '')) AS application_fee_id,
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
FROM fee_refund r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW topup_view AS
SELECT
    'cf_top_' || lower(nullif(hex(r.id), '')) AS id,
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
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.expected_at - (r.expected_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.expected_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.expected_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS expected_at,
    r.failure_code,
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
FROM topup r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;
