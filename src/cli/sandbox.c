#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "sandbox/courier.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/sandbox_verify.h"
#include "cli/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS_PER_1000_PAYMENTS                                                                   \
    INT64_C(6150) /* of the lives in sandbox/lives.def, customers and sundries included */
#define OBJECTS_MAX 400000
#define LETTERS_MAX 16384
#define STEP_US INT64_C(50000)
#define STATE_EVERY_US (5 * US_PER_SECOND)
#define PROGRESS_EVERY_US (US_PER_SECOND / 2)

_Static_assert(
    COURIER_SIGNATURE_BYTES == STRIPE_SIGNATURE_TEXT_BYTES, "the one is handed in as the other");

struct sandbox {
    struct command_context *context;
    /* options */
    struct str to, secret, state, acked, account;
    int64_t seed, rate, duplicates, reorder, loss, delay_us, for_us, payments, connections,
        retry_scale, flush_us;
    bool live, verify;
    /* under way */
    struct merchant *merchant;
    struct truth *truth;
    struct courier *courier;
    int acked_fd;
    int64_t begun_us;
    bool has_event; /* `event` waits for its time */
    struct merchant_event event;
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
    json_add_int(&writer, STR("seed"), sandbox->seed);
    json_add_bool(&writer, STR("finished"), finished);
    json_add_time(&writer, STR("begun_at"), sandbox->begun_us);
    json_add_time(&writer, STR("written_at"), env_now(sandbox->context->env));
    add_counts(sandbox, &writer);
    json_end_object(&writer);
}

static enum err write_state(struct sandbox *sandbox, bool finished, struct err_info *reterr)
{
    if (sandbox->state.len == 0) {
        return ERR_OK;
    }
    CLEANUP(buf_fini) struct buf head;
    buf_init(&head, 4096);
    format_head(sandbox, finished, &head);
    return truth_write(sandbox->truth, sandbox->state.data, buf_str(&head), reterr);
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
         " failed after success), %" PRIu64 " refunds, %" PRIu64 " customers\n",
        shop.payments, shop.succeeded, shop.canceled, shop.late_failures, shop.refunds,
        shop.customers);
    outf("%" PRIu64 " events: %" PRIu64 " acknowledged, %" PRIu64 " of them twice; %" PRIu64
         " lost on purpose; %" PRIu32 " unanswered, %" PRIu64 " given up\n",
        post.events, post.acknowledged, post.duplicates, post.lost, courier_open(sandbox->courier),
        post.given_up);
    if (post.refused + post.unreachable > 0) {
        outf("%" PRIu64 " attempts refused, %" PRIu64 " not answered\n", post.refused,
            post.unreachable);
    }
    if (post.attempts == 0 && post.lost > 0) {
        outf("Nothing was sent: --loss %" PRId64 " lost every event\n", sandbox->loss);
    }
}

/* ---- sending --------------------------------------------------------------------------------- */

/* Takes what the merchant's clock has reached. */
static enum err take_events(struct sandbox *sandbox, int64_t now_us)
{
    while (!sandbox->ended && courier_has_room(sandbox->courier)) {
        if (!sandbox->has_event) {
            int64_t next_us = merchant_next_at(sandbox->merchant);
            if (next_us > now_us && next_us != INT64_MAX) { /* that: nothing will ever happen */
                return ERR_OK;
            }
            enum err err = merchant_next(sandbox->merchant, &sandbox->event);
            if (err != ERR_OK) {
                sandbox->ended =
                    true; /* wound down, or all the objects that it can keep are made */
                return ERR_OK;
            }
            sandbox->has_event = true;
        }
        if (sandbox->event.at_us > now_us) {
            return ERR_OK;
        }
        TRY(courier_take(sandbox->courier, &sandbox->event));
        sandbox->has_event = false;
    }
    return ERR_OK;
}

static int64_t time_to_wait(const struct sandbox *sandbox, int64_t now_us)
{
    if (sandbox->ended || !courier_has_room(sandbox->courier)) {
        return STEP_US;
    }
    int64_t next_us =
        sandbox->has_event ? sandbox->event.at_us : merchant_next_at(sandbox->merchant);
    int64_t wait_us = next_us > now_us ? next_us - now_us : 0;
    return wait_us < STEP_US ? wait_us : STEP_US;
}

static bool is_time_to_end(const struct sandbox *sandbox, int64_t now_us)
{
    return sandbox->ended || command_is_stopped() ||
           (sandbox->for_us > 0 && now_us - sandbox->begun_us >= sandbox->for_us);
}

