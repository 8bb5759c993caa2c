#include "cli/mapping_sheets.h"
#include "base/check.h"
#include "domain/aggregates.h"
#include "provider/stripe/objects.h"
#include "provider/stripe/statement.h"
#include "provider/stripe/upcast.h"
#include <inttypes.h>
#include <stdio.h>

#define FIRST_ROWS 64

static struct sheet *sheet_add(struct sheets *sheets, struct sheet head)
{
    INVARIANT(sheets->count < SHEETS_MAX);
    struct sheet *sheet = &sheets->sheets[sheets->count++];
    *sheet = head;
    while (sheet->column_count < SHEET_COLUMNS_MAX && sheet->columns[sheet->column_count] != NULL) {
        sheet->column_count++;
    }
    return sheet;
}

/* NULL: no memory. */
static struct str *row_add(struct sheets *sheets, struct sheet *sheet)
{
    if (sheet->row_count == sheet->row_room) {
        uint32_t room = sheet->row_room == 0 ? FIRST_ROWS : sheet->row_room * 2;
        struct str *cells =
            arena_new_array(sheets->arena, struct str, (size_t)room * sheet->column_count);
        if (cells == NULL) {
            return NULL;
        }
        if (sheet->row_count > 0) {
            memcpy(cells, sheet->cells,
                (size_t)sheet->row_count * sheet->column_count * sizeof *cells);
        }
        sheet->cells = cells;
        sheet->row_room = room;
    }
    return &sheet->cells[(size_t)sheet->row_count++ * sheet->column_count];
}

static enum err add(
    struct sheets *sheets, struct sheet *sheet, const char *const *texts, size_t count)
{
    INVARIANT(count == sheet->column_count);
    struct str *row = row_add(sheets, sheet);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        row[i] = arena_copy(sheets->arena, str_from(texts[i]));
        if (row[i].data == NULL) {
            return ERR_TOO_LARGE;
        }
    }
    return ERR_OK;
}
#define COUNT_OF(...) (sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
#define ADD(sheets, sheet, ...)                                                                    \
    TRY(add((sheets), (sheet), (const char *const[]){__VA_ARGS__}, COUNT_OF(__VA_ARGS__)))

/* --- the provider's side --- */

static const char *aggregate_of(enum stripe_object object)
{
    return record_kind_of(stripe_object_row(object)->kind)->table;
}

static enum err event_types(struct sheets *sheets)
{
    struct sheet *mapped = sheet_add(sheets,
        (struct sheet){.name = "event_types",
            .title = "Event types that are mapped",
            .intro = "What `data.object` says it is goes before what the type suggests. Domain "
                     "events are those of the aggregate, below.",
            .columns = {"event type", "object", "aggregate", "what it says"}});
    struct sheet *recorded = sheet_add(sheets,
        (struct sheet){.name = "recorded_types",
            .title = "Event types that are recorded",
            .intro = "Kept, answered 200, and change nothing. A type in neither table is recorded "
                     "as `unknown_type` and counted.",
            .columns = {"event type", "reason", "what it says"}});
    size_t count = 0;
    const struct stripe_event_row *rows = stripe_event_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].reason == REASON_NONE) {
            ADD(sheets, mapped, rows[i].type.data, stripe_object_word(rows[i].object),
                aggregate_of(rows[i].object), rows[i].help);
        } else {
            ADD(sheets, recorded, rows[i].type.data, reason_word(rows[i].reason), rows[i].help);
        }
    }
    return ERR_OK;
}

static bool is_of_statement(enum stripe_object object)
{
    return object == STRIPE_BALANCE_TRANSACTION || object == STRIPE_FEE_DETAIL ||
           object == STRIPE_LINE_SOURCE;
}

static enum err add_field(
    struct sheets *sheets, struct sheet *sheet, const struct stripe_field *row)
{
    ADD(sheets, sheet, stripe_object_word(row->object), row->path.data, row->target,
        row->need == STRIPE_REQUIRED ? "required" : "", row->since, row->until, row->note);
    return ERR_OK;
}

