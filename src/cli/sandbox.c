#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "sandbox/courier.h"
#include "cli/output.h"
#include "cli/sandbox_api.h"
#include "cli/sandbox_faults.h"
#include "cli/sandbox_options.h"
#include "cli/sandbox_span.h"
#include "cli/sandbox_verify.h"
#include "cli/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define LETTERS_MAX 16384
#define STEP_US INT64_C(50000)
#define SPAN_STEP_US INT64_C(1000)
#define TAKEN_AT_ONCE 1000 /* then answers are looked at, and whether to stop */
#define STATE_EVERY_US (5 * US_PER_SECOND)
#define PROGRESS_EVERY_US (US_PER_SECOND / 2)

_Static_assert(
    COURIER_SIGNATURE_BYTES == STRIPE_SIGNATURE_TEXT_BYTES, "the one is handed in as the other");

struct sandbox {
    struct command_context *context;
    struct sandbox_options options;
    struct faults *faults; /* NULL: nothing goes wrong on purpose */
    struct merchant *merchant;
    struct sandbox_api *api; /* NULL when nobody listens */
    struct truth *truth;
    struct courier *courier;
    int acked_fd;
    int64_t begun_us;
    bool ended; /* nothing more is taken from the merchant */
};

/* ---- telling --------------------------------------------------------------------------------- */

static void add_counts(struct sandbox *sandbox, struct json_writer *to)
{
    struct merchant_counts shop;
    struct courier_counts post;
    merchant_count(sandbox->merchant, &shop);
    courier_count(sandbox->courier, &post);
    const struct {
        struct str name;
        uint64_t value;
    } rows[] = {
        {STR("payments"), shop.payments},
        {STR("customers"), shop.customers},
        {STR("refunds"), shop.refunds},
        {STR("disputes"), shop.disputes},
        {STR("subscriptions"), shop.subscriptions},
        {STR("invoices"), shop.invoices},
        {STR("payouts"), shop.payouts},
        {STR("accounts"), shop.accounts},
        {STR("transfers"), shop.transfers},
        {STR("application_fees"), shop.application_fees},
        {STR("topups"), shop.topups},
        {STR("payments_succeeded"), shop.succeeded},
        {STR("attempts_failed"), shop.failed},
        {STR("payments_canceled"), shop.canceled},
        {STR("late_failures"), shop.late_failures},
        {STR("events"), post.events},
        {STR("lost_on_purpose"), post.lost},
        {STR("sent"), post.attempts},
        {STR("acknowledged"), post.acknowledged},
        {STR("duplicates_acknowledged"), post.duplicates},
        {STR("refused"), post.refused},
        {STR("unreachable"), post.unreachable},
        {STR("given_up"), post.given_up},
        {STR("unanswered"), courier_open(sandbox->courier)},
        {STR("objects"), truth_object_count(sandbox->truth)},
        {STR("objects_lagging"), truth_lagging_count(sandbox->truth)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_add_int(to, rows[i].name, (int64_t)rows[i].value);
    }
}

static void format_head(struct sandbox *sandbox, bool finished, struct buf *to)
{
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_add_int(&writer, STR("counterfoil_sandbox"), 1);
    json_add_int(&writer, STR("seed"), sandbox->options.seed);
    json_add_bool(&writer, STR("finished"), finished);
    json_add_time(&writer, STR("begun_at"), sandbox->begun_us);
    json_add_time(&writer, STR("written_at"), env_now(sandbox->context->env));
    add_counts(sandbox, &writer);
    json_end_object(&writer);
}

static enum err write_state(struct sandbox *sandbox, bool finished, struct err_info *reterr)
{
    if (sandbox->options.state.len == 0) {
        return ERR_OK;
    }
    CLEANUP(buf_fini) struct buf head;
    buf_init(&head, 4096);
    format_head(sandbox, finished, &head);
    return truth_write(sandbox->truth, sandbox->options.state.data, buf_str(&head), reterr);
}

static void show_progress(struct sandbox *sandbox, bool last)
{
    struct courier_counts post;
    struct merchant_counts shop;
    if (sandbox->context->json || isatty(STDERR_FILENO) == 0) {
        return;
    }
    courier_count(sandbox->courier, &post);
    merchant_count(sandbox->merchant, &shop);
    (void)fprintf(stderr,
        "\r%" PRIu64 " payments, %" PRIu64 " events: %" PRIu64 " acknowledged, %" PRIu64
        " twice, %" PRIu32 " under way, %" PRIu64 " failed attempts \x1b[K%s",
        shop.payments, post.events, post.acknowledged, post.duplicates,
        courier_open(sandbox->courier), post.refused + post.unreachable, last ? "\n" : "");
    (void)fflush(stderr);
}

static void print_summary(struct sandbox *sandbox)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, 4096);
    if (sandbox->context->json) {
        format_head(sandbox, true, &line);
        out_json(&line);
        return;
    }
    struct courier_counts post;
    struct merchant_counts shop;
    courier_count(sandbox->courier, &post);
    merchant_count(sandbox->merchant, &shop);
    outf("%" PRIu64 " payments (%" PRIu64 " succeeded, %" PRIu64 " canceled, %" PRIu64
         " failed after success), %" PRIu64 " refunds, %" PRIu64 " disputes, %" PRIu64
         " customers\n",
        shop.payments, shop.succeeded, shop.canceled, shop.late_failures, shop.refunds,
        shop.disputes, shop.customers);
    if (sandbox->options.to.len == 0) {
        outf("%" PRIu64 " events, none of them sent: --to was not given\n", post.events);
        return;
    }
    outf("%" PRIu64 " events: %" PRIu64 " acknowledged, %" PRIu64 " of them twice; %" PRIu64
         " lost on purpose; %" PRIu32 " unanswered, %" PRIu64 " given up\n",
        post.events, post.acknowledged, post.duplicates, post.lost, courier_open(sandbox->courier),
        post.given_up);
    if (post.refused + post.unreachable > 0) {
        outf("%" PRIu64 " attempts refused, %" PRIu64 " not answered\n", post.refused,
            post.unreachable);
    }
    if (post.attempts == 0 && post.lost > 0) {
        outf("Nothing was sent: --loss %" PRId64 " lost every event\n", sandbox->options.loss);
    }
}

