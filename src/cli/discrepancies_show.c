#include "base/check.h"
#include "cli/discrepancies.h"
#include "cli/output.h"
#include <inttypes.h>
#include <stdio.h>

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define VALUE_BYTES 400

/* --- what it is --- */

static void print_amounts(const struct finding *found)
{
    char amount[MONEY_TEXT_BYTES];
    discrepancy_amount_text(found->ours_minor, found->currency, amount);
    out_field("ours", str_from(amount));
    discrepancy_amount_text(found->theirs_minor, found->currency, amount);
    out_field("theirs", str_from(amount));
    discrepancy_off_text(found, amount);
    out_field("off", str_from(amount));
}

static void print_standing(const struct standing_amount *standing)
{
    char amount[MONEY_TEXT_BYTES];
    char value[VALUE_BYTES];
    if (standing->is_there) {
        discrepancy_amount_text(standing->minor, standing->currency, amount);
        (void)snprintf(
            value, sizeof value, "%s on %s", amount, account_row(standing->account)->name);
        out_field("stands", str_from(value));
    }
}

static void print_itself(const struct evidence *evidence, int64_t now_us)
{
    const struct discrepancy *now = &evidence->now;
    const struct finding *found = &now->found;
    const struct code_row *code = code_row(found->code);
    char id[FINDING_ID_TEXT_BYTES];
    char about[ABOUT_BYTES];
    char value[VALUE_BYTES];
    char age[TIME_TEXT_BYTES];
    finding_id_format(now->id, id);
    discrepancy_about(found, about);
    age_format(now_us, found->since_us, age);
    outf("%s  %s%s%s  %s\n", id, colour_on(COLOUR_BOLD), code->word, colour_off(),
        severity_word(code->severity));
    out_field("what it is", str_from(code->help));
    out_field("state", str_from(discrepancy_state_word(now->state)));
    out_field("owner", now->owner);
    (void)snprintf(value, sizeof value, STR_FMT ", " STR_FMT, STR_ARG(evidence->scope.account_key),
        STR_ARG(evidence->scope.environment));
    out_field("account", str_from(value));
    out_field("about", str_from(about));
    out_field("name", found->name);
    print_amounts(found);
    print_standing(&evidence->standing);
    out_field("says", found->text);
    out_field_time("days from", found->period_us);
    out_field_time("until before", found->period_to_us);
    out_field_time("since", found->since_us);
    out_field("age", str_from(age));
    out_field_time("raised", now->raised_us);
    (void)snprintf(value, sizeof value, "%" PRId64 " to %" PRId64, now->first_run, now->last_run);
    out_field("found by runs", str_from(value));
}

/* --- what we have --- */

static void print_postings(const struct evidence *evidence)
{
    static const struct table_column columns[] = {
        {"POSTED FOR", false}, {"ID", false}, {"ACCOUNT", false}, {"AMOUNT", true}};
    CLEANUP(table_free) struct table *table = table_new(columns, 4);
    if (table == NULL || evidence->posting_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < evidence->posting_count; i++) {
        const struct evidence_posting *row = &evidence->postings[i];
        char id[OWN_ID_TEXT_BYTES];
        char amount[MONEY_TEXT_BYTES];
        subject_format(row->subject_kind, row->subject, id);
        money_format(row->posting.minor, row->posting.currency, amount);
        table_add(table, str_from(subject_kind_word(row->subject_kind)));
        table_add(table, str_from(id));
        table_add(table, str_from(account_row(row->posting.account)->name));
        table_add(table, str_from(amount));
    }
    out(STR("\n"));
    table_print(table);
}

static void print_ours(const struct evidence *evidence)
{
    out(STR("\nWHAT WE HAVE\n"));
    if (evidence->shown.object_count > 0) {
        show_object(&evidence->shown.objects[0]);
    } else {
        out(STR("  no object of ours\n"));
    }
    print_postings(evidence);
}

/* --- what they have --- */