static enum err add_fields(
    struct sheets *sheets, struct sheet *sheet, const struct stripe_field *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].object != STRIPE_KIND && !is_of_statement(rows[i].object)) {
            TRY(add_field(sheets, sheet, &rows[i]));
        }
    }
    return ERR_OK;
}

static enum err fields(struct sheets *sheets)
{
    struct sheet *sheet = sheet_add(sheets,
        (struct sheet){.name = "fields",
            .title = "Fields",
            .intro = "Rows of one target stand together: the first path that has a value wins. "
                     "Empty since and until: every version, once it has been brought to the newest "
                     "shape (below).",
            .columns = {"object", "field", "ours", "need", "since", "until", "note"}});
    size_t count = 0;
    const struct stripe_field *rows = stripe_field_rows(&count);
    TRY(add_fields(sheets, sheet, rows, count));
    for (int object = 0; object < STRIPE_MODELLED_COUNT; object++) {
        rows = stripe_map_rows((enum stripe_object)object, &count);
        TRY(add_fields(sheets, sheet, rows, count));
    }
    struct sheet *worked_out =
        sheet_add(sheets, (struct sheet){.name = "computed",
                              .title = "What is worked out from several fields",
                              .intro = "",
                              .columns = {"object", "ours", "rule"}});
    const struct stripe_computed *computed = stripe_computed_rows(&count);
    for (size_t i = 0; i < count; i++) {
        ADD(sheets, worked_out, stripe_object_word(computed[i].object), computed[i].target,
            computed[i].note);
    }
    struct sheet *inner = sheet_add(sheets,
        (struct sheet){.name = "embedded",
            .title = "Objects inside others",
            .intro = "Each is a notice of its own. A list that the provider cut off is said to be "
                     "incomplete, never summed.",
            .columns = {"object", "field", "holds", "note"}});
    const struct stripe_embed *embeds = stripe_embeds(&count);
    for (size_t i = 0; i < count; i++) {
        ADD(sheets, inner, stripe_object_word(embeds[i].object), embeds[i].path,
            stripe_object_word(embeds[i].child), embeds[i].note);
    }
    return ERR_OK;
}

static const char *state_word(enum stripe_object object, int state)
{
    const struct word_table *states = record_kind_of(stripe_object_row(object)->kind)->states;
    return state < states->count ? states->words[state] : "";
}

static enum err statuses(struct sheets *sheets)
{
    struct sheet *sheet = sheet_add(sheets,
        (struct sheet){.name = "statuses",
            .title = "Statuses",
            .intro = "Within one second the higher rank is the later. A word that is in no row is "
                     "`unknown`, with the lowest rank.",
            .columns = {"object", "status", "state of ours", "rank", "since", "until", "note"}});
    size_t count = 0;
    const struct stripe_status *rows = stripe_status_words(&count);
    for (size_t i = 0; i < count; i++) {
        char rank[24];
        (void)snprintf(rank, sizeof rank, "%" PRId64, rows[i].rank);
        ADD(sheets, sheet, stripe_object_word(rows[i].object), rows[i].word.data,
            state_word(rows[i].object, rows[i].state), rank, rows[i].since, rows[i].until,
            rows[i].note);
    }
    for (int rule = 0; rule < STRIPE_RULE_COUNT; rule++) {
        const struct stripe_status *row = stripe_status_rule((enum stripe_rule)rule);
        char rank[24];
        (void)snprintf(rank, sizeof rank, "%" PRId64, row->rank);
        ADD(sheets, sheet, stripe_object_word(row->object), row->word.data,
            state_word(row->object, row->state), rank, "", "", row->note);
    }
    return ERR_OK;
}

static enum err upcasts(struct sheets *sheets)
{
    struct sheet *sheet = sheet_add(sheets,
        (struct sheet){.name = "versions",
            .title = "API versions",
            .intro = "Older shapes are brought to the newest before anything is read, by the "
                     "presence of fields: recorded bodies mix shapes of several versions.",
            .columns = {"version", "object", "what moves where"}});
    size_t count = 0;
    const struct stripe_upcaster *rows = stripe_upcasters(&count);
    for (size_t i = 0; i < count; i++) {
        ADD(sheets, sheet, rows[i].date, rows[i].object.len > 0 ? rows[i].object.data : "every",
            rows[i].what);
    }
    return ERR_OK;
}

