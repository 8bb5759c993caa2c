-- Views for people (docs/sql.md): ids, amounts and times as they are shown elsewhere.

-- Minor units in one unit, for the views; every other currency has 100.
CREATE TABLE currency_unit (
    currency TEXT NOT NULL PRIMARY KEY,
    unit     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO currency_unit (currency, unit) VALUES
    ('BHD', 1000), ('BIF', 1), ('BYR', 1), ('CLF', 10000), ('CLP', 1), ('DJF', 1),
    ('GNF', 1), ('IQD', 1000), ('JOD', 1000), ('JPY', 1), ('KMF', 1), ('KRW', 1),
    ('KWD', 1000), ('LYD', 1000), ('MGA', 1), ('OMR', 1000), ('PYG', 1), ('RWF', 1),
    ('TND', 1000), ('UYI', 1), ('UYW', 10000), ('VND', 1), ('VUV', 1), ('XAF', 1),
    ('XAG', 1), ('XAU', 1), ('XDR', 1), ('XOF', 1), ('XPD', 1), ('XPF', 1),
    ('XPT', 1), ('XUA', 1);

CREATE VIEW payment_view AS
SELECT
    'cf_pay_' || lower(nullif(hex(r.id), '')) AS id,
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
    CASE WHEN r.received_minor < 0 THEN '-' ELSE '' END || ltrim(r.received_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.received_minor % coalesce(u.unit, 100)), 2) END AS received,
    CASE WHEN r.refunded_minor < 0 THEN '-' ELSE '' END || ltrim(r.refunded_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.refunded_minor % coalesce(u.unit, 100)), 2) END AS refunded,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    'cf_att_' || lower(nullif(hex(r.attempt_id), '')) AS attempt_id,
    r.attempt_count,
    r.failure_code,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.opened_at - (r.opened_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.opened_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.opened_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS opened_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.succeeded_at - (r.succeeded_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.succeeded_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.succeeded_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS succeeded_at,
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
FROM payment r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW attempt_view AS
SELECT
    'cf_att_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_pay_' || lower(nullif(hex(r.payment_id), '')) AS payment_id,
    r.seen,
    r.state,
    CASE WHEN r.amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_minor % coalesce(u.unit, 100)), 2) END AS amount,
    r.currency,
    CASE WHEN r.captured_minor < 0 THEN '-' ELSE '' END || ltrim(r.captured_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.captured_minor % coalesce(u.unit, 100)), 2) END AS captured,
    CASE WHEN r.refunded_minor < 0 THEN '-' ELSE '' END || ltrim(r.refunded_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.refunded_minor % coalesce(u.unit, 100)), 2) END AS refunded,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    r.method,
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
FROM attempt r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW refund_view AS
SELECT
    'cf_ref_' || lower(nullif(hex(r.id), '')) AS id,
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
    'cf_pay_' || lower(nullif(hex(r.payment_id), '')) AS payment_id,
    'cf_att_' || lower(nullif(hex(r.attempt_id), '')) AS attempt_id,
    r.reason,
    r.failure_reason,
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
FROM refund r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW customer_view AS
SELECT
    'cf_cus_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.name,
    r.email,
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
FROM customer r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW inbox_view AS
SELECT
    r.seq,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    r.channel,
    r.event_id,
    r.type,
    r.api_version,
    r.live,
    r.subject,
    strftime('%Y-%m-%dT%H:%M:%S',
        (nullif(r.occurred_at_us, 0) - (nullif(r.occurred_at_us, 0) % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE nullif(r.occurred_at_us, 0) % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (nullif(r.occurred_at_us, 0) % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS occurred_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.received_us - (r.received_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.received_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.received_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS received_at,
    w.status,
    w.reason,
    w.attempts,
    w.crashes,
    strftime('%Y-%m-%dT%H:%M:%S',
        (w.due_at_us - (w.due_at_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE w.due_at_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (w.due_at_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS due_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (w.first_failed_us - (w.first_failed_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE w.first_failed_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (w.first_failed_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS first_failed_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (w.finished_us - (w.finished_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE w.finished_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (w.finished_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS finished_at,
    w.error,
    w.error_text,
    r.proof,
    lower(hex(r.body_sha256)) AS body_sha256,
    length(r.body) AS body_bytes,
    CAST(r.body AS TEXT) AS body
FROM inbox_event r
JOIN inbox_work w ON w.seq = r.seq
JOIN scope s ON s.scope = r.scope;

-- What the ids of each kind begin with; a domain event's type begins with its kind.
CREATE TABLE id_prefix (
    kind   TEXT NOT NULL PRIMARY KEY,
    prefix TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO id_prefix (kind, prefix) VALUES
    ('payment', 'cf_pay_'), ('attempt', 'cf_att_'), ('refund', 'cf_ref_'), ('customer', 'cf_cus_'),
    ('product', 'cf_pro_'), ('price', 'cf_pri_'), ('subscription', 'cf_sub_'),
    ('subscription_item', 'cf_sui_'), ('schedule', 'cf_sch_'), ('discount', 'cf_dsc_'), ('tax_id', 'cf_tax_'),
    ('invoice', 'cf_inv_'), ('invoice_line', 'cf_inl_'), ('invoice_payment', 'cf_inp_'),
    ('credit_note', 'cf_crn_'), ('dispute', 'cf_dis_'), ('payout', 'cf_out_'), ('payment_method', 'cf_pme_'),
    ('checkout', 'cf_chk_'), ('setup', 'cf_set_'), ('mandate', 'cf_man_'), ('review', 'cf_rev_'),
    ('fraud_warning', 'cf_frw_'), ('connected_account', 'cf_acc_'), ('transfer', 'cf_tra_'),
    ('application_fee', 'cf_apf_'), ('fee_refund', 'cf_fre_'), ('topup', 'cf_top_'), ('balance', 'cf_bal_'),
    ('report', 'cf_rep_');

CREATE VIEW domain_event_view AS
SELECT
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    r.position,
    r.type,
    r.schema_version,
    coalesce(p.prefix, '') || lower(hex(r.aggregate_id)) AS aggregate_id,
    'cf_att_' || lower(nullif(hex(r.attempt_id), '')) AS attempt_id,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.occurred_at_us - (r.occurred_at_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.occurred_at_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.occurred_at_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS occurred_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.recorded_at_us - (r.recorded_at_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.recorded_at_us % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.recorded_at_us % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS recorded_at,
    r.cause_seq,
    r.late,
    r.body
FROM domain_event r
JOIN scope s ON s.scope = r.scope
LEFT JOIN id_prefix p ON p.kind = substr(r.type, 1, instr(r.type, '.') - 1);
