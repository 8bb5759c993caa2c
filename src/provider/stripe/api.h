/* api: what the files api_*.c share: one session with Stripe's API, its pure rules and its
 * requests.
 *
 *   api.c          opening, closing, the verbs of provider/fetch.h
 *   api_key.c      which keys are taken           api_bucket.c   how many requests a second
 *   api_retry.c    what is tried again, and when  api_query.c    paths and queries
 *   api_request.c  a request, tried until it stands api_answer.c   what a refusal means
 *   api_cut.c      the bytes of a list's elements api_walk.c     lists that go in circles
 *   api_list.c     pages                          api_objects.c  which objects, and where they are
 *   api_fetched.c  envelopes                      api_look.c     the key's account, the endpoints
 *   api_whole.c    objects with all of their lists api_shapes.c  the JSON that is the API's own
 *
 * Layer: provider/stripe.
 */
#pragma once

#include "base/limits.h"
#include "provider/stripe/fields.h"
#include "provider/stripe/stripe.h"

#define STRIPE_API_URL "https://api.stripe.com"
#define STRIPE_API_VERSION "2026-10-28.endive"
#define STRIPE_API_TYPES_MAX 20 /* Stripe's bound on types[] */

extern const struct provider_api_ops stripe_api_ops;

/* --- rate: a token bucket, kept as the time at which it will be full again --- */

struct stripe_bucket {
    int64_t interval_us; /* between two tokens */
    int64_t burst;       /* tokens of a full one */
    int64_t full_at_us;
};
void stripe_bucket_init(struct stripe_bucket *bucket, int64_t per_s, int64_t burst);
/* Takes a token; returns how long to wait before it may be spent. */
int64_t stripe_bucket_take(struct stripe_bucket *bucket, int64_t monotonic_us);

/* --- retries --- */

enum stripe_advice { STRIPE_ADVICE_NONE, STRIPE_ADVICE_STOP, STRIPE_ADVICE_RETRY };

/* What came of one attempt. */
struct stripe_outcome {
    enum err err;                    /* of the network; ERR_OK when there is an answer */
    int status;                      /* of the answer */
    enum stripe_advice should_retry; /* Stripe-Should-Retry */
    bool rate_limited;               /* it has a Stripe-Rate-Limited-Reason */
    bool lock_timeout;               /* its error's code */
};
bool stripe_should_retry(const struct stripe_outcome *outcome);
/* Exponential with jitter; `attempt` is the one that failed, from 1. Not below what the answer asks
 * for; retry_after_s < 0: it did not. */
int64_t stripe_retry_wait_us(uint32_t attempt, int64_t retry_after_s, struct env *env);

/* --- paths and queries; what does not fit makes the buffer `failed` --- */

void stripe_query_add(struct buf *query, const char *name, struct str value);
void stripe_query_add_int(struct buf *query, const char *name, int64_t value);
void stripe_percent_encode(struct buf *to, struct str text);
/* A list's own url, which is the answer's: a path below /v1/ and nothing that leads elsewhere. */
bool stripe_list_url_is_plain(struct str url);

/* --- the session --- */

/* Brent's guard against lists that go in circles, however long: constant memory. */
struct stripe_walk {
    uint64_t list;                               /* which list is walked */
    char handed[LIMIT_PROVIDER_ID_BYTES + 1];    /* the cursor given out last */
    char milestone[LIMIT_PROVIDER_ID_BYTES + 1]; /* a cursor that must not come again */
    uint64_t steps, steps_max;                   /* since the milestone, and until the next */
};

struct provider_api {
    struct env *env; /* borrowed */
    const atomic_bool *cancelled;
    fetch_wait_fn *on_wait; /* may be NULL */
    void *on_wait_context;
    struct net_client *client; /* owned; one connection */
    struct arena *scratch;     /* owned; of one element or one refusal */
    struct stripe_bucket bucket;
    struct stripe_walk walk;
    bool live;
    bool is_environment_asked; /* and nothing speaks against the key */
    int64_t request_timeout_us, total_timeout_us;
    size_t answer_bytes_max, file_bytes_max;
    char base_url[256];
    char account_key[LIMIT_PROVIDER_ID_BYTES + 1];
    char authorization[32 + LIMIT_SECRET_BYTES]; /* the header line: wiped when closed */
};

/* Takes an answer 200 as it comes. */
struct stripe_sink {
    /* Before each attempt: whatever the one before brought is not there any more. */
    MUST_USE enum err (*empty)(void *context);
    bool (*take)(void *context, struct str piece);
    void *context;
    size_t bytes_max;
};

