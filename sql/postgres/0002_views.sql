-- Views for people (docs/sql.md): ids, amounts and times as they are shown elsewhere.

-- 2026-11-22T10:52:52.123456Z; without the fraction when it is zero.
CREATE FUNCTION cf_time(us BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_char(timestamp 'epoch' + (us / 1000000) * interval '1 second'
            + (us % 1000000) * interval '1 microsecond',
        CASE us % 1000000 WHEN 0 THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END)
$$;

-- A count of minor units, of which `unit` make one (100 when unknown), as decimal digits.
CREATE FUNCTION cf_amount(minor BIGINT, unit BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN minor < 0 THEN '-' ELSE '' END || ltrim((minor / coalesce(unit, 100))::text, '-')
        || CASE unit WHEN 1 THEN ''
            ELSE '.' || substr((coalesce(unit, 100) + abs(minor % coalesce(unit, 100)))::text, 2) END
$$;

-- NULL when the bytes are no text: one odd body shall not spoil a query over all.
CREATE FUNCTION cf_text(bytes BYTEA) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

-- Minor units in one unit, for the views; every other currency has 100.
CREATE TABLE currency_unit (
    currency TEXT PRIMARY KEY,
    unit     BIGINT NOT NULL
);
INSERT INTO currency_unit (currency, unit) VALUES
    ('BHD', 1000), ('BIF', 1), ('BYR', 1), ('CLF', 10000), ('CLP', 1), ('DJF', 1),
    ('GNF', 1), ('IQD', 1000), ('JOD', 1000), ('JPY', 1), ('KMF', 1), ('KRW', 1),
    ('KWD', 1000), ('LYD', 1000), ('MGA', 1), ('OMR', 1000), ('PYG', 1), ('RWF', 1),
    ('TND', 1000), ('UYI', 1), ('UYW', 10000), ('VND', 1), ('VUV', 1), ('XAF', 1),
    ('XAG', 1), ('XAU', 1), ('XDR', 1), ('XOF', 1), ('XPD', 1), ('XPF', 1),
    ('XPT', 1), ('XUA', 1);

CREATE VIEW payment_view AS
SELECT
    'cf_pay_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    cf_amount(r.received_minor, u.unit) AS received,
    cf_amount(r.refunded_minor, u.unit) AS refunded,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    r.attempt_count,
    r.failure_code,
    cf_time(r.opened_at) AS opened_at,
    cf_time(r.succeeded_at) AS succeeded_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM payment r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW attempt_view AS
SELECT
    'cf_att_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_pay_' || encode(r.payment_id, 'hex') AS payment_id,
    r.seen <> 0 AS seen,
    r.state,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    cf_amount(r.captured_minor, u.unit) AS captured,
    cf_amount(r.refunded_minor, u.unit) AS refunded,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    r.method,
    r.failure_code,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM attempt r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW refund_view AS
SELECT
    'cf_ref_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    cf_amount(r.amount_minor, u.unit) AS amount,
    r.currency,
    'cf_pay_' || encode(r.payment_id, 'hex') AS payment_id,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    r.reason,
    r.failure_reason,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM refund r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW customer_view AS
SELECT
    'cf_cus_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.name,
    r.email,
    r.deleted <> 0 AS deleted,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
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
    r.live <> 0 AS live,
    r.subject,
    cf_time(nullif(r.occurred_at_us, 0)) AS occurred_at,
    cf_time(r.received_us) AS received_at,
    w.status,
    w.reason,
    w.attempts,
    w.crashes,
    cf_time(w.due_at_us) AS due_at,
    cf_time(w.first_failed_us) AS first_failed_at,
    cf_time(w.finished_us) AS finished_at,
    w.error,
    w.error_text,
    r.proof,
    encode(r.body_sha256, 'hex') AS body_sha256,
    octet_length(r.body) AS body_bytes,
    cf_text(r.body) AS body
FROM inbox_event r
JOIN inbox_work w ON w.seq = r.seq
JOIN scope s ON s.scope = r.scope;

-- What the ids of each kind begin with; a domain event's type begins with its kind.
CREATE TABLE id_prefix (
    kind   TEXT PRIMARY KEY,
    prefix TEXT NOT NULL
);
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
    coalesce(p.prefix, '') || encode(r.aggregate_id, 'hex') AS aggregate_id,
    'cf_att_' || encode(r.attempt_id, 'hex') AS attempt_id,
    cf_time(r.occurred_at_us) AS occurred_at,
    cf_time(r.recorded_at_us) AS recorded_at,
    r.cause_seq,
    r.late <> 0 AS late,
    r.body
FROM domain_event r
JOIN scope s ON s.scope = r.scope
LEFT JOIN id_prefix p ON p.kind = split_part(r.type, '.', 1);