static void print_line(const struct kept_line *kept)
{
    char id[OWN_ID_TEXT_BYTES];
    char value[VALUE_BYTES];
    char amount[MONEY_TEXT_BYTES];
    char fee[MONEY_TEXT_BYTES];
    char net[MONEY_TEXT_BYTES];
    const struct statement_line *line = &kept->line;
    subject_format(SUBJECT_LINE, line->id, id);
    money_format(line->amount_minor, line->currency, amount);
    money_format(line->fee_minor, line->currency, fee);
    money_format(line->net_minor, line->currency, net);
    out(STR("  "));
    out_escaped(kept->provider_id);
    outf("  %s  %s\n", line_kind_word(line->kind), id);
    (void)snprintf(value, sizeof value, "%s, fee %s, net %s", amount, fee, net);
    out_field("  amount", str_from(value));
    if (line->customer_currency.code[0] != '\0') {
        money_format(line->customer_minor, line->customer_currency, amount);
        out_field("  payer saw", str_from(amount));
    }
    out_field("  type", kept->type);
    out_field("  category", kept->category);
    out_field("  balance", str_from(bucket_word(line->bucket)));
    out_field("  text", kept->text);
    out_field_time("  created", line->created_us);
    out_field_time("  available", line->available_us);
    out_field_time("  effective", kept->effective_us);
    (void)snprintf(value, sizeof value, "%" PRId64, kept->first_source);
    out_field("  told by", str_from(value));
}

static void print_source(const struct statement_source *source)
{
    char hex[2 * SHA256_BYTES + 1] = "";
    if (source->hashed) {
        hex_encode(hex, source->sha256, SHA256_BYTES);
        hex[sizeof hex - 1] = '\0';
    }
    outf("  source %" PRId64 "  %s  ", source->number,
        source->kind == SOURCE_FILE ? "file" : "asked the API");
    out_escaped(source->name);
    out(STR("\n"));
    out_field_time("  received", source->received_us);
    out_field("  sha256", str_from(hex));
}

static void print_theirs(const struct evidence *evidence)
{
    out(STR("\nWHAT THEY HAVE\n"));
    if (evidence->lines.count == 0) {
        out(STR("  no line of the statement\n"));
    }
    for (uint32_t i = 0; i < evidence->lines.count; i++) {
        print_line(&evidence->lines.items[i]);
    }
    if (evidence->lines.count == EVIDENCE_LINES_MAX) {
        outf("  the first %d; there may be more\n", EVIDENCE_LINES_MAX);
    }
    for (uint32_t i = 0; i < evidence->source_count; i++) {
        print_source(&evidence->sources[i]);
    }
}

/* --- what led there --- */

static void add_event(struct table *table,
    int64_t seq,
    int64_t occurred_us,
    struct str type,
    const char *what,
    struct str event_id)
{
    char when[TIME_TEXT_BYTES];
    time_format(occurred_us, when);
    table_addf(table, "%" PRId64, seq);
    table_add(table, str_from(when));
    table_add(table, type);
    table_add(table, str_from(what));
    table_add(table, event_id);
}

static void print_events(const struct evidence *evidence)
{
    static const struct table_column columns[] = {{"SEQ", true}, {"OCCURRED (UTC)", false},
        {"EVENT", false}, {"WHAT IT DID", false}, {"EVENT ID", false}};
    CLEANUP(table_free) struct table *table = table_new(columns, 5);
    const struct shown *shown = &evidence->shown;
    if (table == NULL || shown->moment_count + evidence->event_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < shown->moment_count; i++) {
        const struct timeline_entry *entry = shown->moments[i].effect;
        char why[VALUE_BYTES];
        show_why(shown, &entry->effect, why, sizeof why);
        add_event(
            table, entry->effect.seq, entry->occurred_at_us, entry->type, why, entry->event_id);
    }
    for (uint32_t i = 0; i < evidence->event_count; i++) {
        const struct inbox_row *row = &evidence->events[i];
        add_event(table, row->seq, row->occurred_at_us, row->type, work_status_word(row->status),
            row->event_id);
    }
    out(STR("\nWHICH EVENTS LED THERE\n"));
    table_print(table);
}

/* --- its life --- */