/* ---- sending --------------------------------------------------------------------------------- */

/* An event and what it did to its object are seen together by who asks the API. */
static enum err take_event(
    struct sandbox *sandbox, int64_t now_us, struct merchant_event *ret_event)
{
    sandbox_api_lock(sandbox->api);
    enum err err = merchant_next_by(sandbox->merchant, now_us, ret_event);
    if (err == ERR_OK) {
        sandbox_api_add(sandbox->api, ret_event);
    } else if (err != ERR_BUSY) {
        sandbox->ended = true; /* wound down, or all the objects that it can keep are made */
    }
    sandbox_api_unlock(sandbox->api);
    return err;
}

static void on_delivered(void *context, struct str event_id)
{
    struct sandbox *sandbox = context;
    sandbox_api_delivered(sandbox->api, event_id);
}

/* Acts are taken whole. */
static bool has_room(const struct sandbox *sandbox)
{
    return courier_room(sandbox->courier) >= MERCHANT_ACT_EVENTS_MAX;
}

static bool may_take(const struct sandbox *sandbox, int64_t now_us)
{
    if (merchant_is_amid(sandbox->merchant)) {
        return true;
    }
    struct courier_counts post;
    courier_count(sandbox->courier, &post);
    return !sandbox->ended && has_room(sandbox) &&
           sandbox_span_may_tell(&sandbox->options, now_us - sandbox->begun_us, post.events);
}

/* Takes what the merchant's clock has reached. */
static enum err take_events(struct sandbox *sandbox, int64_t now_us)
{
    int64_t until_us = sandbox_has_span(&sandbox->options) ? INT64_MAX - 1 : now_us;
    for (int i = 0;
         (i < TAKEN_AT_ONCE || merchant_is_amid(sandbox->merchant)) && may_take(sandbox, now_us);
         i++) {
        struct merchant_event event;
        if (take_event(sandbox, until_us, &event) != ERR_OK) {
            return ERR_OK;
        }
        TRY(courier_take(sandbox->courier, &event));
    }
    return ERR_OK;
}