static enum err send_all(struct sandbox *sandbox, struct err_info *reterr)
{
    int64_t state_at_us = sandbox->begun_us + STATE_EVERY_US;
    int64_t progress_at_us = sandbox->begun_us;
    while (!is_time_to_end(sandbox, env_now(sandbox->context->env))) {
        int64_t now_us = env_now(sandbox->context->env);
        struct merchant_counts shop;
        merchant_count(sandbox->merchant, &shop);
        if (sandbox->payments > 0 && shop.payments >= (uint64_t)sandbox->payments) {
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
    int64_t until_us = env_now(sandbox->context->env) + sandbox->flush_us;
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
    if (sandbox->acked.len > 0) {
        sandbox->acked_fd =
            open(sandbox->acked.data, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (sandbox->acked_fd < 0) {
            return err_set(
                reterr, ERR_FILE_IO, STR_FMT ": %s", STR_ARG(sandbox->acked), strerror(errno));
        }
    }
    return ERR_OK;
}

static enum err begin(struct sandbox *sandbox, struct str secret, struct err_info *reterr)
{
    sandbox->begun_us = env_now(sandbox->context->env);
    const struct merchant_config shop = {
        .seed = (uint64_t)sandbox->seed,
        .start_us = sandbox->begun_us,
        .mean_gap_us = EVENTS_PER_1000_PAYMENTS * 1000 / sandbox->rate,
        .objects_max = OBJECTS_MAX,
        .live = sandbox->live,
        .account = sandbox->account,
    };
    const struct courier_config post = {
        .url = sandbox->to,
        .secret = secret,
        .sign = stripe_sign,
        .seed = (uint64_t)sandbox->seed,
        .connections_max = (uint32_t)sandbox->connections,
        .letters_max = LETTERS_MAX,
        .duplicate_percent = (uint32_t)sandbox->duplicates,
        .reorder_percent = (uint32_t)sandbox->reorder,
        .loss_percent = (uint32_t)sandbox->loss,
        .delay_max_us = sandbox->delay_us,
        .retry_scale = sandbox->retry_scale,
        .acked_fd = sandbox->acked_fd,
    };
    sandbox->merchant = merchant_new(&shop);
    sandbox->truth =
        truth_new(2 * OBJECTS_MAX); /* a payment is its intent and up to three charges */
    sandbox->courier =
        sandbox->truth == NULL ? NULL : courier_new(&post, sandbox->truth, sandbox->context->env);
    return sandbox->merchant == NULL || sandbox->courier == NULL
               ? err_set(reterr, ERR_BUSY, "out of memory")
               : ERR_OK;
}

static void end(struct sandbox *sandbox)
{
    sandbox->courier = courier_free(sandbox->courier);
    sandbox->truth = truth_free(sandbox->truth);
    sandbox->merchant = merchant_free(sandbox->merchant);
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
        sandbox->context, ERR_NET_IO, "nobody answered at " STR_FMT, STR_ARG(sandbox->to));
}

static int run(struct sandbox *sandbox)
{
    struct err_info info = {{0}};
    struct str secret = STR_NONE;
    CLEANUP(secret_vault_free) struct secret_vault *vault = secret_vault_new();
    enum err err =
        vault == NULL ? ERR_BUSY : secret_resolve(vault, sandbox->secret, STR_NONE, &secret, &info);
    if (err == ERR_OK) {
        err = open_acked(sandbox, &info);
    }
    if (err == ERR_OK) {
        command_catch_signals();
        err = begin(sandbox, secret, &info);
    }
    if (err == ERR_OK) {
        err = send_all(sandbox, &info);
    }
    if (err == ERR_OK) {
        err = flush(sandbox, &info);
    }
    if (err == ERR_OK) {
        err = write_state(sandbox, true, &info);
    }
    if (err == ERR_OK) {
        print_summary(sandbox);
    }
    int exit_code = err == ERR_OK ? judge(sandbox) : command_fail(sandbox->context, err, &info);
    end(sandbox);
    return exit_code;
}

/* ---- options --------------------------------------------------------------------------------- */

static int refuse_options(const struct sandbox *sandbox, const char *words)
{
    return command_refuse(sandbox->context, ERR_USAGE, "%s", words);
}

static bool is_web_url(struct str url)
{
    struct str rest = url;
    struct str scheme = str_cut(&rest, ':');
    return (str_eq_ignoring_case(scheme, STR("http")) ||
               str_eq_ignoring_case(scheme, STR("https"))) &&
           str_starts_with(rest, STR("//"));
}

/* By whichever names: a state would be written over the ids that were acknowledged. */
static bool is_one_file(struct str path, struct str other)
{
    struct stat a;
    struct stat b;
    if (path.len == 0 || other.len == 0) {
        return false;
    }
    return str_eq(path, other) || (stat(path.data, &a) == 0 && stat(other.data, &b) == 0 &&
                                      a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

static int check_options(const struct sandbox *sandbox)
{
    if (is_one_file(sandbox->state, sandbox->acked)) {
        return refuse_options(sandbox, "--state and --log-acked want two files, not the same one");
    }
    if (sandbox->verify) {
        return sandbox->state.len > 0 ? 0 : refuse_options(sandbox, "--verify wants --state FILE");
    }
    if (sandbox->to.len == 0 || sandbox->secret.len == 0) {
        return refuse_options(sandbox, "--to URL and --secret REFERENCE are wanted");
    }
    if (!is_web_url(sandbox->to)) {
        return refuse_options(
            sandbox, "--to wants http:// or https://, like http://127.0.0.1:8420/webhooks/ACCOUNT");
    }
    if (sandbox->for_us == 0 || sandbox->payments == 0) {
        return refuse_options(sandbox,
            "--for and --payments want more than 0; without them, it goes on until stopped");
    }
    if (sandbox->duplicates > 100 || sandbox->reorder > 100 || sandbox->loss > 100) {
        return refuse_options(sandbox, "percentages end at 100");
    }
    if (sandbox->rate < 1 || sandbox->rate > 100000) {
        return refuse_options(sandbox, "--rate is between 1 and 100000 events a second");
    }
    if (sandbox->connections < 1 || sandbox->connections > 1024) {
        return refuse_options(sandbox, "--connections is between 1 and 1024");
    }
    if (sandbox->account.len > LIMIT_PROVIDER_ID_BYTES) {
        return refuse_options(sandbox, "--account is too long for an account id");
    }
    return sandbox->retry_scale >= 1 ? 0 : refuse_options(sandbox, "--retry-scale begins at 1");
}

int command_sandbox(struct command_context *context)
{
    struct sandbox sandbox = {.context = context,
        .seed = 1,
        .rate = 10,
        .for_us = -1,
        .payments = -1,
        .connections = 32,
        .retry_scale = 3000,
        .flush_us = 10 * US_PER_SECOND,
        .acked_fd = -1};
    const struct option_row options[] = {
        {"--to", OPTION_TEXT, "URL", "http://127.0.0.1:8420/webhooks/ACCOUNT", &sandbox.to},
        {"--secret", OPTION_TEXT, "REF", "what to sign with: env:NAME or file:PATH",
            &sandbox.secret},
        {"--seed", OPTION_INT, "N", "the same seed lives the same payments (1)", &sandbox.seed},
        {"--rate", OPTION_INT, "N", "events a second, about (10)", &sandbox.rate},
        {"--for", OPTION_DURATION, "TIME", "end by itself after 20s, 5m ...", &sandbox.for_us},
        {"--payments", OPTION_INT, "N", "end when so many payments have lived", &sandbox.payments},
        {"--duplicates", OPTION_INT, "P", "percent sent twice", &sandbox.duplicates},
        {"--reorder", OPTION_INT, "P", "percent overtaken by later ones", &sandbox.reorder},
        {"--delay", OPTION_DURATION, "TIME", "each is late by up to so much", &sandbox.delay_us},
        {"--loss", OPTION_INT, "P", "percent never sent", &sandbox.loss},
        {"--retry-scale", OPTION_INT, "N", "retries come N times sooner than Stripe's (3000)",
            &sandbox.retry_scale},
        {"--flush", OPTION_DURATION, "TIME", "at the end, wait so long for answers (10s)",
            &sandbox.flush_us},
        {"--connections", OPTION_INT, "N", "at once (32)", &sandbox.connections},
        {"--account", OPTION_TEXT, "ID", "events of this connected account", &sandbox.account},
        {"--live", OPTION_FLAG, NULL, "events say livemode true", &sandbox.live},
        {"--state", OPTION_TEXT, "FILE", "write down what was acknowledged of each object",
            &sandbox.state},
        {"--log-acked", OPTION_TEXT, "FILE", "append each acknowledged event's id, synced",
            &sandbox.acked},
        {"--verify", OPTION_FLAG, NULL, "compare --state (and --log-acked) with the store",
            &sandbox.verify},
        {0},
    };
    const struct usage usage = {
        .synopsis = "sandbox --to URL --secret REF [options] | sandbox --verify --state FILE",
        .description =
            "A small stand-in for Stripe: a shop whose customers, payments and refunds live their\n"
            "lives in seconds, and whose signed webhooks arrive twice, late, out of order or not\n"
            "at all. With --verify it prints every difference between what it told and what the\n"
            "store has made of it, and ends with 1 when there is one.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    exit_code = check_options(&sandbox);
    if (exit_code != 0) {
        return exit_code;
    }
    return sandbox.verify ? sandbox_verify(context, sandbox.state, sandbox.acked) : run(&sandbox);
}
