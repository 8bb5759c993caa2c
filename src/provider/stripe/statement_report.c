/* Reports are made by runs: one is asked for, looked at until it has succeeded, and its file is
 * fetched. Of each only the columns that are read, so that no names of payers come along. */
#include "base/check.h"
#include "base/digest.h"
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include "provider/stripe/statement.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define FILES_URL "https://files.stripe.com/"
#define FORM_BYTES_MAX 4096
#define RUNS_PATH "/v1/reporting/report_runs"
#define TYPES_PATH "/v1/reporting/report_types/"
#define WHY_BYTES_MAX 100

#define ITEM_COLUMNS                                                                               \
    "balance_transaction_id", "created_utc", "available_on_utc", "currency", "gross", "fee",       \
        "net", "reporting_category", "source_id", "charge_id", "customer_facing_amount",           \
        "customer_facing_currency", "connected_account_id", "automatic_payout_id", "description"

static const struct stripe_report_type report_types[STATEMENT_FILE_COUNT] = {
    {FILE_ACTIVITY, {"balance_change_from_activity.itemized.6", 39}, {ITEM_COLUMNS}},
    {FILE_PAYOUTS, {"payouts.itemized.3", 18},
        {"balance_transaction_id", "effective_at_utc", "currency", "gross", "fee", "net",
            "reporting_category", "payout_id", "description"}},
    {FILE_PAYOUT_ITEMS, {"payout_reconciliation.itemized.5", 32}, {ITEM_COLUMNS}},
    {FILE_ENDING, {"ending_balance_reconciliation.itemized.4", 40}, {ITEM_COLUMNS}},
    {FILE_SUMMARY, {"balance.summary.1", 17}, {NULL}},
};

const struct stripe_report_type *stripe_report_type_of(enum statement_file file)
{
    REQUIRE(file < STATEMENT_FILE_COUNT && report_types[file].file == file);
    return &report_types[file];
}

/* --- asking --- */

/* Reports are the one thing that a key for reading must be allowed to write. */
static enum err ask(struct provider_api *api,
    const struct stripe_call *call,
    struct stripe_answer *ret_answer,
    struct err_info *reterr)
{
    enum err err = stripe_api_ask(api, call, ret_answer, reterr);
    if (err == ERR_REFUSED && ret_answer->status == 403) {
        return stripe_call_failed(call, ret_answer, err, reterr,
            "the key may not make reports: give it Write for report runs and Read for files, or "
            "import files by hand");
    }
    return err;
}

enum err stripe_report_until(struct provider_api *api,
    struct str account,
    enum statement_file file,
    int64_t *ret_until_us,
    struct err_info *reterr)
{
    REQUIRE(api != NULL && ret_until_us != NULL);
    char path[128];
    struct stripe_answer answer;
    (void)snprintf(path, sizeof path, TYPES_PATH "%s", stripe_report_type_of(file)->id.data);
    const struct stripe_call call = {.path = str_from(path), .account = account};
    TRY(stripe_prove_environment(api, reterr));
    TRY(ask(api, &call, &answer, reterr));
    arena_reset(api->scratch);
    int64_t until_s = stripe_report_until_read(answer.body, api->scratch);
    if (until_s == 0 || until_s > INT64_MAX / US_PER_SECOND) {
        return stripe_call_failed(&call, &answer, ERR_MALFORMED, reterr,
            "the answer does not say until when data is there");
    }
    *ret_until_us = (until_s - 1) * US_PER_SECOND; /* intervals end a second before it at most */
    return ERR_OK;
}

/* --- runs --- */

static bool read_state(struct str word, enum run_state *ret)
{
    static const struct {
        struct str word;
        enum run_state state;
    } rows[] = {{{"pending", 7}, RUN_PENDING}, {{"succeeded", 9}, RUN_SUCCEEDED},
        {{"failed", 6}, RUN_FAILED}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (str_eq(word, rows[i].word)) {
            *ret = rows[i].state;
            return true;
        }
    }
    return false;
}

static enum err read_run(struct provider_api *api,
    const struct stripe_call *call,
    const struct stripe_answer *answer,
    struct arena *arena,
    struct report_run *ret,
    struct err_info *reterr)
{
    arena_reset(api->scratch);
    struct stripe_report_run_shape said = stripe_report_run_read(answer->body, api->scratch);
    struct report_run run = {.state = RUN_PENDING, .bytes = said.bytes};
    bool has_file = said.url.len > 0;
    if (said.id.len == 0 || said.id.len > LIMIT_PROVIDER_ID_BYTES ||
        !read_state(said.status, &run.state) || (run.state == RUN_SUCCEEDED && !has_file)) {
        return stripe_call_failed(
            call, answer, ERR_MALFORMED, reterr, "the answer is no report run, or has no file");
    }
    run.id = arena_copy(arena, said.id);
    run.why = arena_copy(arena, str_prefix_utf8(said.error, WHY_BYTES_MAX));
    run.url = arena_copy(arena, said.url);
    if (run.id.data == NULL || run.why.data == NULL || run.url.data == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for a report run");
    }
    *ret = run;
    return ERR_OK;
}

