#include "base/check.h"
#include "base/timestamp.h"
#include "cli/bench_books.h"
#include "cli/bench_run.h"
#include "cli/output.h"
#include "cli/sandbox_options.h"
#include <errno.h>
#include <stdio.h>

/* ---- verbs ----------------------------------------------------------------------------------- */

static int check_options(const struct bench *bench)
{
    const char *wrong = bench->connections < 1 || bench->connections > 4096
                            ? "--connections is between 1 and 4096"
                        : bench->seconds_us < US_PER_SECOND ? "--seconds begins at 1"
                        : bench->limit_us < US_PER_SECOND   ? "--limit-seconds begins at 1"
                        : bench->rate > 1000000             ? "--rate ends at 1000000"
                                                            : NULL;
    return wrong == NULL ? 0 : command_refuse(bench->context, ERR_USAGE, "%s", wrong);
}

static int run(struct bench *bench, bench_measure_fn *measure, const char *title)
{
    struct err_info info = {{0}};
    struct bench_report report = {0};
    int exit_code = check_options(bench);
    if (exit_code != 0) {
        return exit_code;
    }
    command_catch_signals();
    enum err err = measure(bench, &report, &info);
    if (err == ERR_OK) {
        bench_report_print(&report, title, bench->context->json);
    } else {
        exit_code = command_fail(bench->context, err, &info);
    }
    (void)bench_server_kill(&bench->server);
    bench->merchant = merchant_free(bench->merchant);
    return exit_code;
}

static bool parse(struct bench *bench,
    const char *synopsis,
    const char *description,
    const struct option_row *options,
    int *ret_exit)
{
    const struct usage usage = {
        .synopsis = synopsis, .description = description, .options = options};
    if (!options_take(bench->context, &usage, ret_exit)) {
        return false;
    }
    if (!sandbox_mix_take(bench->context, bench->mix_words, &bench->mix)) {
        *ret_exit = err_exit_code(ERR_USAGE);
        return false;
    }
    return true;
}

static struct bench bench_defaults(struct command_context *context)
{
    return (struct bench){
        .context = context,
        .seconds_us = 20 * US_PER_SECOND,
        .warm_up_us = 3 * US_PER_SECOND,
        .limit_us = 5 * US_PER_SECOND,
        .connections = 256,
        .seed = 1,
        .events = 1000,
        .mix_words = STR("payments"),
    };
}

#define ROWS_OF_A_RUN                                                                              \
    {"--dir", OPTION_TEXT, "DIR", "a folder of the run is made here: the disk counts (.)",         \
        &bench.dir},                                                                               \
        {"--store", OPTION_TEXT, "URL", "an empty PostgreSQL database (default: SQLite in DIR)",   \
            &bench.store},                                                                         \
        {"--seconds", OPTION_DURATION, "TIME", "measured (20)", &bench.seconds_us},                \
        {"--warm-up", OPTION_DURATION, "TIME", "before that (3)", &bench.warm_up_us},              \
        {"--connections", OPTION_INT, "N", "keep-alive (256)", &bench.connections},                \
        {"--seed", OPTION_INT, "N", "of the merchant (1)", &bench.seed},                           \
        {"--mix", OPTION_TEXT, "WORDS", "what begins in its shop: all, payments,billing=30",       \
            &bench.mix_words},                                                                     \
    {                                                                                              \
        "--keep", OPTION_FLAG, NULL, "leave the folder with the store and the log", &bench.keep    \
    }

static int verb_intake(struct command_context *context)
{
    struct bench bench = bench_defaults(context);
    const struct option_row options[] = {
        ROWS_OF_A_RUN,
        {"--rate", OPTION_INT, "N", "open loop: so many are due a second (0: closed loop)",
            &bench.rate},
        {"--no-project", OPTION_FLAG, NULL, "without workers: receiving alone", &bench.no_project},
        {"--limit-seconds", OPTION_DURATION, "TIME", "of the bare inserts (5)", &bench.limit_us},
        {"--no-limit", OPTION_FLAG, NULL, "leave the bare inserts out", &bench.no_limit},
        {0},
    };
    int exit_code = 0;
    return parse(&bench, "bench intake [options]",
               "Signed webhooks against a real serve on a fresh store; every sync is real. Then "
               "the same bytes\n"
               "by a bare prepared statement in the same batches: the limit of this machine.",
               options, &exit_code)
               ? run(&bench, bench_measure_intake, "intake")
               : exit_code;
}

static int verb_pipeline(struct command_context *context)
{
    struct bench bench = bench_defaults(context);
    bench.rate = 8000;
    const struct option_row options[] = {
        ROWS_OF_A_RUN,
        {"--rate", OPTION_INT, "N", "so many are due a second (8000); 0: closed loop", &bench.rate},
        {"--search", OPTION_FLAG, NULL, "find the highest rate that is held, from --rate on",
            &bench.search},
        {0},
    };
    int exit_code = 0;
    return parse(&bench, "bench pipeline [options]",
               "Received, decided, fed: at a steady rate, does the backlog grow? And how fast is "
               "the rest\n"
               "decided when nothing comes any more?",
               options, &exit_code)
               ? run(&bench, bench_measure_pipeline, "pipeline")
               : exit_code;
}