/* --- the statement --- */

static enum err movements(struct sheets *sheets)
{
    struct sheet *sheet = sheet_add(sheets,
        (struct sheet){.name = "statement",
            .title = "Lines of the statement",
            .intro = "The category decides; a type has its row below the category that it mostly "
                     "has, and goes alone where the category is `other` or not said. Files have "
                     "no types. What is in no row is `unclassified`: posted to suspense, and told.",
            .columns = {"reporting_category", "type", "kind of line", "source", "note"}});
    size_t count = 0;
    const struct stripe_movement *rows = stripe_movements(&count);
    for (size_t i = 0; i < count; i++) {
        ADD(sheets, sheet, rows[i].category.data, rows[i].type.data, line_kind_word(rows[i].kind),
            rows[i].source < 0 ? "" : id_kind_word((enum id_kind)rows[i].source), rows[i].note);
    }
    return ERR_OK;
}

static const char *statement_word_ours(const struct stripe_statement_word *word)
{
    switch (word->of) {
    case STRIPE_BALANCE_TYPE:
        return bucket_word((enum bucket)word->ours);
    case STRIPE_FEE_TYPE:
        return fee_kind_word((enum fee_kind)word->ours);
    case STRIPE_FEE_TEXT:
        return line_kind_word((enum line_kind)word->ours);
    default:
        UNREACHABLE();
    }
}

static enum err statement_words(struct sheets *sheets)
{
    static const char *const fields[] = {
        [STRIPE_BALANCE_TYPE] = "balance_type",
        [STRIPE_FEE_TYPE] = "fee_details.type",
        [STRIPE_FEE_TEXT] = "description",
    };
    struct sheet *sheet = sheet_add(sheets,
        (struct sheet){.name = "statement_words",
            .title = "Other words of the statement",
            .intro = "Which balance a line is of, what its fees are, and what a line that is a "
                     "`fee` is for, if its description contains these words.",
            .columns = {"field", "word", "ours", "note"}});
    size_t count = 0;
    const struct stripe_statement_word *rows = stripe_statement_words(&count);
    for (size_t i = 0; i < count; i++) {
        ADD(sheets, sheet, fields[rows[i].of], rows[i].word.data, statement_word_ours(&rows[i]),
            rows[i].note);
    }
    return ERR_OK;
}

static enum err statement_columns(struct sheets *sheets)
{
    struct sheet *sheet = sheet_add(sheets,
        (struct sheet){.name = "statement_columns",
            .title = "Columns of reports",
            .intro = "By name, in any order; others are ignored. Rows of one field stand "
                     "together: the first column that is there is read. `needed` says in which "
                     "files one of them must be.",
            .columns = {"column", "needed", "ours", "note"}});
    size_t count = 0;
    const struct stripe_statement_column *rows = stripe_statement_columns(&count);
    for (size_t i = 0; i < count; i++) {
        char needed[160] = "";
        size_t used = 0;
        for (unsigned file = 0; file < STATEMENT_FILE_COUNT; file++) {
            if ((rows[i].needed_by & 1U << file) != 0 && used < sizeof needed) {
                used += (size_t)snprintf(needed + used, sizeof needed - used, "%s%s",
                    used > 0 ? ", " : "", statement_file_word((enum statement_file)file));
            }
        }
        ADD(sheets, sheet, rows[i].name.data, needed, rows[i].ours, rows[i].note);
    }
    return ERR_OK;
}

static enum err statement_fields(struct sheets *sheets)
{
    struct sheet *sheet = sheet_add(
        sheets, (struct sheet){.name = "statement_fields",
                    .title = "Fields of balance transactions",
                    .intro = "",
                    .columns = {"object", "field", "ours", "need", "since", "until", "note"}});
    size_t count = 0;
    const struct stripe_field *rows = stripe_field_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_of_statement(rows[i].object)) {
            TRY(add_field(sheets, sheet, &rows[i]));
        }
    }
    return ERR_OK;
}