static void make_form(const struct report_wanted *wanted, struct buf *form)
{
    const struct stripe_report_type *type = stripe_report_type_of(wanted->file);
    stripe_query_add(form, "report_type", type->id);
    stripe_query_add_int(form, "parameters[interval_start]", wanted->from_us / US_PER_SECOND);
    stripe_query_add_int(form, "parameters[interval_end]", wanted->to_us / US_PER_SECOND);
    stripe_query_add(form, "parameters[timezone]", STR("Etc/UTC"));
    for (uint32_t i = 0; i < STRIPE_REPORT_COLUMNS_MAX && type->columns[i] != NULL; i++) {
        stripe_query_add(form, "parameters[columns][]", str_from(type->columns[i]));
    }
}

/* Whoever asks for the same in the same round means the same run. */
static void make_key(const struct provider_api *api,
    struct str account,
    const struct buf *form,
    int64_t round,
    char to[static 2 * SHA256_BYTES + 1])
{
    uint8_t hash[SHA256_BYTES];
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, (size_t)2 * FORM_BYTES_MAX);
    buf_addf(&text, "%s %" PRId64 " ", api->account_key, round);
    buf_add(&text, account);
    buf_add_char(&text, ' ');
    buf_add(&text, buf_str(form));
    ENSURE(!text.failed);
    sha256(buf_str(&text), hash);
    hex_encode(to, hash, sizeof hash);
    to[2 * sizeof hash] = '\0';
}

enum err stripe_report_request(struct provider_api *api,
    struct str account,
    const struct report_wanted *wanted,
    struct arena *arena,
    struct report_run *ret_run,
    struct err_info *reterr)
{
    REQUIRE(api != NULL && wanted != NULL && arena != NULL && ret_run != NULL);
    REQUIRE(wanted->from_us >= 0 && wanted->from_us < wanted->to_us);
    char key[2 * SHA256_BYTES + 1];
    struct stripe_answer answer;
    CLEANUP(buf_fini) struct buf form;
    buf_init(&form, FORM_BYTES_MAX);
    make_form(wanted, &form);
    ENSURE(!form.failed);
    make_key(api, account, &form, wanted->round, key);
    const struct stripe_call call = {.path = STR(RUNS_PATH),
        .account = account,
        .form = buf_str(&form),
        .idempotency_key = str_from(key)};
    TRY(ask(api, &call, &answer, reterr));
    return read_run(api, &call, &answer, arena, ret_run, reterr);
}

enum err stripe_report_look(struct provider_api *api,
    struct str account,
    struct str run_id,
    struct arena *arena,
    struct report_run *ret_run,
    struct err_info *reterr)
{
    REQUIRE(api != NULL && arena != NULL && ret_run != NULL);
    struct stripe_answer answer;
    CLEANUP(buf_fini) struct buf path;
    buf_init(&path, FORM_BYTES_MAX);
    buf_add(&path, STR(RUNS_PATH "/"));
    stripe_percent_encode(&path, run_id);
    if (run_id.len == 0 || run_id.len > LIMIT_PROVIDER_ID_BYTES || path.failed) {
        return err_set(reterr, ERR_INVALID, "that is no id of a report run of the provider's");
    }
    const struct stripe_call call = {.path = buf_str(&path), .account = account};
    TRY(ask(api, &call, &answer, reterr));
    return read_run(api, &call, &answer, arena, ret_run, reterr);
}

/* --- the file --- */

struct file {
    int fd;
    int64_t bytes;
};

static enum err empty_file(void *context)
{
    struct file *file = context;
    file->bytes = 0;
    return ftruncate(file->fd, 0) == 0 && lseek(file->fd, 0, SEEK_SET) == 0 ? ERR_OK : ERR_FILE_IO;
}

static bool take_piece(void *context, struct str piece)
{
    struct file *file = context;
    while (piece.len > 0) {
        ssize_t written = write(file->fd, piece.data, piece.len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        piece.data += written;
        piece.len -= (size_t)written;
        file->bytes += written;
    }
    return true;
}

/* The key goes to the host that it is for, and to Stripe's host for files. A prefix that ends with
 * the slash behind the host leaves no room for another host in it. */
static bool may_have_key(const struct provider_api *api, struct str url)
{
    struct str base = str_from(api->base_url);
    bool is_own = str_starts_with(url, base) && url.len > base.len && url.data[base.len] == '/';
    return is_own || str_starts_with(url, STR(FILES_URL));
}

enum err stripe_report_download(struct provider_api *api,
    struct str account,
    const struct report_run *run,
    int fd,
    struct err_info *reterr)
{
    REQUIRE(api != NULL && run != NULL && fd >= 0);
    REQUIRE(run->state == RUN_SUCCEEDED);
    struct file file = {.fd = fd};
    const struct stripe_sink sink = {empty_file, take_piece, &file, api->file_bytes_max};
    const struct stripe_call call = {
        .path = STR("/v1/files (a report's)"), .account = account, .url = run->url, .sink = &sink};
    struct stripe_answer answer = {.request_id = "none"};
    if (!may_have_key(api, run->url)) {
        return stripe_call_failed(&call, &answer, ERR_MALFORMED, reterr,
            "the file lies on a host that is not the provider's: nothing was asked there");
    }
    if (run->bytes > 0 && (uint64_t)run->bytes > api->file_bytes_max) {
        return stripe_call_failed(&call, &answer, ERR_TOO_LARGE, reterr,
            "the file is larger than is read: ask for a shorter time");
    }
    TRY(ask(api, &call, &answer, reterr));
    if (run->bytes > 0 && file.bytes != run->bytes) {
        return stripe_call_failed(&call, &answer, ERR_NET_IO, reterr,
            "the file has not as many bytes as was said: try again");
    }
    return ERR_OK;
}