static void print_step(const struct evidence *evidence, uint32_t at, struct table *table)
{
    const struct discrepancy_step *step = &evidence->steps[at];
    struct finding then = evidence->now.found;
    char when[TIME_TEXT_BYTES];
    char amount[MONEY_TEXT_BYTES];
    then.ours_minor = step->ours_minor;
    then.theirs_minor = step->theirs_minor;
    time_format(step->at_us, when);
    discrepancy_off_text(&then, amount);
    table_addf(table, "%" PRId64, step->number);
    table_add(table, str_from(when));
    table_add(table, str_from(deed_word(step->deed)));
    if (step->run > 0) {
        table_addf(table, "run %" PRId64, step->run);
    } else {
        table_add(table, step->who);
    }
    table_add(table, str_from(discrepancy_state_word(step->state)));
    table_add(table, str_from(amount));
    table_add(table, step->has_reason ? str_from(reason_code_word(step->reason)) : STR(" "));
    table_add(table, step->note.len > 0 ? step->note : STR(" "));
    table_add(table, step->incident.len > 0 ? step->incident : STR(" "));
    if (step->entry > 0) {
        table_addf(table, STR_FMT ", entry %" PRId64, STR_ARG(step->account), step->entry);
    } else {
        table_add(table, step->account.len > 0 ? step->account : STR(" "));
    }
}

static void print_steps(const struct evidence *evidence)
{
    static const struct table_column columns[] = {{"#", true}, {"AT (UTC)", false}, {"STEP", false},
        {"BY", false}, {"THEN", false}, {"OFF", true}, {"REASON", false}, {"NOTE", false},
        {"INCIDENT", false}, {"TO", false}};
    CLEANUP(table_free) struct table *table = table_new(columns, 10);
    out(STR("\nITS STEPS\n"));
    for (uint32_t i = 0; i < evidence->step_count && table != NULL; i++) {
        print_step(evidence, i, table);
    }
    if (table != NULL) {
        table_print(table);
    }
}

static void print_next(const struct evidence *evidence)
{
    char id[FINDING_ID_TEXT_BYTES];
    finding_id_format(evidence->now.id, id);
    out(STR("\nWHAT TO DO NEXT\n"));
    if (discrepancy_is_over(evidence->now.state)) {
        outf("  nothing; `counterfoil discrepancies reopen %s` if it is not over\n", id);
        return;
    }
    outf("  %s\n", code_row(evidence->now.found.code)->next);
    if (evidence->now.state == DISCREPANCY_OPEN) {
        outf("  counterfoil discrepancies acknowledge %s\n", id);
    }
    outf("  counterfoil discrepancies explain %s --reason WORD --note TEXT\n", id);
    if (evidence->standing.is_there) {
        outf("  counterfoil discrepancies resolve %s --reason WORD --to ACCOUNT\n", id);
    } else {
        outf("  counterfoil discrepancies resolve %s --reason WORD\n", id);
    }
}

/* --- the verb --- */

struct showing {
    struct command_context *context;
    struct own_id id;
    struct arena *arena;
    struct evidence evidence;
};

static enum err read_evidence(struct store *store, void *context, struct err_info *reterr)
{
    struct showing *showing = context;
    arena_reset(showing->arena);
    return evidence_gather(store, showing->id, showing->arena, &showing->evidence, reterr);
}

static int run(struct showing *showing)
{
    int exit_code = 0;
    struct err_info info = {""};
    int64_t now_us = env_now(showing->context->env);
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    if (arena == NULL) {
        return command_fail(showing->context, ERR_BUSY, NULL);
    }
    if (command_open_ready(showing->context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    showing->arena = arena;
    enum err err = command_transaction(store, STORE_READ, read_evidence, showing, &info);
    if (err != ERR_OK) {
        return discrepancy_refuse(showing->context, err, &info);
    }
    if (showing->context->json) {
        evidence_json(&showing->evidence, now_us);
        return 0;
    }
    print_itself(&showing->evidence, now_us);
    print_ours(&showing->evidence);
    print_theirs(&showing->evidence);
    print_events(&showing->evidence);
    print_steps(&showing->evidence);
    print_next(&showing->evidence);
    return 0;
}

int discrepancy_show(struct command_context *context, const char *word)
{
    struct showing showing = {.context = context};
    enum err err = discrepancy_id_take(context, word, &showing.id);
    return err != ERR_OK ? err_exit_code(err) : run(&showing);
}

int discrepancies_show_command(struct command_context *context)
{
    const struct option_row options[] = {{0}};
    const struct usage usage = {
        .synopsis = "discrepancies show ID",
        .description =
            "Shows the evidence: our object with what is posted because of it, the provider's "
            "lines about it\n"
            "with who told them, the events that led there, every step so far, and what to do "
            "next.",
        .options = options,
    };
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 1, 1, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    return discrepancy_show(context, words[0]);
}