static enum err statement(struct sheets *sheets)
{
    TRY(statement_fields(sheets));
    TRY(movements(sheets));
    TRY(statement_words(sheets));
    return statement_columns(sheets);
}

/* --- our side --- */

static enum err lives(struct sheets *sheets)
{
    struct sheet *states =
        sheet_add(sheets, (struct sheet){.name = "states",
                              .title = "States",
                              .intro = "",
                              .columns = {"aggregate", "state", "proves", "help"}});
    size_t count = 0;
    const struct life_state *state_rows = life_states(&count);
    for (size_t i = 0; i < count; i++) {
        const char *fact = state_rows[i].fact < 0
                               ? ""
                               : domain_event_name((enum domain_event_type)state_rows[i].fact);
        ADD(sheets, states, record_kind_of(state_rows[i].kind)->table, state_rows[i].word, fact,
            state_rows[i].help);
    }
    struct sheet *moves = sheet_add(sheets,
        (struct sheet){.name = "moves",
            .title = "Moves",
            .intro = "Every pair that a life can show, since snapshots may be lost. Another one is "
                     "accepted, because the newest snapshot is the truth, and counted.",
            .columns = {"aggregate", "from", "to", "when"}});
    const struct life_move *move_rows = life_moves(&count);
    for (size_t i = 0; i < count; i++) {
        const struct record_kind *kind = record_kind_of(move_rows[i].kind);
        ADD(sheets, moves, kind->table, kind->states->words[move_rows[i].from],
            kind->states->words[move_rows[i].to], move_rows[i].when);
    }
    return ERR_OK;
}

static enum err domain_events(struct sheets *sheets)
{
    struct sheet *sheet = sheet_add(
        sheets, (struct sheet){.name = "domain_events",
                    .title = "Domain events",
                    .intro = "A milestone is published once per object, however it was learned.",
                    .columns = {"domain event", "aggregate", "class", "version", "help"}});
    for (int i = 0; i < EVENT_ALL_COUNT; i++) {
        enum domain_event_type type = (enum domain_event_type)i;
        char version[16];
        (void)snprintf(version, sizeof version, "%d", domain_event_schema(type));
        ADD(sheets, sheet, domain_event_name(type), domain_event_about_word(type),
            domain_event_is_milestone(type) ? "milestone" : "change", version,
            domain_event_help(type));
    }
    return ERR_OK;
}

static enum err aggregates(struct sheets *sheets)
{
    static const char *const sources[] = {
        [FIELD_SAID] = "said",
        [FIELD_LEARNED] = "learned",
        [FIELD_DERIVED] = "derived",
    };
    struct sheet *sheet = sheet_add(sheets,
        (struct sheet){.name = "aggregates",
            .title = "Fields of aggregates",
            .intro = "`said` comes from the newest snapshot, `learned` from any and is never "
                     "forgotten, `derived` is worked out from the others.",
            .columns = {"aggregate", "field", "source", "help"}});
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        const struct record_kind *row = record_kind_of((enum id_kind)kind);
        for (size_t i = 0; i < row->field_count; i++) {
            if (field_is_business(&row->fields[i])) {
                ADD(sheets, sheet, row->table, row->fields[i].name, sources[row->fields[i].source],
                    row->fields[i].help);
            }
        }
    }
    return ERR_OK;
}

enum err mapping_sheets(struct arena *arena, struct sheets *ret_sheets)
{
    REQUIRE(arena != NULL && ret_sheets != NULL);
    *ret_sheets = (struct sheets){.arena = arena};
    TRY(event_types(ret_sheets));
    TRY(fields(ret_sheets));
    TRY(statuses(ret_sheets));
    TRY(upcasts(ret_sheets));
    TRY(statement(ret_sheets));
    TRY(lives(ret_sheets));
    TRY(domain_events(ret_sheets));
    return aggregates(ret_sheets);
}