static int64_t time_to_wait(const struct sandbox *sandbox, int64_t now_us)
{
    if (sandbox->ended || !has_room(sandbox)) {
        return STEP_US;
    }
    if (sandbox_has_span(&sandbox->options)) {
        return SPAN_STEP_US;
    }
    int64_t next_us = merchant_next_at(sandbox->merchant);
    int64_t wait_us = next_us > now_us ? next_us - now_us : 0;
    return wait_us < STEP_US ? wait_us : STEP_US;
}

static bool is_time_to_end(const struct sandbox *sandbox, int64_t now_us)
{
    return sandbox->ended || command_is_stopped() ||
           (sandbox->options.for_us > 0 && now_us - sandbox->begun_us >= sandbox->options.for_us);
}

static enum err send_all(struct sandbox *sandbox, struct err_info *reterr)
{
    int64_t state_at_us = sandbox->begun_us + STATE_EVERY_US;
    int64_t progress_at_us = sandbox->begun_us;
    while (!is_time_to_end(sandbox, env_now(sandbox->context->env))) {
        int64_t now_us = env_now(sandbox->context->env);
        struct merchant_counts shop;
        merchant_count(sandbox->merchant, &shop);
        if (sandbox->options.payments > 0 && !sandbox_has_span(&sandbox->options) &&
            shop.payments >= (uint64_t)sandbox->options.payments) {
            merchant_wind_down(sandbox->merchant);
        }
        TRY(take_events(sandbox, now_us));
        TRY(courier_step(sandbox->courier, time_to_wait(sandbox, now_us), reterr));
        if (now_us >= progress_at_us) {
            show_progress(sandbox, false);
            progress_at_us = now_us + PROGRESS_EVERY_US;
        }
        if (now_us >= state_at_us) {
            TRY(write_state(sandbox, false, reterr));
            state_at_us = now_us + STATE_EVERY_US;
        }
    }
    return ERR_OK;
}

/* What was put off out of choice goes out now; retries get until the bound. */
static enum err flush(struct sandbox *sandbox, struct err_info *reterr)
{
    int64_t until_us = env_now(sandbox->context->env) + sandbox->options.flush_us;
    sandbox->ended = true;
    courier_hurry(sandbox->courier);
    while (courier_open(sandbox->courier) > 0 && env_now(sandbox->context->env) < until_us) {
        TRY(courier_step(sandbox->courier, STEP_US, reterr));
        show_progress(sandbox, false);
    }
    show_progress(sandbox, true);
    return ERR_OK;
}

