-- Disputes, what customers pay with, the provider's balance and payouts, and connected accounts: src/domain/aggregates.def.

CREATE TABLE dispute (
    id                  BYTEA PRIMARY KEY,
    scope               BIGINT NOT NULL,
    version             BIGINT NOT NULL,
    updated_seq         BIGINT NOT NULL,
    created_us          BIGINT NOT NULL,
    updated_us          BIGINT NOT NULL,
    state               TEXT NOT NULL,
    amount_minor        BIGINT NOT NULL,
    currency            TEXT,
    reason              TEXT,
    network_reason      TEXT,
    is_inquiry          SMALLINT NOT NULL,
    evidence_due_at     BIGINT,
    withdrawn_minor     BIGINT NOT NULL,
    settlement_currency TEXT,
    funds_withdrawn     SMALLINT NOT NULL,
    funds_reinstated    SMALLINT NOT NULL,
    attempt_id          BYTEA,
    payment_id          BYTEA,
    made_at             BIGINT,
    contested           SMALLINT NOT NULL,
    said_at             BIGINT,
    said_rank           BIGINT NOT NULL,
    said_content        BIGINT NOT NULL,
    milestones          BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE payout (
    id                 BYTEA PRIMARY KEY,
    scope              BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    updated_seq        BIGINT NOT NULL,
    created_us         BIGINT NOT NULL,
    updated_us         BIGINT NOT NULL,
    state              TEXT NOT NULL,
    amount_minor       BIGINT NOT NULL,
    currency           TEXT,
    automatic          SMALLINT NOT NULL,
    method             TEXT NOT NULL,
    arrival_at         BIGINT,
    failure_code       TEXT,
    trace_id           TEXT,
    reconciliation     TEXT NOT NULL,
    reconciled         SMALLINT NOT NULL,
    original_payout_id BYTEA,
    reversed_by_id     BYTEA,
    made_at            BIGINT,
    contested          SMALLINT NOT NULL,
    said_at            BIGINT,
    said_rank          BIGINT NOT NULL,
    said_content       BIGINT NOT NULL,
    milestones         BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE balance (
    id                      BYTEA PRIMARY KEY,
    scope                   BIGINT NOT NULL,
    version                 BIGINT NOT NULL,
    updated_seq             BIGINT NOT NULL,
    created_us              BIGINT NOT NULL,
    updated_us              BIGINT NOT NULL,
    currency                TEXT,
    available_minor         BIGINT NOT NULL,
    pending_minor           BIGINT NOT NULL,
    instant_available_minor BIGINT NOT NULL,
    contested               SMALLINT NOT NULL,
    said_at                 BIGINT,
    said_rank               BIGINT NOT NULL,
    said_content            BIGINT NOT NULL,
    milestones              BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE report (
    id                BYTEA PRIMARY KEY,
    scope             BIGINT NOT NULL,
    version           BIGINT NOT NULL,
    updated_seq       BIGINT NOT NULL,
    created_us        BIGINT NOT NULL,
    updated_us        BIGINT NOT NULL,
    state             TEXT NOT NULL,
    report_type       TEXT,
    interval_start_at BIGINT,
    interval_end_at   BIGINT,
    data_from_at      BIGINT,
    data_until_at     BIGINT,
    file              TEXT,
    failure_reason    TEXT,
    succeeded_at      BIGINT,
    made_at           BIGINT,
    contested         SMALLINT NOT NULL,
    said_at           BIGINT,
    said_rank         BIGINT NOT NULL,
    said_content      BIGINT NOT NULL,
    milestones        BIGINT NOT NULL
) WITH (fillfactor = 80);

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
    'cf_dis_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    r.reason,
    r.network_reason,
    r.is_inquiry <> 0 AS is_inquiry,
    cf_time(r.evidence_due_at) AS evidence_due_at,
    cf_amount(r.withdrawn_minor, u2.unit) AS withdrawn,
    r.settlement_currency,
    r.funds_withdrawn <> 0 AS funds_withdrawn,
    r.funds_reinstated <> 0 AS funds_reinstated,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    'cf_pay_' || encode(r.payment_id, 'hex') AS payment_id,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM dispute r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency
LEFT JOIN currency_unit u2 ON u2.currency = r.settlement_currency;

CREATE VIEW payout_view AS
SELECT
    'cf_out_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    r.automatic <> 0 AS automatic,
    r.method,
    cf_time(r.arrival_at) AS arrival_at,
    r.failure_code,
    r.trace_id,
    r.reconciliation,
    r.reconciled <> 0 AS reconciled,
    'cf_out_' || encode(r.original_payout_id, 'hex') AS original_payout_id,
    'cf_out_' || encode(r.reversed_by_id, 'hex') AS reversed_by_id,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM payout r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW balance_view AS
SELECT
    'cf_bal_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.currency,
    cf_amount(r.available_minor, u.unit) AS available,
    cf_amount(r.pending_minor, u.unit) AS pending,
    cf_amount(r.instant_available_minor, u.unit) AS instant_available,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM balance r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW report_view AS
SELECT
    'cf_rep_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.report_type,
    cf_time(r.interval_start_at) AS interval_start_at,
    cf_time(r.interval_end_at) AS interval_end_at,
    cf_time(r.data_from_at) AS data_from_at,
    cf_time(r.data_until_at) AS data_until_at,
    r.file,
    r.failure_reason,
    cf_time(r.succeeded_at) AS succeeded_at,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM report r
JOIN scope s ON s.scope = r.scope;
