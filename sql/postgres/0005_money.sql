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

CREATE TABLE payment_method (
    id           BYTEA PRIMARY KEY,
    scope        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    updated_seq  BIGINT NOT NULL,
    created_us   BIGINT NOT NULL,
    updated_us   BIGINT NOT NULL,
    customer_id  BYTEA,
    method       TEXT,
    brand        TEXT,
    last_four    TEXT,
    expiry_month BIGINT NOT NULL,
    expiry_year  BIGINT NOT NULL,
    country      TEXT,
    wallet       TEXT,
    deleted      SMALLINT NOT NULL,
    made_at      BIGINT,
    contested    SMALLINT NOT NULL,
    said_at      BIGINT,
    said_rank    BIGINT NOT NULL,
    said_content BIGINT NOT NULL,
    milestones   BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE checkout (
    id              BYTEA PRIMARY KEY,
    scope           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    updated_seq     BIGINT NOT NULL,
    created_us      BIGINT NOT NULL,
    updated_us      BIGINT NOT NULL,
    state           TEXT NOT NULL,
    payment_status  TEXT NOT NULL,
    mode            TEXT NOT NULL,
    order_reference TEXT,
    amount_minor    BIGINT NOT NULL,
    currency        TEXT,
    expires_at      BIGINT,
    paid            SMALLINT NOT NULL,
    customer_id     BYTEA,
    payment_id      BYTEA,
    subscription_id BYTEA,
    invoice_id      BYTEA,
    setup_id        BYTEA,
    made_at         BIGINT,
    contested       SMALLINT NOT NULL,
    said_at         BIGINT,
    said_rank       BIGINT NOT NULL,
    said_content    BIGINT NOT NULL,
    milestones      BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE setup (
    id                BYTEA PRIMARY KEY,
    scope             BIGINT NOT NULL,
    version           BIGINT NOT NULL,
    updated_seq       BIGINT NOT NULL,
    created_us        BIGINT NOT NULL,
    updated_us        BIGINT NOT NULL,
    state             TEXT NOT NULL,
    customer_id       BYTEA,
    payment_method_id BYTEA,
    mandate_id        BYTEA,
    usage             TEXT,
    failure_code      TEXT,
    made_at           BIGINT,
    contested         SMALLINT NOT NULL,
    said_at           BIGINT,
    said_rank         BIGINT NOT NULL,
    said_content      BIGINT NOT NULL,
    milestones        BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE mandate (
    id                BYTEA PRIMARY KEY,
    scope             BIGINT NOT NULL,
    version           BIGINT NOT NULL,
    updated_seq       BIGINT NOT NULL,
    created_us        BIGINT NOT NULL,
    updated_us        BIGINT NOT NULL,
    state             TEXT NOT NULL,
    mandate_type      TEXT NOT NULL,
    method            TEXT,
    payment_method_id BYTEA,
    accepted_at       BIGINT,
    contested         SMALLINT NOT NULL,
    said_at           BIGINT,
    said_rank         BIGINT NOT NULL,
    said_content      BIGINT NOT NULL,
    milestones        BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE review (
    id           BYTEA PRIMARY KEY,
    scope        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    updated_seq  BIGINT NOT NULL,
    created_us   BIGINT NOT NULL,
    updated_us   BIGINT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT,
    attempt_id   BYTEA,
    payment_id   BYTEA,
    made_at      BIGINT,
    contested    SMALLINT NOT NULL,
    said_at      BIGINT,
    said_rank    BIGINT NOT NULL,
    said_content BIGINT NOT NULL,
    milestones   BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE fraud_warning (
    id           BYTEA PRIMARY KEY,
    scope        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    updated_seq  BIGINT NOT NULL,
    created_us   BIGINT NOT NULL,
    updated_us   BIGINT NOT NULL,
    fraud_type   TEXT,
    actionable   SMALLINT NOT NULL,
    attempt_id   BYTEA,
    payment_id   BYTEA,
    made_at      BIGINT,
    contested    SMALLINT NOT NULL,
    said_at      BIGINT,
    said_rank    BIGINT NOT NULL,
    said_content BIGINT NOT NULL,
    milestones   BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE connected_account (
    id               BYTEA PRIMARY KEY,
    scope            BIGINT NOT NULL,
    version          BIGINT NOT NULL,
    updated_seq      BIGINT NOT NULL,
    created_us       BIGINT NOT NULL,
    updated_us       BIGINT NOT NULL,
    charges_enabled  SMALLINT NOT NULL,
    payouts_enabled  SMALLINT NOT NULL,
    country          TEXT,
    default_currency TEXT,
    deleted          SMALLINT NOT NULL,
    made_at          BIGINT,
    contested        SMALLINT NOT NULL,
    said_at          BIGINT,
    said_rank        BIGINT NOT NULL,
    said_content     BIGINT NOT NULL,
    milestones       BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE transfer (
    id             BYTEA PRIMARY KEY,
    scope          BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_seq    BIGINT NOT NULL,
    created_us     BIGINT NOT NULL,
    updated_us     BIGINT NOT NULL,
    amount_minor   BIGINT NOT NULL,
    reversed_minor BIGINT NOT NULL,
    currency       TEXT,
    was_reversed   SMALLINT NOT NULL,
    account_id     BYTEA,
    attempt_id     BYTEA,
    transfer_group TEXT,
    made_at        BIGINT,
    contested      SMALLINT NOT NULL,
    said_at        BIGINT,
    said_rank      BIGINT NOT NULL,
    said_content   BIGINT NOT NULL,
    milestones     BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE application_fee (
    id             BYTEA PRIMARY KEY,
    scope          BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    updated_seq    BIGINT NOT NULL,
    created_us     BIGINT NOT NULL,
    updated_us     BIGINT NOT NULL,
    amount_minor   BIGINT NOT NULL,
    refunded_minor BIGINT NOT NULL,
    currency       TEXT,
    was_refunded   SMALLINT NOT NULL,
    account_id     BYTEA,
    attempt_id     BYTEA,
    made_at        BIGINT,
    contested      SMALLINT NOT NULL,
    said_at        BIGINT,
    said_rank      BIGINT NOT NULL,
    said_content   BIGINT NOT NULL,
    milestones     BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE fee_refund (
    id                 BYTEA PRIMARY KEY,
    scope              BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    updated_seq        BIGINT NOT NULL,
    created_us         BIGINT NOT NULL,
    updated_us         BIGINT NOT NULL,
    amount_minor       BIGINT NOT NULL,
    currency           TEXT,
    application_fee_id BYTEA,
    made_at            BIGINT,
    contested          SMALLINT NOT NULL,
    said_at            BIGINT,
    said_rank          BIGINT NOT NULL,
    said_content       BIGINT NOT NULL,
    milestones         BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE topup (
    id           BYTEA PRIMARY KEY,
    scope        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    updated_seq  BIGINT NOT NULL,
    created_us   BIGINT NOT NULL,
    updated_us   BIGINT NOT NULL,
    state        TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency     TEXT,
    expected_at  BIGINT,
    failure_code TEXT,
    made_at      BIGINT,
    contested    SMALLINT NOT NULL,
    said_at      BIGINT,
    said_rank    BIGINT NOT NULL,
    said_content BIGINT NOT NULL,
    milestones   BIGINT NOT NULL
) WITH (fillfactor = 80);

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

CREATE VIEW payment_method_view AS
SELECT
    'cf_pme_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    r.method,
    r.brand,
    r.last_four,
    r.expiry_month,
    r.expiry_year,
    r.country,
    r.wallet,
    r.deleted <> 0 AS deleted,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM payment_method r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW checkout_view AS
SELECT
    'cf_chk_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.payment_status,
    r.mode,
    r.order_reference,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    cf_time(r.expires_at) AS expires_at,
    r.paid <> 0 AS paid,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    'cf_pay_' || encode(r.payment_id, 'hex') AS payment_id,
    'cf_sub_' || encode(r.subscription_id, 'hex') AS subscription_id,
    'cf_inv_' || encode(r.invoice_id, 'hex') AS invoice_id,
    'cf_set_' || encode(r.setup_id, 'hex') AS setup_id,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM checkout r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW setup_view AS
SELECT
    'cf_set_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    'cf_pme_' || encode(r.payment_method_id, 'hex') AS payment_method_id,
    'cf_man_' || encode(r.mandate_id, 'hex') AS mandate_id,
    r.usage,
    r.failure_code,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM setup r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW mandate_view AS
SELECT
    'cf_man_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.mandate_type,
    r.method,
    'cf_pme_' || encode(r.payment_method_id, 'hex') AS payment_method_id,
    cf_time(r.accepted_at) AS accepted_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM mandate r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW review_view AS
SELECT
    'cf_rev_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.reason,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    'cf_pay_' || encode(r.payment_id, 'hex') AS payment_id,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM review r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW fraud_warning_view AS
SELECT
    'cf_frw_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.fraud_type,
    r.actionable <> 0 AS actionable,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    'cf_pay_' || encode(r.payment_id, 'hex') AS payment_id,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM fraud_warning r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW connected_account_view AS
SELECT
    'cf_acc_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.charges_enabled <> 0 AS charges_enabled,
    r.payouts_enabled <> 0 AS payouts_enabled,
    r.country,
    r.default_currency,
    r.deleted <> 0 AS deleted,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM connected_account r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW transfer_view AS
SELECT
    'cf_tra_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    cf_amount(r.amount_minor, u.unit) AS amount,
    cf_amount(r.reversed_minor, u.unit) AS reversed,
    r.currency,
    r.was_reversed <> 0 AS was_reversed,
    'cf_acc_' || encode(r.account_id, 'hex') AS account_id,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    r.transfer_group,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM transfer r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW application_fee_view AS
SELECT
    'cf_apf_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    cf_amount(r.amount_minor, u.unit) AS amount,
    cf_amount(r.refunded_minor, u.unit) AS refunded,
    r.currency,
    r.was_refunded <> 0 AS was_refunded,
    'cf_acc_' || encode(r.account_id, 'hex') AS account_id,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM application_fee r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW fee_refund_view AS
SELECT
    'cf_fre_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    'cf_apf_' || encode(r.application_fee_id, 'hex') AS application_fee_id,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM fee_refund r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW topup_view AS
SELECT
    'cf_top_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    cf_time(r.expected_at) AS expected_at,
    r.failure_code,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM topup r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;