#define PAYMENTS_MAX 100000000 /* some 150 GB */

static int check_books(const struct bench_books *books)
{
    bool is_shape = str_eq(books->shape, STR("csv")) || str_eq(books->shape, STR("api"));
    const char *wrong = books->payments < 1 || books->payments > PAYMENTS_MAX
                            ? "--lines is between 1 and 100000000"
                        : !is_shape ? "--shape is csv or api"
                                    : NULL;
    return wrong == NULL ? 0 : command_refuse(books->context, ERR_USAGE, "%s", wrong);
}

static int verb_reconcile(struct command_context *context)
{
    struct bench_books books = {
        .context = context, .dir = STR("."), .shape = STR("csv"), .payments = 1000000, .seed = 1};
    const struct option_row options[] = {
        {"--dir", OPTION_TEXT, "DIR", "a folder of the run is made here: the disk counts (.)",
            &books.dir},
        {"--store", OPTION_TEXT, "URL", "an empty PostgreSQL database (default: SQLite in DIR)",
            &books.store},
        {"--lines", OPTION_INT, "N", "payments, each with its line (1000000)", &books.payments},
        {"--shape", OPTION_TEXT, "csv|api", "reports as files, or pages of 100 (csv)",
            &books.shape},
        {"--seed", OPTION_INT, "N", "of the payments (1)", &books.seed},
        {"--keep", OPTION_FLAG, NULL, "leave the folder with the store", &books.keep},
        {0},
    };
    const struct usage usage = {.synopsis = "bench reconcile [options]",
        .description = "A statement against the payments that it is about: lines read, kept and "
                       "posted. Then the\n"
                       "plain outer join of the same two tables, the limit of this machine, and "
                       "a run that reconciles.",
        .options = options};
    struct bench_report report = {0};
    struct err_info info = {{0}};
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code) || (exit_code = check_books(&books)) != 0) {
        return exit_code;
    }
    command_catch_signals();
    enum err err = bench_measure_books(&books, &report, &info);
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    bench_report_print(&report, "reconcile", context->json);
    return 0;
}

static enum err write_events(struct bench *bench, FILE *file, struct err_info *reterr)
{
    for (int64_t i = 0; i < bench->events; i++) {
        struct merchant_event event;
        TRY(merchant_next(bench->merchant, &event));
        if (fwrite(event.body.data, 1, event.body.len, file) != event.body.len ||
            fputc('\n', file) == EOF) {
            return err_set(
                reterr, ERR_FILE_IO, STR_FMT ": %s", STR_ARG(bench->out), strerror(errno));
        }
    }
    return fflush(file) == 0
               ? ERR_OK
               : err_set(reterr, ERR_FILE_IO, STR_FMT ": %s", STR_ARG(bench->out), strerror(errno));
}

static int verb_generate(struct command_context *context)
{
    struct bench bench = bench_defaults(context);
    const struct option_row options[] = {
        {"--out", OPTION_TEXT, "FILE", "where to; a file that exists is left alone", &bench.out},
        {"--events", OPTION_INT, "N", "how many (1000)", &bench.events},
        {"--seed", OPTION_INT, "N", "of the merchant (1)", &bench.seed},
        {"--mix", OPTION_TEXT, "WORDS", "what begins in its shop: all, payments,billing=30",
            &bench.mix_words},
        {0},
    };
    int exit_code = 0;
    if (!parse(&bench, "bench generate --out FILE [--events N]",
            "Writes the webhook bodies that the load generator sends, for a look at them.", options,
            &exit_code)) {
        return exit_code;
    }
    if (bench.out.len == 0) {
        return command_refuse(context, ERR_USAGE, "--out FILE is wanted");
    }
    struct err_info info = {{0}};
    FILE *file = fopen(bench.out.data, "wxe");
    int error = errno;
    if (file == NULL && error == EEXIST) {
        return command_refuse(context, ERR_CONFLICT, STR_FMT " exists already; nothing is replaced",
            STR_ARG(bench.out));
    }
    bench.merchant = bench_shop_new(&bench);
    enum err err = bench.merchant == NULL ? ERR_BUSY
                   : file == NULL ? err_set(&info, ERR_FILE_IO, STR_FMT ": %s", STR_ARG(bench.out),
                                        strerror(error))
                                  : write_events(&bench, file, &info);
    if (file != NULL && fclose(file) != 0 && err == ERR_OK) {
        err = err_set(&info, ERR_FILE_IO, STR_FMT ": %s", STR_ARG(bench.out), strerror(errno));
    }
    bench.merchant = merchant_free(bench.merchant);
    return err == ERR_OK ? 0 : command_fail(context, err, &info);
}

int command_bench(struct command_context *context)
{
    static const struct command_verb verbs[] = {
        {"intake", "signed webhooks as fast as they are acknowledged, and the machine's limit",
            verb_intake},
        {"pipeline", "a steady rate from the door to the feed", verb_pipeline},
        {"reconcile", "a statement against its payments, and the machine's limit", verb_reconcile},
        {"generate", "the load generator's bodies, into a file", verb_generate},
        {0},
    };
    return command_verbs(
        context, "Measures this program on this machine; bench/README.md says how.", verbs);
}
