#include "cli/inbox_view.h"
#include "base/check.h"
#include "base/limits.h"
#include "store/audit.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include "cli/scope_word.h"
#include <stdio.h>

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define PAGE_ROWS 1000
#define BODY_TEXT_BYTES (8 * (size_t)LIMIT_BODY_BYTES + 65536) /* escaped, at the worst */

/* --- choosing --- */

static enum err no_such_word(const struct command_context *context,
    const char *option,
    struct str word,
    const char *const *words,
    size_t count)
{
    CLEANUP(buf_fini) struct buf list;
    buf_init(&list, 4096);
    const char *near = nearest(word, words, count);
    for (size_t i = 0; i < count; i++) {
        buf_addf(&list, "%s%s", i == 0 ? "" : ", ", words[i]);
    }
    struct str all = buf_str(&list);
    if (near != NULL) {
        (void)command_refuse(context, ERR_USAGE, "%s: there is no " STR_FMT "; did you mean %s?",
            option, STR_ARG(word), near);
    } else {
        (void)command_refuse(context, ERR_USAGE, "%s: there is no " STR_FMT "; there are " STR_FMT,
            option, STR_ARG(word), STR_ARG(all));
    }
    return ERR_USAGE;
}

static enum err parse_status(
    const struct command_context *context, struct str word, struct inbox_filter *filter)
{
    const char *words[WORK_STATUS_COUNT];
    filter->by_status = word.len > 0;
    if (word.len == 0 || work_status_parse(word, &filter->status)) {
        return ERR_OK;
    }
    for (int i = 0; i < WORK_STATUS_COUNT; i++) {
        words[i] = work_status_word((enum work_status)i);
    }
    return no_such_word(context, "--status", word, words, WORK_STATUS_COUNT);
}

/* Names of errors are shown in capitals; they may be typed in any case. */
static enum err parse_error(
    const struct command_context *context, struct str word, struct inbox_filter *filter)
{
    const char *names[ERR_COUNT];
    size_t count = 0;
    for (int i = ERR_OK + 1; i < ERR_COUNT; i++) {
        names[count] = err_name((enum err)i);
        if (str_eq_ignoring_case(word, str_from(names[count]))) {
            filter->error = str_from(names[count]);
            return ERR_OK;
        }
        count++;
    }
    return word.len == 0 ? ERR_OK : no_such_word(context, "--error", word, names, count);
}

enum err selection_filter(const struct command_context *context,
    const struct selection *selection,
    struct inbox_filter *ret_filter)
{
    REQUIRE(selection != NULL);
    REQUIRE(ret_filter != NULL);
    struct inbox_filter filter = {
        .type = selection->type,
        .event_id = selection->event_id,
        .after_seq = selection->after,
        .newest_first = selection->newest,
    };
    TRY(parse_status(context, selection->status, &filter));
    TRY(parse_error(context, selection->error, &filter));
    TRY(options_time(context, "--from", selection->from, &filter.received_from_us));
    TRY(options_time(context, "--to", selection->to, &filter.received_to_us));
    if (selection->to.len > 0 && filter.received_to_us < 1) {
        filter.received_to_us = 1; /* 0 would be open; nothing is received before 1970 */
    }
    *ret_filter = filter;
    return ERR_OK;
}

enum err selection_scope(const struct selection *selection,
    struct store *store,
    const struct config *config,
    struct arena *arena,
    struct inbox_filter *filter,
    struct err_info *reterr)
{
    if (selection->scope.len == 0) {
        return ERR_OK;
    }
    return scope_find(store, config, selection->scope, arena, &filter->scope, reterr);
}

struct page {
    const struct selection *selection;
    const struct config *config;
    struct inbox_filter filter;
    struct arena *arena;
    struct inbox_row *rows;
    uint32_t count;
};

static enum err read_page(struct store *store, void *context, struct err_info *reterr)
{
    struct page *page = context;
    arena_reset(page->arena);
    TRY(selection_scope(page->selection, store, page->config, page->arena, &page->filter, reterr));
    return inbox_list(store, &page->filter, page->arena, &page->rows, &page->count, reterr);
}

/* Newest first cannot be continued by a sequence number, so it is one page. */
static enum err read_pages(struct store *store,
    struct page *page,
    uint64_t limit,
    inbox_page_fn *give,
    void *give_context,
    struct err_info *reterr)
{
    uint64_t left = limit;
    do {
        uint64_t rows = page->filter.newest_first || left < PAGE_ROWS ? left : PAGE_ROWS;
        page->filter.limit = (uint32_t)rows;
        TRY(command_transaction(store, STORE_READ, read_page, page, reterr));
        give(give_context, page->rows, page->count);
        if (page->count < rows || page->filter.newest_first) {
            return ERR_OK;
        }
        page->filter.after_seq = page->rows[page->count - 1].seq;
        left -= rows;
    } while (left > 0 && !output_is_gone());
    return ERR_OK;
}