struct stripe_call {
    struct str path; /* "/v1/events"; encoded; shown in messages */
    struct str query;
    struct str account;             /* below; or empty */
    struct str form;                /* of a POST; empty: it is a GET */
    struct str idempotency_key;     /* of a POST */
    struct str url;                 /* may: of the whole, instead of the base URL's */
    const struct stripe_sink *sink; /* may: for an answer that is longer than others */
};

#define STRIPE_REQUEST_ID_BYTES 72

struct stripe_answer {
    int status;                               /* set on failure too; 0 when nothing came */
    struct str body;                          /* valid until the next request */
    int64_t date_us;                          /* 0: it has none */
    char request_id[STRIPE_REQUEST_ID_BYTES]; /* "none" when it has none */
};

/* One GET, or a POST of a form with its idempotency key, within the rate, tried again by class of
 * error. Errors as in provider/fetch.h; ERR_FILE_IO: the sink takes no more. */
MUST_USE enum err stripe_api_ask(struct provider_api *api,
    const struct stripe_call *call,
    struct stripe_answer *ret_answer,
    struct err_info *reterr);

const char *stripe_call_method(const struct stripe_call *call); /* "GET" or "POST" */
/* Names method, path, status and Request-Id, then `what`; returns `err`. */
enum err stripe_call_failed(const struct stripe_call *call,
    const struct stripe_answer *answer,
    enum err err,
    struct err_info *reterr,
    const char *what) MUST_USE;

/* What the API says when it refuses; empty where it does not. Borrows body and arena. */
struct stripe_refusal {
    bool said; /* the body is Stripe's error object */
    struct str type, code;
};

/* The error of an answer that is not 200, and in words what to do about it. */
enum err stripe_refusal_err(int status, bool said, const char **ret_what) MUST_USE;

/* --- shapes: the JSON that is the API's own; what cannot be read is empty --- */

struct stripe_refusal stripe_refusal_read(struct str body, struct arena *arena);
struct str stripe_account_id_read(struct str body, struct arena *arena);
struct stripe_endpoint {
    bool enabled;
    struct str url;
    const struct json *types; /* the first, on by ->next; NULL: none. No strings count as empty */
};
struct stripe_endpoint stripe_endpoint_read(struct str body, struct arena *arena);
struct stripe_report_run_shape {
    struct str id, status, error;
    struct str url; /* of its file */
    int64_t bytes;  /* of it; 0: not said */
};
struct stripe_report_run_shape stripe_report_run_read(struct str body, struct arena *arena);
int64_t stripe_report_until_read(struct str body, struct arena *arena); /* seconds; 0: not said */
/* The lists of a Balance; NULL where it is none. `inner` may be NULL. */
struct stripe_balance_list {
    const char *name, *inner; /* "issuing", "available" */
};
const struct json *stripe_balance_read(struct str body, struct arena *arena);
struct stripe_bool stripe_livemode_read(const struct json *object);
const struct json *stripe_balance_list_read(
    const struct json *balance, const struct stripe_balance_list *list); /* its first element */

/* --- lists --- */

/* The bytes of a page, cut at its elements and not parsed: an element that is odd is the inbox's to
 * judge, and must not hide the others. */
struct stripe_cut {
    uint32_t count;
    struct str elements[LIMIT_API_PAGE]; /* exactly as they stand */
    bool has_more;
};
/* ERR_MALFORMED: it is no list object; *ret_why says what it lacks. */
MUST_USE enum err stripe_cut_page(struct str page, struct stripe_cut *ret, const char **ret_why);

/* A list inside an object that says that it has more; all as it stands there. */
struct stripe_inner_list {
    struct str data, has_more; /* the values */
    struct str url;            /* without its quotes; empty: it says too little to go on */
    struct str last;           /* of its elements; empty as well */
};
/* False: the object has no such list under that name, or it is whole. */
bool stripe_cut_inner_list(struct str object, struct str name, struct stripe_inner_list *ret);

/* Why a page cannot be: an id in it twice, the cursor itself in it, more to come after nothing.
 * NULL: it can. Empty ids are not looked at. */
const char *stripe_page_problem(
    const struct str *ids, uint32_t count, bool has_more, struct str cursor);
/* True: the walk over `list` has come to `last_id` before. */
bool stripe_walk_circles(
    struct stripe_walk *walk, uint64_t list, struct str cursor, struct str last_id);

/* What of an element is read to find the way through the list. */
struct stripe_element {
    struct str bytes;        /* in the answer: valid until the next request */
    struct str id;           /* empty when it has none that can be read */
    struct str object;       /* "charge" */
    struct stripe_bool live; /* livemode */
    bool text_replaced;      /* as in struct envelope */
    bool readable;           /* false: parse it and see; an object that is odd */
};

