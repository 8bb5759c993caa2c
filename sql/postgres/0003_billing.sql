-- What is sold and for how much, and who pays for it at intervals.

CREATE TABLE product (
    id           BYTEA PRIMARY KEY,
    scope        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    updated_seq  BIGINT NOT NULL,
    created_us   BIGINT NOT NULL,
    updated_us   BIGINT NOT NULL,
    name         TEXT,
    active       SMALLINT NOT NULL,
    deleted      SMALLINT NOT NULL,
    made_at      BIGINT,
    contested    SMALLINT NOT NULL,
    said_at      BIGINT,
    said_rank    BIGINT NOT NULL,
    said_content BIGINT NOT NULL,
    milestones   BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE price (
    id                  BYTEA PRIMARY KEY,
    scope               BIGINT NOT NULL,
    version             BIGINT NOT NULL,
    updated_seq         BIGINT NOT NULL,
    created_us          BIGINT NOT NULL,
    updated_us          BIGINT NOT NULL,
    product_id          BYTEA,
    unit_amount_minor   BIGINT NOT NULL,
    unit_amount_decimal TEXT,
    currency            TEXT,
    tiered              SMALLINT NOT NULL,
    payer_chooses       SMALLINT NOT NULL,
    interval_unit       TEXT,
    interval_count      BIGINT NOT NULL,
    nickname            TEXT,
    active              SMALLINT NOT NULL,
    deleted             SMALLINT NOT NULL,
    made_at             BIGINT,
    contested           SMALLINT NOT NULL,
    said_at             BIGINT,
    said_rank           BIGINT NOT NULL,
    said_content        BIGINT NOT NULL,
    milestones          BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE subscription (
    id                    BYTEA PRIMARY KEY,
    scope                 BIGINT NOT NULL,
    version               BIGINT NOT NULL,
    updated_seq           BIGINT NOT NULL,
    created_us            BIGINT NOT NULL,
    updated_us            BIGINT NOT NULL,
    state                 TEXT NOT NULL,
    customer_id           BYTEA,
    currency              TEXT,
    collection_method     TEXT,
    collection_paused     SMALLINT NOT NULL,
    collection_pause      TEXT,
    collection_resumes_at BIGINT,
    paused_at             BIGINT,
    cancel_at_period_end  SMALLINT NOT NULL,
    cancel_at             BIGINT,
    canceled_at           BIGINT,
    ended_at              BIGINT,
    started_at            BIGINT,
    trial_started_at      BIGINT,
    trial_ends_at         BIGINT,
    schedule_id           BYTEA,
    payment_method_id     BYTEA,
    latest_invoice_id     BYTEA,
    made_at               BIGINT,
    contested             SMALLINT NOT NULL,
    said_at               BIGINT,
    said_rank             BIGINT NOT NULL,
    said_content          BIGINT NOT NULL,
    milestones            BIGINT NOT NULL,
    listed_at             BIGINT,
    listed_rank           BIGINT NOT NULL,
    listed                BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE subscription_item (
    id              BYTEA PRIMARY KEY,
    scope           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    updated_seq     BIGINT NOT NULL,
    created_us      BIGINT NOT NULL,
    updated_us      BIGINT NOT NULL,
    subscription_id BYTEA,
    price_id        BYTEA,
    quantity        BIGINT NOT NULL,
    period_start_at BIGINT,
    period_end_at   BIGINT,
    made_at         BIGINT,
    contested       SMALLINT NOT NULL,
    said_at         BIGINT,
    said_rank       BIGINT NOT NULL,
    said_content    BIGINT NOT NULL,
    milestones      BIGINT NOT NULL,
    listed          BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE schedule (
    id              BYTEA PRIMARY KEY,
    scope           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    updated_seq     BIGINT NOT NULL,
    created_us      BIGINT NOT NULL,
    updated_us      BIGINT NOT NULL,
    state           TEXT NOT NULL,
    customer_id     BYTEA,
    subscription_id BYTEA,
    phase_start_at  BIGINT,
    phase_end_at    BIGINT,
    end_behavior    TEXT,
    completed_at    BIGINT,
    released_at     BIGINT,
    canceled_at     BIGINT,
    made_at         BIGINT,
    contested       SMALLINT NOT NULL,
    said_at         BIGINT,
    said_rank       BIGINT NOT NULL,
    said_content    BIGINT NOT NULL,
    milestones      BIGINT NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE discount (
    id                   BYTEA PRIMARY KEY,
    scope                BIGINT NOT NULL,
    version              BIGINT NOT NULL,
    updated_seq          BIGINT NOT NULL,
    created_us           BIGINT NOT NULL,
    updated_us           BIGINT NOT NULL,
    customer_id          BYTEA,
    subscription_id      BYTEA,
    subscription_item_id BYTEA,
    invoice_id           BYTEA,
    coupon               TEXT,
    promotion_code       TEXT,
    percent_off          TEXT,
    amount_off_minor     BIGINT NOT NULL,
    currency             TEXT,
    started_at           BIGINT,
    ends_at              BIGINT,
    deleted              SMALLINT NOT NULL,
    contested            SMALLINT NOT NULL,
    said_at              BIGINT,
    said_rank            BIGINT NOT NULL,
    said_content         BIGINT NOT NULL,
    milestones           BIGINT NOT NULL
) WITH (fillfactor = 80);

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
    'cf_pro_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.name,
    r.active <> 0 AS active,
    r.deleted <> 0 AS deleted,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM product r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW price_view AS
SELECT
    'cf_pri_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_pro_' || encode(r.product_id, 'hex') AS product_id,
    cf_amount(r.unit_amount_minor, u.unit) AS unit_amount,
    r.unit_amount_decimal,
    r.currency,
    r.tiered <> 0 AS tiered,
    r.payer_chooses <> 0 AS payer_chooses,
    r.interval_unit,
    r.interval_count,
    r.nickname,
    r.active <> 0 AS active,
    r.deleted <> 0 AS deleted,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM price r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;

CREATE VIEW subscription_view AS
SELECT
    'cf_sub_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    r.currency,
    r.collection_method,
    r.collection_paused <> 0 AS collection_paused,
    r.collection_pause,
    cf_time(r.collection_resumes_at) AS collection_resumes_at,
    cf_time(r.paused_at) AS paused_at,
    r.cancel_at_period_end <> 0 AS cancel_at_period_end,
    cf_time(r.cancel_at) AS cancel_at,
    cf_time(r.canceled_at) AS canceled_at,
    cf_time(r.ended_at) AS ended_at,
    cf_time(r.started_at) AS started_at,
    cf_time(r.trial_started_at) AS trial_started_at,
    cf_time(r.trial_ends_at) AS trial_ends_at,
    'cf_sch_' || encode(r.schedule_id, 'hex') AS schedule_id,
    'cf_pme_' || encode(r.payment_method_id, 'hex') AS payment_method_id,
    'cf_inv_' || encode(r.latest_invoice_id, 'hex') AS latest_invoice_id,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM subscription r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW subscription_item_view AS
SELECT
    'cf_sui_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_sub_' || encode(r.subscription_id, 'hex') AS subscription_id,
    'cf_pri_' || encode(r.price_id, 'hex') AS price_id,
    r.quantity,
    cf_time(r.period_start_at) AS period_start_at,
    cf_time(r.period_end_at) AS period_end_at,
    cf_time(r.made_at) AS made_at,
    ((coalesce(r.said_at, 0), r.said_rank) > (coalesce(w.listed_at, 0), coalesce(w.listed_rank, 0))
        OR (coalesce(r.said_at, 0), r.said_rank) = (coalesce(w.listed_at, 0), coalesce(w.listed_rank, 0))
            AND r.listed IN (0, w.listed)
        OR w.id IS NULL) AS current,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM subscription_item r
JOIN scope s ON s.scope = r.scope
LEFT JOIN subscription w ON w.id = r.subscription_id;

CREATE VIEW schedule_view AS
SELECT
    'cf_sch_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    r.state,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    'cf_sub_' || encode(r.subscription_id, 'hex') AS subscription_id,
    cf_time(r.phase_start_at) AS phase_start_at,
    cf_time(r.phase_end_at) AS phase_end_at,
    r.end_behavior,
    cf_time(r.completed_at) AS completed_at,
    cf_time(r.released_at) AS released_at,
    cf_time(r.canceled_at) AS canceled_at,
    cf_time(r.made_at) AS made_at,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM schedule r
JOIN scope s ON s.scope = r.scope;

CREATE VIEW discount_view AS
SELECT
    'cf_dsc_' || encode(r.id, 'hex') AS id,
    r.scope,
    s.provider,
    s.environment,
    s.account_key AS account,
    (SELECT string_agg(n.provider_id, ' ' ORDER BY n.provider_id) FROM provider_ref n WHERE n.id = r.id) AS provider_ids,
    'cf_cus_' || encode(r.customer_id, 'hex') AS customer_id,
    'cf_sub_' || encode(r.subscription_id, 'hex') AS subscription_id,
    'cf_sui_' || encode(r.subscription_item_id, 'hex') AS subscription_item_id,
    'cf_inv_' || encode(r.invoice_id, 'hex') AS invoice_id,
    r.coupon,
    r.promotion_code,
    r.percent_off,
    cf_amount(r.amount_off_minor, u.unit) AS amount_off,
    r.currency,
    cf_time(r.started_at) AS started_at,
    cf_time(r.ends_at) AS ends_at,
    r.deleted <> 0 AS deleted,
    r.contested <> 0 AS contested,
    r.version,
    r.updated_seq,
    cf_time(r.created_us) AS recorded_at,
    cf_time(r.updated_us) AS updated_at
FROM discount r
JOIN scope s ON s.scope = r.scope
LEFT JOIN currency_unit u ON u.currency = r.currency;