int inbox_pages(struct command_context *context,
    const struct selection *selection,
    uint64_t limit,
    inbox_page_fn *page,
    void *page_context)
{
    REQUIRE(selection != NULL);
    REQUIRE(page != NULL);
    int exit_code = 0;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct page state = {.selection = selection, .arena = arena};
    enum err err = selection_filter(context, selection, &state.filter);
    if (err != ERR_OK) {
        return err_exit_code(err);
    }
    if (selection->newest && limit > PAGE_ROWS) {
        return command_refuse(context, ERR_USAGE, "--newest shows at most %d", PAGE_ROWS);
    }
    if (arena == NULL) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    if (command_open_ready(context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    state.config = config;
    err = read_pages(store, &state, limit, page, page_context, &info);
    return err == ERR_OK ? 0 : command_fail(context, err, &info);
}

enum err seq_parse(const struct command_context *context, const char *word, int64_t *ret_seq)
{
    if (str_to_int64(str_from(word), ret_seq) == ERR_OK && *ret_seq > 0) {
        return ERR_OK;
    }
    (void)command_refuse(context, ERR_USAGE, "`%s` is no number of an inbox event", word);
    return ERR_USAGE;
}

/* --- showing --- */

static void add_text(struct json_writer *json, struct str key, struct str value)
{
    if (value.len == 0) {
        json_add_null(json, key);
    } else {
        json_add_string(json, key, value);
    }
}

void inbox_row_json(const struct inbox_row *row, struct json_writer *json)
{
    char digest[2 * sizeof row->body_sha256];
    bool reason = row->status == WORK_RECORDED;
    hex_encode(digest, row->body_sha256, sizeof row->body_sha256);
    json_add_int(json, STR("seq"), row->seq);
    json_add_int(json, STR("scope"), row->scope);
    json_add_string(json, STR("channel"), str_from(channel_word(row->channel)));
    json_add_string(json, STR("event_id"), row->event_id);
    json_add_string(json, STR("type"), row->type);
    json_add_string(json, STR("api_version"), row->api_version);
    json_add_string(json, STR("subject"), row->subject);
    json_add_bool(json, STR("live"), row->live);
    json_add_time(json, STR("occurred_at"), row->occurred_at_us);
    json_add_time(json, STR("received_at"), row->received_us);
    json_add_string(json, STR("status"), str_from(work_status_word(row->status)));
    add_text(json, STR("reason"), reason ? str_from(reason_word(row->reason)) : STR_NONE);
    json_add_int(json, STR("attempts"), row->attempts);
    json_add_int(json, STR("crashes"), row->crashes);
    json_add_time(json, STR("next_attempt_at"), row->due_us);
    json_add_time(json, STR("first_failed_at"), row->first_failed_us);
    json_add_time(json, STR("finished_at"), row->finished_us);
    add_text(json, STR("error"), row->error_name);
    add_text(json, STR("error_text"), row->error_text);
    json_add_string(json, STR("proof"), row->proof);
    json_add_int(json, STR("body_bytes"), row->body_bytes);
    json_add_string(json, STR("body_sha256"), (struct str){digest, sizeof digest});
}

struct one {
    int64_t seq;
    struct arena *arena;
    struct inbox_row row;
    struct str body;
    struct audit_entry *decisions; /* what people did with it */
    uint32_t decision_count;
};

static void show_json(const struct one *one, bool with_body)
{
    struct str body = one->body;
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, BODY_TEXT_BYTES);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    inbox_row_json(&one->row, &json);
    json_begin_array(&json, STR("decisions"));
    for (uint32_t i = 0; i < one->decision_count; i++) {
        json_begin_object(&json, STR_NONE);
        json_add_time(&json, STR("at"), one->decisions[i].at_us);
        json_add_string(&json, STR("who"), one->decisions[i].who);
        json_add_string(&json, STR("action"), one->decisions[i].action);
        add_text(&json, STR("reason"), one->decisions[i].reason);
        json_end_object(&json);
    }
    json_end_array(&json);
    if (with_body && str_is_utf8(body) && memchr(body.data, '\0', body.len) == NULL) {
        json_add_string(&json, STR("body"), body);
    } else if (with_body) {
        CLEANUP(buf_fini) struct buf hex;
        buf_init(&hex, 2 * (size_t)LIMIT_BODY_BYTES);
        for (size_t i = 0; i < body.len; i++) {
            char digits[2];
            hex_encode(digits, (const uint8_t *)body.data + i, 1);
            buf_add(&hex, (struct str){digits, 2});
        }
        json_add_string(&json, STR("body_hex"), buf_str(&hex));
    }
    json_end_object(&json);
    out_json(&text);
}

/* The exact bytes, for a file or another program; a terminal gets them harmless and line by line.
 */
static void show_body(struct str body)
{
    if (!output_is_terminal()) {
        out(body);
        return;
    }
    while (body.len > 0) {
        out_escaped(str_cut(&body, '\n'));
        out(STR("\n"));
    }
}

static void show_text(const struct inbox_row *row, int64_t now_us)
{
    char text[160];
    char age[TIME_TEXT_BYTES];
    char when[TIME_TEXT_BYTES];
    time_format(row->due_us, when);
    age_format(row->due_us, now_us, age);
    outf("inbox event %lld\n", (long long)row->seq);
    out_field("event id", row->event_id);
    out_field("type", row->type.len > 0 ? row->type : STR("(none)"));
    out_field("about", row->subject);
    out_field("api version", row->api_version);
    (void)snprintf(
        text, sizeof text, "%lld, %s", (long long)row->scope, row->live ? "live" : "test");
    out_field("scope", str_from(text));
    out_field_time("occurred", row->occurred_at_us);
    out_field_time("received", row->received_us);
    (void)snprintf(text, sizeof text, "%lld bytes, channel %s", (long long)row->body_bytes,
        channel_word(row->channel));
    out_field("body", str_from(text));
    out_field("proof", row->proof);
    out_field("status", str_from(work_status_word(row->status)));
    if (row->status == WORK_RECORDED) {
        (void)snprintf(
            text, sizeof text, "%s: %s", reason_word(row->reason), reason_help(row->reason));
        out_field("reason", str_from(text));
    }
    (void)snprintf(text, sizeof text, "%lld, %lld of them never ended", (long long)row->attempts,
        (long long)row->crashes);
    out_field("attempts", row->crashes > 0 ? str_from(text) : STR_NONE);
    (void)snprintf(text, sizeof text, "%lld", (long long)row->attempts);
    out_field("attempts", row->crashes == 0 ? str_from(text) : STR_NONE);
    out_field_time("first failed", row->first_failed_us);
    (void)snprintf(text, sizeof text, "%s, in %s", when, age);
    out_field("next attempt", row->status == WORK_WAITING ? str_from(text) : STR_NONE);
    out_field_time("decided", row->finished_us);
    out_field("error", row->error_name);
    out_field("", row->error_text);
}

static void show_decisions(const struct one *one)
{
    for (uint32_t i = 0; i < one->decision_count; i++) {
        const struct audit_entry *entry = &one->decisions[i];
        char text[1400];
        char when[TIME_TEXT_BYTES];
        time_format(entry->at_us, when);
        (void)snprintf(text, sizeof text, "%s " STR_FMT " by " STR_FMT "%s" STR_FMT, when,
            STR_ARG(entry->action), STR_ARG(entry->who), entry->reason.len > 0 ? ": " : "",
            STR_ARG(entry->reason));
        out_field("decision", str_from(text));
    }
}

static enum err read_one(struct store *store, void *context, struct err_info *reterr)
{
    struct one *one = context;
    arena_reset(one->arena);
    char subject[40];
    (void)snprintf(subject, sizeof subject, "inbox:%lld", (long long)one->seq);
    TRY(inbox_get(store, one->seq, one->arena, &one->row, &one->body, reterr));
    return audit_of(
        store, str_from(subject), one->arena, &one->decisions, &one->decision_count, reterr);
}

int inbox_show_one(struct command_context *context, const char *seq, bool with_body, bool only_dead)
{
    int exit_code = 0;
    struct one one = {0};
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    enum err err = seq_parse(context, seq, &one.seq);
    if (err != ERR_OK) {
        return err_exit_code(err);
    }
    if (arena == NULL) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    if (command_open_ready(context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    one.arena = arena;
    err = command_transaction(store, STORE_READ, read_one, &one, &info);
    if (err == ERR_NOT_FOUND) {
        return command_refuse(context, err, "there is no inbox event %lld", (long long)one.seq);
    }
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    if (only_dead && one.row.status != WORK_DEAD) {
        return command_refuse(context, ERR_NOT_FOUND, "inbox event %lld is %s, not dead",
            (long long)one.seq, work_status_word(one.row.status));
    }
    if (context->json) {
        show_json(&one, with_body);
    } else if (with_body) {
        show_body(one.body);
    } else {
        show_text(&one.row, env_now(context->env));
        show_decisions(&one);
    }
    return 0;
}
