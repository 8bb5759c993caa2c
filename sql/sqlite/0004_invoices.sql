-- What customers owe, line by line, what settles and corrects it, and their tax ids.

CREATE TABLE invoice (
    id                        BLOB PRIMARY KEY NOT NULL,
    scope                     INTEGER NOT NULL,
    version                   INTEGER NOT NULL,
    updated_seq               INTEGER NOT NULL,
    created_us                INTEGER NOT NULL,
    updated_us                INTEGER NOT NULL,
    state                     TEXT NOT NULL,
    number                    TEXT,
    customer_id               BLOB,
    subscription_id           BLOB,
    currency                  TEXT,
    subtotal_minor            INTEGER NOT NULL,
    discount_minor            INTEGER NOT NULL,
    tax_minor                 INTEGER NOT NULL,
    total_minor               INTEGER NOT NULL,
    due_minor                 INTEGER NOT NULL,
    paid_minor                INTEGER NOT NULL,
    remaining_minor           INTEGER NOT NULL,
    overpaid_minor            INTEGER NOT NULL,
    out_of_band_minor         INTEGER NOT NULL,
    paid_out_of_band          INTEGER NOT NULL,
    pre_payment_credit_minor  INTEGER NOT NULL,
    post_payment_credit_minor INTEGER NOT NULL,
    starting_balance_minor    INTEGER NOT NULL,
    ending_balance_minor      INTEGER NOT NULL,
    applied_balance_minor     INTEGER NOT NULL,
    payment_id                BLOB,
    attempt_id                BLOB,
    billing_reason            TEXT,
    collects_itself           INTEGER NOT NULL,
    due_at                    INTEGER,
    overdue_at                INTEGER,
    attempted                 INTEGER NOT NULL,
    attempt_count             INTEGER NOT NULL,
    next_attempt_at           INTEGER,
    payment_failed_at         INTEGER,
    period_start              INTEGER,
    period_end                INTEGER,
    made_at                   INTEGER,
    finalized_at              INTEGER,
    paid_at                   INTEGER,
    voided_at                 INTEGER,
    uncollectible_at          INTEGER,
    contested                 INTEGER NOT NULL,
    said_at                   INTEGER,
    said_rank                 INTEGER NOT NULL,
    said_content              INTEGER NOT NULL,
    milestones                INTEGER NOT NULL,
    listed_at                 INTEGER,
    listed_rank               INTEGER NOT NULL,
    listed                    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invoice_line (
    id                   BLOB PRIMARY KEY NOT NULL,
    scope                INTEGER NOT NULL,
    version              INTEGER NOT NULL,
    updated_seq          INTEGER NOT NULL,
    created_us           INTEGER NOT NULL,
    updated_us           INTEGER NOT NULL,
    invoice_id           BLOB,
    description          TEXT,
    amount_minor         INTEGER NOT NULL,
    currency             TEXT,
    quantity             INTEGER NOT NULL,
    quantity_decimal     TEXT,
    price_id             BLOB,
    subscription_id      BLOB,
    subscription_item_id BLOB,
    period_start         INTEGER,
    period_end           INTEGER,
    proration            INTEGER NOT NULL,
    discount_minor       INTEGER NOT NULL,
    tax_minor            INTEGER NOT NULL,
    contested            INTEGER NOT NULL,
    said_at              INTEGER,
    said_rank            INTEGER NOT NULL,
    said_content         INTEGER NOT NULL,
    milestones           INTEGER NOT NULL,
    listed               INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invoice_payment (
    id              BLOB PRIMARY KEY NOT NULL,
    scope           INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    updated_seq     INTEGER NOT NULL,
    created_us      INTEGER NOT NULL,
    updated_us      INTEGER NOT NULL,
    state           TEXT NOT NULL,
    invoice_id      BLOB,
    payment_id      BLOB,
    attempt_id      BLOB,
    external        INTEGER NOT NULL,
    requested_minor INTEGER NOT NULL,
    paid_minor      INTEGER NOT NULL,
    currency        TEXT,
    is_default      INTEGER NOT NULL,
    made_at         INTEGER,
    paid_at         INTEGER,
    canceled_at     INTEGER,
    contested       INTEGER NOT NULL,
    said_at         INTEGER,
    said_rank       INTEGER NOT NULL,
    said_content    INTEGER NOT NULL,
    milestones      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credit_note (
    id                 BLOB PRIMARY KEY NOT NULL,
    scope              INTEGER NOT NULL,
    version            INTEGER NOT NULL,
    updated_seq        INTEGER NOT NULL,
    created_us         INTEGER NOT NULL,
    updated_us         INTEGER NOT NULL,
    state              TEXT NOT NULL,
    number             TEXT,
    invoice_id         BLOB,
    customer_id        BLOB,
    amount_minor       INTEGER NOT NULL,
    currency           TEXT,
    tax_minor          INTEGER NOT NULL,
    pre_payment_minor  INTEGER NOT NULL,
    post_payment_minor INTEGER NOT NULL,
    refund_id          BLOB,
    refund_count       INTEGER NOT NULL,
    refunded_minor     INTEGER NOT NULL,
    balance_minor      INTEGER NOT NULL,
    out_of_band_minor  INTEGER NOT NULL,
    reason             TEXT,
    made_at            INTEGER,
    voided_at          INTEGER,
    contested          INTEGER NOT NULL,
    said_at            INTEGER,
    said_rank          INTEGER NOT NULL,
    said_content       INTEGER NOT NULL,
    milestones         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tax_id (
    id           BLOB PRIMARY KEY NOT NULL,
    scope        INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    updated_seq  INTEGER NOT NULL,
    created_us   INTEGER NOT NULL,
    updated_us   INTEGER NOT NULL,
    state        TEXT NOT NULL,
    customer_id  BLOB,
    type         TEXT,
    country      TEXT,
    deleted      INTEGER NOT NULL,
    made_at      INTEGER,
    contested    INTEGER NOT NULL,
    said_at      INTEGER,
    said_rank    INTEGER NOT NULL,
    said_content INTEGER NOT NULL,
    milestones   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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
    'cf_inv_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.number,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    'cf_sub_' || lower(nullif(hex(r.subscription_id), '')) AS subscription_id,
    r.currency,
    CASE WHEN r.subtotal_minor < 0 THEN '-' ELSE '' END || ltrim(r.subtotal_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.subtotal_minor % coalesce(u.unit, 100)), 2) END AS subtotal,
    CASE WHEN r.discount_minor < 0 THEN '-' ELSE '' END || ltrim(r.discount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.discount_minor % coalesce(u.unit, 100)), 2) END AS discount,
    CASE WHEN r.tax_minor < 0 THEN '-' ELSE '' END || ltrim(r.tax_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.tax_minor % coalesce(u.unit, 100)), 2) END AS tax,
    CASE WHEN r.total_minor < 0 THEN '-' ELSE '' END || ltrim(r.total_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.total_minor % coalesce(u.unit, 100)), 2) END AS total,
    CASE WHEN r.due_minor < 0 THEN '-' ELSE '' END || ltrim(r.due_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.due_minor % coalesce(u.unit, 100)), 2) END AS due,
    CASE WHEN r.paid_minor < 0 THEN '-' ELSE '' END || ltrim(r.paid_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.paid_minor % coalesce(u.unit, 100)), 2) END AS paid,
    CASE WHEN r.remaining_minor < 0 THEN '-' ELSE '' END || ltrim(r.remaining_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.remaining_minor % coalesce(u.unit, 100)), 2) END AS remaining,
    CASE WHEN r.overpaid_minor < 0 THEN '-' ELSE '' END || ltrim(r.overpaid_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.overpaid_minor % coalesce(u.unit, 100)), 2) END AS overpaid,
    CASE WHEN r.out_of_band_minor < 0 THEN '-' ELSE '' END || ltrim(r.out_of_band_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.out_of_band_minor % coalesce(u.unit, 100)), 2) END AS out_of_band,
    r.paid_out_of_band,
    CASE WHEN r.pre_payment_credit_minor < 0 THEN '-' ELSE '' END || ltrim(r.pre_payment_credit_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.pre_payment_credit_minor % coalesce(u.unit, 100)), 2) END AS pre_payment_credit,
    CASE WHEN r.post_payment_credit_minor < 0 THEN '-' ELSE '' END || ltrim(r.post_payment_credit_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.post_payment_credit_minor % coalesce(u.unit, 100)), 2) END AS post_payment_credit,
    CASE WHEN r.starting_balance_minor < 0 THEN '-' ELSE '' END || ltrim(r.starting_balance_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.starting_balance_minor % coalesce(u.unit, 100)), 2) END AS starting_balance,
    CASE WHEN r.ending_balance_minor < 0 THEN '-' ELSE '' END || ltrim(r.ending_balance_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.ending_balance_minor % coalesce(u.unit, 100)), 2) END AS ending_balance,
    CASE WHEN r.applied_balance_minor < 0 THEN '-' ELSE '' END || ltrim(r.applied_balance_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.applied_balance_minor % coalesce(u.unit, 100)), 2) END AS applied_balance,
    'cf_pay_' || lower(nullif(hex(r.payment_id), '')) AS payment_id,
    'cf_att_' || lower(nullif(hex(r.attempt_id), '')) AS attempt_id,
    r.billing_reason,
    r.collects_itself,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.due_at - (r.due_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.due_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.due_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS due_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.overdue_at - (r.overdue_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.overdue_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.overdue_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS overdue_at,
    r.attempted,
    r.attempt_count,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.next_attempt_at - (r.next_attempt_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.next_attempt_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.next_attempt_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS next_attempt_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.payment_failed_at - (r.payment_failed_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.payment_failed_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.payment_failed_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS payment_failed_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.period_start - (r.period_start % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.period_start % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.period_start % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS period_start,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.period_end - (r.period_end % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.period_end % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.period_end % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS period_end,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.made_at - (r.made_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.made_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.made_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS made_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.finalized_at - (r.finalized_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.finalized_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.finalized_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS finalized_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.paid_at - (r.paid_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.paid_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.paid_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS paid_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.voided_at - (r.voided_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.voided_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.voided_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS voided_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.uncollectible_at - (r.uncollectible_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.uncollectible_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.uncollectible_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS uncollectible_at,
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
FROM invoice r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW invoice_line_view AS
SELECT
    'cf_inl_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_inv_' || lower(nullif(hex(r.invoice_id), '')) AS invoice_id,
    r.description,
    CASE WHEN r.amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_minor % coalesce(u.unit, 100)), 2) END AS amount,
    r.currency,
    r.quantity,
    r.quantity_decimal,
    'cf_pri_' || lower(nullif(hex(r.price_id), '')) AS price_id,
    'cf_sub_' || lower(nullif(hex(r.subscription_id), '')) AS subscription_id,
    'cf_sui_' || lower(nullif(hex(r.subscription_item_id), '')) AS subscription_item_id,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.period_start - (r.period_start % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.period_start % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.period_start % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS period_start,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.period_end - (r.period_end % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.period_end % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.period_end % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS period_end,
    r.proration,
    CASE WHEN r.discount_minor < 0 THEN '-' ELSE '' END || ltrim(r.discount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.discount_minor % coalesce(u.unit, 100)), 2) END AS discount,
    CASE WHEN r.tax_minor < 0 THEN '-' ELSE '' END || ltrim(r.tax_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.tax_minor % coalesce(u.unit, 100)), 2) END AS tax,
    ((coalesce(r.said_at, 0), r.said_rank) > (coalesce(w.listed_at, 0), coalesce(w.listed_rank, 0))
        OR (coalesce(r.said_at, 0), r.said_rank) = (coalesce(w.listed_at, 0), coalesce(w.listed_rank, 0))
            AND r.listed IN (0, w.listed)
        OR w.id IS NULL) AS current,
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
FROM invoice_line r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency
LEFT JOIN invoice w ON w.id = r.invoice_id;

CREATE VIEW invoice_payment_view AS
SELECT
    'cf_inp_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_inv_' || lower(nullif(hex(r.invoice_id), '')) AS invoice_id,
    'cf_pay_' || lower(nullif(hex(r.payment_id), '')) AS payment_id,
    'cf_att_' || lower(nullif(hex(r.attempt_id), '')) AS attempt_id,
    r.external,
    CASE WHEN r.requested_minor < 0 THEN '-' ELSE '' END || ltrim(r.requested_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.requested_minor % coalesce(u.unit, 100)), 2) END AS requested,
    CASE WHEN r.paid_minor < 0 THEN '-' ELSE '' END || ltrim(r.paid_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.paid_minor % coalesce(u.unit, 100)), 2) END AS paid,
    r.currency,
    r.is_default,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.made_at - (r.made_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.made_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.made_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS made_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.paid_at - (r.paid_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.paid_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.paid_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS paid_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.canceled_at - (r.canceled_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.canceled_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.canceled_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS canceled_at,
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
FROM invoice_payment r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW credit_note_view AS
SELECT
    'cf_crn_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    r.number,
    'cf_inv_' || lower(nullif(hex(r.invoice_id), '')) AS invoice_id,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    CASE WHEN r.amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_minor % coalesce(u.unit, 100)), 2) END AS amount,
    r.currency,
    CASE WHEN r.tax_minor < 0 THEN '-' ELSE '' END || ltrim(r.tax_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.tax_minor % coalesce(u.unit, 100)), 2) END AS tax,
    CASE WHEN r.pre_payment_minor < 0 THEN '-' ELSE '' END || ltrim(r.pre_payment_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.pre_payment_minor % coalesce(u.unit, 100)), 2) END AS pre_payment,
    CASE WHEN r.post_payment_minor < 0 THEN '-' ELSE '' END || ltrim(r.post_payment_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.post_payment_minor % coalesce(u.unit, 100)), 2) END AS post_payment,
    'cf_ref_' || lower(nullif(hex(r.refund_id), '')) AS refund_id,
    r.refund_count,
    CASE WHEN r.refunded_minor < 0 THEN '-' ELSE '' END || ltrim(r.refunded_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.refunded_minor % coalesce(u.unit, 100)), 2) END AS refunded,
    CASE WHEN r.balance_minor < 0 THEN '-' ELSE '' END || ltrim(r.balance_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.balance_minor % coalesce(u.unit, 100)), 2) END AS balance,
    CASE WHEN r.out_of_band_minor < 0 THEN '-' ELSE '' END || ltrim(r.out_of_band_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.out_of_band_minor % coalesce(u.unit, 100)), 2) END AS out_of_band,
    r.reason,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.made_at - (r.made_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.made_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.made_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS made_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.voided_at - (r.voided_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.voided_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.voided_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS voided_at,
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
FROM credit_note r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW tax_id_view AS
SELECT
    'cf_tax_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    r.type,
    r.country,
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
FROM tax_id r
JOIN scope s ON s.scope = r.scope;
