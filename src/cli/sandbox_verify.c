#include "cli/sandbox_verify.h"
#include "sandbox/verify.h"
#include "cli/output.h"
#include <inttypes.h>

static void print_finding(void *context, const struct verify_finding *finding)
{
    const struct command_context *command = context;
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, 8192);
    if (command->json) {
        struct json_writer writer;
        json_writer_init(&writer, &line);
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, STR("kind"), str_from(finding->kind));
        json_add_string(&writer, STR("id"), finding->id);
        json_add_string(&writer, STR("field"), str_from(finding->field));
        json_add_string(&writer, STR("truth"), str_from(finding->truth));
        json_add_string(&writer, STR("store"), str_from(finding->store));
        json_end_object(&writer);
        out_json(&line);
        return;
    }
    buf_addf(&line, "%s " STR_FMT "%s%s: %s, in the store: %s\n", finding->kind,
        STR_ARG(finding->id), finding->field[0] != '\0' ? " " : "", finding->field, finding->truth,
        finding->store);
    out(buf_str(&line));
}

static void print_verdict(const struct command_context *command, const struct verify_counts *counts)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, 4096);
    const struct {
        const char *name, *words;
        uint64_t value;
    } rows[] = {
        {"objects", "objects in the state file", counts->objects},
        {"equal", "equal in the store", counts->equal},
        {"unanswered", "of them as in a delivery that was never answered", counts->unanswered},
        {"untold", "never acknowledged, and not there", counts->untold},
        {"contested", "contested: not compared", counts->contested},
        {"missing", "missing", counts->missing},
        {"different", "different", counts->different},
        {"acknowledged_events", "acknowledged events looked for", counts->acked_events},
        {"acknowledged_missing", "of them missing", counts->acked_missing},
        {"acknowledged_twice", "of them there more than once", counts->acked_twice},
    };
    struct json_writer writer;
    json_writer_init(&writer, &line);
    json_begin_object(&writer, STR_NONE);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_add_int(&writer, str_from(rows[i].name), (int64_t)rows[i].value);
        if (!command->json && rows[i].value > 0) {
            outf("%10" PRIu64 "  %s\n", rows[i].value, rows[i].words);
        }
    }
    json_add_bool(&writer, STR("good"), verify_is_good(counts));
    json_end_object(&writer);
    if (command->json) {
        out_json(&line);
    }
}

int sandbox_verify(struct command_context *context, struct str state, struct str acked, bool newest)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    struct err_info info = {{0}};
    struct verify_counts counts = {0};
    int exit_code = 0;
    if (command_open_ready(context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    enum err err = verify_state(store, state.data, newest, print_finding, context, &counts, &info);
    if (err == ERR_OK && acked.len > 0) {
        err = verify_acked(store, acked.data, print_finding, context, &counts, &info);
    }
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    print_verdict(context, &counts);
    return verify_is_good(&counts) ? 0 : err_exit_code(ERR_DIFFERS);
}