struct stripe_list_call {
    struct str path;    /* encoded */
    struct str filter;  /* encoded query; may be empty */
    struct str account; /* below; or empty */
    struct str cursor;  /* id of the element before; or empty */
    int64_t limit;      /* at most so many; 0: LIMIT_API_PAGE */
};

struct stripe_list_page {
    struct stripe_answer answer;
    uint32_t count;
    struct stripe_element *elements; /* in the arena, but for their bytes */
    bool more;
    struct str cursor; /* id of the last element; the call's when there is none */
};

/* One page, guarded; ret_page->answer is set on failure too. ERR_IMPOSSIBLE: the list goes in
 * circles. When the answer is too large, smaller pages are asked for. */
MUST_USE enum err stripe_api_page(struct provider_api *api,
    const struct stripe_list_call *call,
    struct arena *arena,
    struct stripe_list_page *ret_page,
    struct err_info *reterr);

struct stripe_rest {
    uint32_t count;
    struct str *bodies; /* exact bytes; in the arena */
    bool is_too_long;   /* set on ERR_TOO_LARGE: by our bounds, and not for want of memory */
};

/* What an embedded list that says has_more did not bring: `url` is the list's own, `last_id` its
 * last element's. Errors as in provider/fetch.h; ERR_TOO_LARGE beyond LIMIT_API_PAGES or
 * LIMIT_BODY_BYTES, and for want of memory. */
MUST_USE enum err stripe_api_rest_of_list(struct provider_api *api,
    struct str account,
    struct str url,
    struct str last_id,
    struct arena *arena,
    struct stripe_rest *ret_rest,
    struct err_info *reterr);

/* --- of which environment --- */

/* ERR_CONFIG: livemode is not that of the session. What does not say it passes. */
MUST_USE enum err stripe_check_environment(const struct provider_api *api,
    const struct stripe_call *call,
    const struct stripe_answer *answer,
    struct stripe_bool live,
    struct err_info *reterr);
/* Once a session, before anything that does not say it itself. Errors as in provider/fetch.h. */
MUST_USE enum err stripe_prove_environment(struct provider_api *api, struct err_info *reterr);

/* --- objects --- */

bool stripe_has_cut_list(const struct stripe_element *element);
/* Puts the rest of each list that the mapping reads into the element's bytes, which must outlive
 * further requests, as if the list had never been cut off; new bytes lie in the arena. What would
 * be beyond LIMIT_BODY_BYTES or LIMIT_API_PAGES stays cut off: *ret_is_cut. Errors as in
 * provider/fetch.h, but never that there is no such object: a list that cannot be continued is an
 * answer that cannot be used. */
MUST_USE enum err stripe_api_make_whole(struct provider_api *api,
    struct str account,
    struct stripe_element *element,
    struct arena *arena,
    bool *ret_is_cut,
    struct err_info *reterr);

struct stripe_api_kind {
    enum id_kind kind;
    struct str path;   /* "/v1/charges" */
    struct str filter; /* what listing all of them wants besides; may be empty */
    bool listed;       /* by the time they were made */
};
const struct stripe_api_kind *stripe_api_kind_find(enum id_kind kind); /* NULL: none */

/* Is it what was asked for? ERR_MALFORMED says what differs. */
MUST_USE enum err stripe_api_check_asked(enum id_kind kind,
    struct str provider_id,
    const struct stripe_element *element,
    struct err_info *reterr);
/* An answer from the future would make everything else old. ERR_MALFORMED. */
MUST_USE enum err stripe_api_check_date(
    const struct provider_api *api, int64_t date_us, struct err_info *reterr);

/* --- envelopes: texts are copied into the arena. ERR_TOO_LARGE: arena --- */

MUST_USE enum err stripe_fetched_event(struct provider_api *api,
    struct str account,
    const struct stripe_element *element,
    int64_t date_us,
    struct arena *arena,
    struct fetched *ret);
/* Requires: the element is readable, its id and object are not empty, date_us > 0. */
MUST_USE enum err stripe_fetched_object(struct provider_api *api,
    struct str account,
    const struct stripe_element *element,
    int64_t date_us,
    struct arena *arena,
    struct fetched *ret);
/* Reads what leads through lists. ERR_MALFORMED: no JSON object; ERR_TOO_LARGE: arena. */
MUST_USE enum err stripe_element_read(
    struct str bytes, struct arena *scratch, struct arena *arena, struct stripe_element *ret);

MUST_USE enum err stripe_api_look(struct provider_api *api,
    struct arena *arena,
    struct fetch_account *ret_account,
    struct err_info *reterr);
