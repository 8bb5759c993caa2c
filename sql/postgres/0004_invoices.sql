-- What customers owe, line by line, what settles and corrects it, and their tax ids.

CREATE TABLE invoice (
    id                        BYTEA PRIMARY KEY,
    scope                     BIGINT NOT NULL,
    version                   BIGINT NOT NULL,
    updated_seq               BIGINT NOT NULL,
    created_us                BIGINT NOT NULL,
    updated_us                BIGINT NOT NULL,
    state                     TEXT NOT NULL,
    number                    TEXT,
    customer_id               BYTEA,
    subscription_id           BYTEA,
    currency                  TEXT,
    subtotal_minor            BIGINT NOT NULL,
    discount_minor            BIGINT NOT NULL,
    tax_minor                 BIGINT NOT NULL,
    total_minor               BIGINT NOT NULL,
    due_minor                 BIGINT NOT NULL,
    paid_minor                BIGINT NOT NULL,
    remaining_minor           BIGINT NOT NULL,
    overpaid_minor            BIGINT NOT NULL,
    out_of_band_minor         BIGINT NOT NULL,
    paid_out_of_band          SMALLINT NOT NULL,
    pre_payment_credit_minor  BIGINT NOT NULL,
    post_payment_credit_minor BIGINT NOT NULL,
    starting_balance_minor    BIGINT NOT NULL,
    ending_balance_minor      BIGINT NOT NULL,
    applied_balance_minor     BIGINT NOT NULL,
    payment_id                BYTEA,
    attempt_id                BYTEA,
    billing_reason            TEXT,
    collects_itself           SMALLINT NOT NULL,
    due_at                    BIGINT,
    overdue_at                BIGINT,
    attempted                 SMALLINT NOT NULL,
    attempt_count             BIGINT NOT NULL,
    next_attempt_at           BIGINT,
    payment_failed_at         BIGINT,
    period_start              BIGINT,
    period_end                BIGINT,
    made_at                   BIGINT,
    finalized_at              BIGINT,
    paid_at                   BIGINT,
    voided_at                 BIGINT,
    uncollectible_at          BIGINT,
    contested                 SMALLINT NOT NULL,
    said_at                   BIGINT,
    said_rank                 BIGINT NOT NULL,
    said_content              BIGINT NOT NULL,
    milestones                BIGINT NOT NULL,
    listed_at                 BIGINT,
    listed_rank               BIGINT NOT NULL,
    listed                    BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE invoice_line (
    id                   BYTEA PRIMARY KEY,
    scope                BIGINT NOT NULL,
    version              BIGINT NOT NULL,
    updated_seq          BIGINT NOT NULL,
    created_us           BIGINT NOT NULL,
    updated_us           BIGINT NOT NULL,
    invoice_id           BYTEA,
    description          TEXT,
    amount_minor         BIGINT NOT NULL,
    currency             TEXT,
    quantity             BIGINT NOT NULL,
    quantity_decimal     TEXT,
    price_id             BYTEA,
    subscription_id      BYTEA,
    subscription_item_id BYTEA,
    period_start         BIGINT,
    period_end           BIGINT,
    proration            SMALLINT NOT NULL,
    discount_minor       BIGINT NOT NULL,
    tax_minor            BIGINT NOT NULL,
    contested            SMALLINT NOT NULL,
    said_at              BIGINT,
    said_rank            BIGINT NOT NULL,
    said_content         BIGINT NOT NULL,
    milestones           BIGINT NOT NULL,
    listed               BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE invoice_payment (
    id              BYTEA PRIMARY KEY,
    scope           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    updated_seq     BIGINT NOT NULL,
    created_us      BIGINT NOT NULL,
    updated_us      BIGINT NOT NULL,
    state           TEXT NOT NULL,
    invoice_id      BYTEA,
    payment_id      BYTEA,
    attempt_id      BYTEA,
    external        SMALLINT NOT NULL,
    requested_minor BIGINT NOT NULL,
    paid_minor      BIGINT NOT NULL,
    currency        TEXT,
    is_default      SMALLINT NOT NULL,
    made_at         BIGINT,
    paid_at         BIGINT,
    canceled_at     BIGINT,
    contested       SMALLINT NOT NULL,
    said_at         BIGINT,
    said_rank       BIGINT NOT NULL,
    said_content    BIGINT NOT NULL,
    milestones      BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE credit_note (
    id                 BYTEA PRIMARY KEY,
    scope              BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    updated_seq        BIGINT NOT NULL,
    created_us         BIGINT NOT NULL,
    updated_us         BIGINT NOT NULL,
    state              TEXT NOT NULL,
    number             TEXT,
    invoice_id         BYTEA,
    customer_id        BYTEA,
    amount_minor       BIGINT NOT NULL,
    currency           TEXT,
    tax_minor          BIGINT NOT NULL,
    pre_payment_minor  BIGINT NOT NULL,
    post_payment_minor BIGINT NOT NULL,
    refund_id          BYTEA,
    refund_count       BIGINT NOT NULL,
    refunded_minor     BIGINT NOT NULL,
    balance_minor      BIGINT NOT NULL,
    out_of_band_minor  BIGINT NOT NULL,
    reason             TEXT,
    made_at            BIGINT,
    voided_at          BIGINT,
    contested          SMALLINT NOT NULL,
    said_at            BIGINT,
    said_rank          BIGINT NOT NULL,
    said_content       BIGINT NOT NULL,
    milestones         BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE tax_id (
    id           BYTEA PRIMARY KEY,
    scope        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    updated_seq  BIGINT NOT NULL,
    created_us   BIGINT NOT NULL,
    updated_us   BIGINT NOT NULL,
    state        TEXT NOT NULL,
    customer_id  BYTEA,
    type         TEXT,
    country      TEXT,
    deleted      SMALLINT NOT NULL,
    made_at      BIGINT,
    contested    SMALLINT NOT NULL,
    said_at      BIGINT,
    said_rank    BIGINT NOT NULL,
    said_content BIGINT NOT NULL,
    milestones   BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX invoice_customer ON invoice (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX invoice_subscription ON invoice (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX invoice_named_payment ON invoice (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX invoice_named_attempt ON invoice (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX invoice_line_invoice ON invoice_line (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX invoice_line_subscription ON invoice_line (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX invoice_payment_invoice ON invoice_payment (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX invoice_payment_payment ON invoice_payment (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX invoice_payment_attempt ON invoice_payment (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX credit_note_invoice ON credit_note (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX credit_note_customer ON credit_note (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX credit_note_refund ON credit_note (refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX tax_id_customer ON tax_id (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX invoice_contested ON invoice (updated_us) WHERE contested = 1;
CREATE INDEX invoice_line_contested ON invoice_line (updated_us) WHERE contested = 1;
CREATE INDEX invoice_payment_contested ON invoice_payment (updated_us) WHERE contested = 1;
CREATE INDEX credit_note_contested ON credit_note (updated_us) WHERE contested = 1;
CREATE INDEX tax_id_contested ON tax_id (updated_us) WHERE contested = 1;

CREATE VIEW invoice_view AS
SELECT
    'cf_inv_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.number,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    'cf_sub_' || encode(r.subscription_id, 'hex') AS subscription_id,
    r.currency,
    cf_amount(r.subtotal_minor, u.unit) AS subtotal,
    cf_amount(r.discount_minor, u.unit) AS discount,
    cf_amount(r.tax_minor, u.unit) AS tax,
    cf_amount(r.total_minor, u.unit) AS total,
    cf_amount(r.due_minor, u.unit) AS due,
    cf_amount(r.paid_minor, u.unit) AS paid,
    cf_amount(r.remaining_minor, u.unit) AS remaining,
    cf_amount(r.overpaid_minor, u.unit) AS overpaid,
    cf_amount(r.out_of_band_minor, u.unit) AS out_of_band,
    r.paid_out_of_band <> 0 AS paid_out_of_band,
    cf_amount(r.pre_payment_credit_minor, u.unit) AS pre_payment_credit,
    cf_amount(r.post_payment_credit_minor, u.unit) AS post_payment_credit,
    cf_amount(r.starting_balance_minor, u.unit) AS starting_balance,
    cf_amount(r.ending_balance_minor, u.unit) AS ending_balance,
    cf_amount(r.applied_balance_minor, u.unit) AS applied_balance,
    'cf_pay_' || encode(r.payment_id, 'hex') AS payment_id,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    r.billing_reason,
    r.collects_itself <> 0 AS collects_itself,
    cf_time(r.due_at) AS due_at,
    cf_time(r.overdue_at) AS overdue_at,
    r.attempted <> 0 AS attempted,
    r.attempt_count,
    cf_time(r.next_attempt_at) AS next_attempt_at,
    cf_time(r.payment_failed_at) AS payment_failed_at,
    cf_time(r.period_start) AS period_start,
    cf_time(r.period_end) AS period_end,
    cf_time(r.made_at) AS made_at,
    cf_time(r.finalized_at) AS finalized_at,
    cf_time(r.paid_at) AS paid_at,
    cf_time(r.voided_at) AS voided_at,
    cf_time(r.uncollectible_at) AS uncollectible_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM invoice r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW invoice_line_view AS
SELECT
    'cf_inl_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_inv_' || encode(r.invoice_id, 'hex') AS invoice_id,
    r.description,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    r.quantity,
    r.quantity_decimal,
    'cf_pri_' || encode(r.price_id, 'hex') AS price_id,
    'cf_sub_' || encode(r.subscription_id, 'hex') AS subscription_id,
    'cf_sui_' || encode(r.subscription_item_id, 'hex') AS subscription_item_id,
    cf_time(r.period_start) AS period_start,
    cf_time(r.period_end) AS period_end,
    r.proration <> 0 AS proration,
    cf_amount(r.discount_minor, u.unit) AS discount,
    cf_amount(r.tax_minor, u.unit) AS tax,
    ((coalesce(r.said_at, 0), r.said_rank) > (coalesce(w.listed_at, 0), coalesce(w.listed_rank, 0))
        OR (coalesce(r.said_at, 0), r.said_rank) = (coalesce(w.listed_at, 0), coalesce(w.listed_rank, 0))
            AND r.listed IN (0, w.listed)
        OR w.id IS NULL) AS current,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM invoice_line r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency
LEFT JOIN invoice w ON w.id = r.invoice_id;

CREATE VIEW invoice_payment_view AS
SELECT
    'cf_inp_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_inv_' || encode(r.invoice_id, 'hex') AS invoice_id,
    'cf_pay_' || encode(r.payment_id, 'hex') AS payment_id,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    r.external <> 0 AS external,
    cf_amount(r.requested_minor, u.unit) AS requested,
    cf_amount(r.paid_minor, u.unit) AS paid,
    r.currency,
    r.is_default <> 0 AS is_default,
    cf_time(r.made_at) AS made_at,
    cf_time(r.paid_at) AS paid_at,
    cf_time(r.canceled_at) AS canceled_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM invoice_payment r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW credit_note_view AS
SELECT
    'cf_crn_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.number,
    'cf_inv_' || encode(r.invoice_id, 'hex') AS invoice_id,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    cf_amount(r.tax_minor, u.unit) AS tax,
    cf_amount(r.pre_payment_minor, u.unit) AS pre_payment,
    cf_amount(r.post_payment_minor, u.unit) AS post_payment,
    'cf_ref_' || encode(r.refund_id, 'hex') AS refund_id,
    r.refund_count,
    cf_amount(r.refunded_minor, u.unit) AS refunded,
    cf_amount(r.balance_minor, u.unit) AS balance,
    cf_amount(r.out_of_band_minor, u.unit) AS out_of_band,
    r.reason,
    cf_time(r.made_at) AS made_at,
    cf_time(r.voided_at) AS voided_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM credit_note r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW tax_id_view AS
SELECT
    'cf_tax_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    r.type,
    r.country,
    r.deleted <> 0 AS deleted,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM tax_id r
JOIN scope s ON s.scope = r.scope;
