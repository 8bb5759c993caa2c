-- What is sold and for how much, and who pays for it at intervals.

CREATE TABLE product (
    id           BLOB PRIMARY KEY NOT NULL,
    scope        INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    updated_seq  INTEGER NOT NULL,
    created_us   INTEGER NOT NULL,
    updated_us   INTEGER NOT NULL,
    name         TEXT,
    active       INTEGER NOT NULL,
    deleted      INTEGER NOT NULL,
    made_at      INTEGER,
    contested    INTEGER NOT NULL,
    said_at      INTEGER,
    said_rank    INTEGER NOT NULL,
    said_content INTEGER NOT NULL,
    milestones   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE price (
    id                  BLOB PRIMARY KEY NOT NULL,
    scope               INTEGER NOT NULL,
    version             INTEGER NOT NULL,
    updated_seq         INTEGER NOT NULL,
    created_us          INTEGER NOT NULL,
    updated_us          INTEGER NOT NULL,
    product_id          BLOB,
    unit_amount_minor   INTEGER NOT NULL,
    unit_amount_decimal TEXT,
    currency            TEXT,
    tiered              INTEGER NOT NULL,
    payer_chooses       INTEGER NOT NULL,
    interval_unit       TEXT,
    interval_count      INTEGER NOT NULL,
    nickname            TEXT,
    active              INTEGER NOT NULL,
    deleted             INTEGER NOT NULL,
    made_at             INTEGER,
    contested           INTEGER NOT NULL,
    said_at             INTEGER,
    said_rank           INTEGER NOT NULL,
    said_content        INTEGER NOT NULL,
    milestones          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription (
    id                    BLOB PRIMARY KEY NOT NULL,
    scope                 INTEGER NOT NULL,
    version               INTEGER NOT NULL,
    updated_seq           INTEGER NOT NULL,
    created_us            INTEGER NOT NULL,
    updated_us            INTEGER NOT NULL,
    state                 TEXT NOT NULL,
    customer_id           BLOB,
    currency              TEXT,
    collection_method     TEXT,
    collection_paused     INTEGER NOT NULL,
    collection_pause      TEXT,
    collection_resumes_at INTEGER,
    paused_at             INTEGER,
    cancel_at_period_end  INTEGER NOT NULL,
    cancel_at             INTEGER,
    canceled_at           INTEGER,
    ended_at              INTEGER,
    started_at            INTEGER,
    trial_started_at      INTEGER,
    trial_ends_at         INTEGER,
    schedule_id           BLOB,
    payment_method_id     BLOB,
    latest_invoice_id     BLOB,
    made_at               INTEGER,
    contested             INTEGER NOT NULL,
    said_at               INTEGER,
    said_rank             INTEGER NOT NULL,
    said_content          INTEGER NOT NULL,
    milestones            INTEGER NOT NULL,
    listed_at             INTEGER,
    listed_rank           INTEGER NOT NULL,
    listed                INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription_item (
    id              BLOB PRIMARY KEY NOT NULL,
    scope           INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    updated_seq     INTEGER NOT NULL,
    created_us      INTEGER NOT NULL,
    updated_us      INTEGER NOT NULL,
    subscription_id BLOB,
    price_id        BLOB,
    quantity        INTEGER NOT NULL,
    period_start_at INTEGER,
    period_end_at   INTEGER,
    made_at         INTEGER,
    contested       INTEGER NOT NULL,
    said_at         INTEGER,
    said_rank       INTEGER NOT NULL,
    said_content    INTEGER NOT NULL,
    milestones      INTEGER NOT NULL,
    listed          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule (
    id              BLOB PRIMARY KEY NOT NULL,
    scope           INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    updated_seq     INTEGER NOT NULL,
    created_us      INTEGER NOT NULL,
    updated_us      INTEGER NOT NULL,
    state           TEXT NOT NULL,
    customer_id     BLOB,
    subscription_id BLOB,
    phase_start_at  INTEGER,
    phase_end_at    INTEGER,
    end_behavior    TEXT,
    completed_at    INTEGER,
    released_at     INTEGER,
    canceled_at     INTEGER,
    made_at         INTEGER,
    contested       INTEGER NOT NULL,
    said_at         INTEGER,
    said_rank       INTEGER NOT NULL,
    said_content    INTEGER NOT NULL,
    milestones      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE discount (
    id                   BLOB PRIMARY KEY NOT NULL,
    scope                INTEGER NOT NULL,
    version              INTEGER NOT NULL,
    updated_seq          INTEGER NOT NULL,
    created_us           INTEGER NOT NULL,
    updated_us           INTEGER NOT NULL,
    customer_id          BLOB,
    subscription_id      BLOB,
    subscription_item_id BLOB,
    invoice_id           BLOB,
    coupon               TEXT,
    promotion_code       TEXT,
    percent_off          TEXT,
    amount_off_minor     INTEGER NOT NULL,
    currency             TEXT,
    started_at           INTEGER,
    ends_at              INTEGER,
    deleted              INTEGER NOT NULL,
    contested            INTEGER NOT NULL,
    said_at              INTEGER,
    said_rank            INTEGER NOT NULL,
    said_content         INTEGER NOT NULL,
    milestones           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX price_product ON price (product_id);
CREATE INDEX subscription_customer ON subscription (customer_id);
CREATE INDEX subscription_item_subscription ON subscription_item (subscription_id);
CREATE INDEX subscription_item_price ON subscription_item (price_id);
CREATE INDEX schedule_subscription ON schedule (subscription_id);
CREATE INDEX discount_customer ON discount (customer_id);
CREATE INDEX discount_subscription ON discount (subscription_id);
CREATE INDEX discount_invoice ON discount (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX product_contested ON product (updated_us) WHERE contested = 1;
CREATE INDEX price_contested ON price (updated_us) WHERE contested = 1;
CREATE INDEX subscription_contested ON subscription (updated_us) WHERE contested = 1;
CREATE INDEX subscription_item_contested ON subscription_item (updated_us) WHERE contested = 1;
CREATE INDEX schedule_contested ON schedule (updated_us) WHERE contested = 1;
CREATE INDEX discount_contested ON discount (updated_us) WHERE contested = 1;

CREATE VIEW product_view AS
SELECT
    'cf_pro_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.name,
    r.active,
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
FROM product r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW price_view AS
SELECT
    'cf_pri_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_pro_' || lower(nullif(hex(r.product_id), '')) AS product_id,
    CASE WHEN r.unit_amount_minor < 0 THEN '-' ELSE '' END || ltrim(r.unit_amount_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.unit_amount_minor % coalesce(u.unit, 100)), 2) END AS unit_amount,
    r.unit_amount_decimal,
    r.currency,
    r.tiered,
    r.payer_chooses,
    r.interval_unit,
    r.interval_count,
    r.nickname,
    r.active,
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
FROM price r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW subscription_view AS
SELECT
    'cf_sub_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    r.currency,
    r.collection_method,
    r.collection_paused,
    r.collection_pause,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.collection_resumes_at - (r.collection_resumes_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.collection_resumes_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.collection_resumes_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS collection_resumes_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.paused_at - (r.paused_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.paused_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.paused_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS paused_at,
    r.cancel_at_period_end,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.cancel_at - (r.cancel_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.cancel_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.cancel_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS cancel_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.canceled_at - (r.canceled_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.canceled_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.canceled_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS canceled_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.ended_at - (r.ended_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.ended_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.ended_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS ended_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.started_at - (r.started_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.started_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.started_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS started_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.trial_started_at - (r.trial_started_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.trial_started_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.trial_started_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS trial_started_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.trial_ends_at - (r.trial_ends_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.trial_ends_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.trial_ends_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS trial_ends_at,
    'cf_sch_' || lower(nullif(hex(r.schedule_id), '')) AS schedule_id,
    'cf_pme_' || lower(nullif(hex(r.payment_method_id), '')) AS payment_method_id,
    'cf_inv_' || lower(nullif(hex(r.latest_invoice_id), '')) AS latest_invoice_id,
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
FROM subscription r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW subscription_item_view AS
SELECT
    'cf_sui_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_sub_' || lower(nullif(hex(r.subscription_id), '')) AS subscription_id,
    'cf_pri_' || lower(nullif(hex(r.price_id), '')) AS price_id,
    r.quantity,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.period_start_at - (r.period_start_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.period_start_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.period_start_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS period_start_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.period_end_at - (r.period_end_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.period_end_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.period_end_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS period_end_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.made_at - (r.made_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.made_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.made_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS made_at,
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
FROM subscription_item r
JOIN scope s ON s.scope = r.scope
LEFT JOIN subscription w ON w.id = r.subscription_id;

CREATE VIEW schedule_view AS
SELECT
    'cf_sch_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    'cf_sub_' || lower(nullif(hex(r.subscription_id), '')) AS subscription_id,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.phase_start_at - (r.phase_start_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.phase_start_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.phase_start_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS phase_start_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.phase_end_at - (r.phase_end_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.phase_end_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.phase_end_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS phase_end_at,
    r.end_behavior,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.completed_at - (r.completed_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.completed_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.completed_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS completed_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.released_at - (r.released_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.released_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.released_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS released_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.canceled_at - (r.canceled_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.canceled_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.canceled_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS canceled_at,
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
FROM schedule r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW discount_view AS
SELECT
    'cf_dsc_' || lower(nullif(hex(r.id), '')) AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT group_concat(n.provider_id, ' ') FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_cus_' || lower(nullif(hex(r.customer_id), '')) AS customer_id,
    'cf_sub_' || lower(nullif(hex(r.subscription_id), '')) AS subscription_id,
    'cf_sui_' || lower(nullif(hex(r.subscription_item_id), '')) AS subscription_item_id,
    'cf_inv_' || lower(nullif(hex(r.invoice_id), '')) AS invoice_id,
    r.coupon,
    r.promotion_code,
    r.percent_off,
    CASE WHEN r.amount_off_minor < 0 THEN '-' ELSE '' END || ltrim(r.amount_off_minor / coalesce(u.unit, 100), '-')
        || CASE u.unit WHEN 1 THEN ''
            ELSE '.' || substr(coalesce(u.unit, 100) + abs(r.amount_off_minor % coalesce(u.unit, 100)), 2) END AS amount_off,
    r.currency,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.started_at - (r.started_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.started_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.started_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS started_at,
    strftime('%Y-%m-%dT%H:%M:%S',
        (r.ends_at - (r.ends_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE r.ends_at % 1000000 WHEN 0 THEN ''
            ELSE '.' || substr(1000000 + (r.ends_at % 1000000 + 1000000) % 1000000, 2) END || 'Z' AS ends_at,
    r.deleted,
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
FROM discount r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;