static enum err open_acked(struct sandbox *sandbox, struct err_info *reterr)
{
    sandbox->acked_fd = -1;
    if (sandbox->options.acked.len > 0) {
        sandbox->acked_fd =
            open(sandbox->options.acked.data, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (sandbox->acked_fd < 0) {
            return err_set(reterr, ERR_FILE_IO, STR_FMT ": %s", STR_ARG(sandbox->options.acked),
                strerror(errno));
        }
    }
    return ERR_OK;
}

static enum err open_shop(struct sandbox *sandbox, struct str secret, struct err_info *reterr)
{
    sandbox->begun_us = env_now(sandbox->context->env);
    TRY(sandbox_faults_open(&sandbox->options, &sandbox->faults, reterr));
    struct merchant_config shop = sandbox_span_shop(&sandbox->options, sandbox->begun_us);
    shop.faults = sandbox->faults;
    const struct courier_config post = {
        .url = sandbox->options.to,
        .secret = secret,
        .sign = stripe_sign,
        .seed = (uint64_t)sandbox->options.seed,
        .connections_max = (uint32_t)sandbox->options.connections,
        .letters_max = LETTERS_MAX,
        .duplicate_percent = (uint32_t)sandbox->options.duplicates,
        .reorder_percent = (uint32_t)sandbox->options.reorder,
        .loss_percent = sandbox->options.to.len > 0 ? (uint32_t)sandbox->options.loss : 100,
        .lost_may_arrive = sandbox->options.listen.len > 0,
        .delay_max_us = sandbox->options.delay_us,
        .retry_scale = sandbox->options.retry_scale,
        .acked_fd = sandbox->acked_fd,
        .delivered = on_delivered,
        .context = sandbox,
    };
    sandbox->merchant = merchant_new(&shop);
    sandbox->truth = truth_new(4 * SANDBOX_OBJECTS_MAX); /* a payment is its intent and up to three
                                                    charges, an invoice is itself and its lines */
    sandbox->courier =
        sandbox->truth == NULL ? NULL : courier_new(&post, sandbox->truth, sandbox->context->env);
    return sandbox->merchant == NULL || sandbox->courier == NULL
               ? err_set(reterr, ERR_BUSY, "out of memory")
               : ERR_OK;
}

/* ---- the run --------------------------------------------------------------------------------- */

static void end(struct sandbox *sandbox)
{
    sandbox->api = sandbox_api_close(sandbox->api);
    sandbox->courier = courier_free(sandbox->courier);
    sandbox->truth = truth_free(sandbox->truth);
    sandbox->merchant = merchant_free(sandbox->merchant);
    sandbox->faults = faults_free(sandbox->faults);
    if (sandbox->acked_fd >= 0) {
        (void)close(sandbox->acked_fd);
    }
}

/* When nothing at all arrived, the address, the account or the secret is wrong: that is no success.
 */
static int judge(struct sandbox *sandbox)
{
    struct courier_counts post;
    courier_count(sandbox->courier, &post);
    if (post.attempts == 0 || post.acknowledged > 0) {
        return 0;
    }
    if (post.refused > 0) {
        return command_refuse(sandbox->context, ERR_NET_IO,
            "every delivery was refused, the last with HTTP %d: is it the account's URL and its "
            "secret?",
            post.last_refusal);
    }
    return command_refuse(
        sandbox->context, ERR_NET_IO, "nobody answered at " STR_FMT, STR_ARG(sandbox->options.to));
}

/* The shop has closed; what happened in it can still be asked for. */
static void stay(const struct sandbox *sandbox)
{
    out_flush();
    while (sandbox->options.stay && !command_is_stopped()) {
        command_sleep(STEP_US);
    }
}

static enum err live(struct sandbox *sandbox, struct str secret, struct err_info *reterr)
{
    TRY(open_acked(sandbox, reterr));
    command_catch_signals();
    TRY(open_shop(sandbox, secret, reterr));
    if (sandbox->options.listen.len > 0) {
        TRY(sandbox_api_open(
            &sandbox->options, sandbox->merchant, sandbox->context, &sandbox->api, reterr));
    }
    TRY(send_all(sandbox, reterr));
    TRY(flush(sandbox, reterr));
    TRY(sandbox_faults_tell(
        &sandbox->options, sandbox->faults, sandbox->merchant, sandbox->context, reterr));
    return write_state(sandbox, true, reterr);
}

static int run(struct sandbox *sandbox)
{
    struct err_info info = {{0}};
    struct str secret = STR_NONE;
    CLEANUP(secret_vault_free) struct secret_vault *vault = secret_vault_new();
    enum err err = vault == NULL ? ERR_BUSY : ERR_OK;
    if (err == ERR_OK && sandbox->options.secret.len > 0) {
        err = secret_resolve(vault, sandbox->options.secret, STR_NONE, &secret, &info);
    }
    if (err == ERR_OK) {
        err = live(sandbox, secret, &info);
    }
    if (err == ERR_OK) {
        print_summary(sandbox);
        stay(sandbox);
    }
    int exit_code = err == ERR_OK ? judge(sandbox) : command_fail(sandbox->context, err, &info);
    end(sandbox);
    return exit_code;
}

int command_sandbox(struct command_context *context)
{
    struct sandbox sandbox = {.context = context, .acked_fd = -1};
    int exit_code = 0;
    if (!sandbox_options_take(context, &sandbox.options, &exit_code)) {
        return exit_code;
    }
    const struct sandbox_options *options = &sandbox.options;
    return options->verify
               ? sandbox_verify(context, options->state, options->acked, options->newest)
               : run(&sandbox);
}
