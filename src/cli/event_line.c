#include "cli/event_line.h"
#include "base/check.h"
#include "store/journal.h"
#include "cli/headline.h"
#include "cli/nearest.h"
#include "cli/object_word.h"
#include "cli/output.h"
#include "reconcile/finding.h"
#include <inttypes.h>
#include <stdio.h>

/* --- one line an event --- */

struct headline { /* members of the event's own data; NULL: it has none */
    const char *object, *amount, *currency;
};

static struct headline headline_of(enum domain_event_type type)
{
    switch (domain_event_about(type)) {
    case ABOUT_LINE:
        return (struct headline){"line", "amount_minor", "currency"};
    case ABOUT_DISCREPANCY:
        return (struct headline){"discrepancy", "off_minor", "currency"};
    case ABOUT_AGGREGATE:
    default:
        break;
    }
    const struct record_kind *kind = record_kind_of(domain_event_aggregate(type));
    const struct field *amount = headline_amount(kind);
    const struct field *currency = headline_currency(kind);
    return (struct headline){kind->table, amount == NULL ? NULL : amount->name,
        currency == NULL ? NULL : currency->name};
}

struct event_summary event_summary_read(const struct feed_entry *entry, struct arena *arena)
{
    REQUIRE(entry != NULL);
    const struct headline headline = headline_of(entry->type);
    struct event_summary summary = {.has_amount = false};
    struct json_document document;
    if (json_parse(entry->body, arena, &document) != ERR_OK) {
        return summary;
    }
    const struct json *record = json_get(document.root, str_from(headline.object));
    summary.has_amount =
        headline.amount != NULL && headline.currency != NULL &&
        json_int64(json_get(record, str_from(headline.amount)), &summary.amount_minor) == ERR_OK &&
        currency_parse(json_string(json_get(record, str_from(headline.currency))),
            &summary.currency) == ERR_OK;
    if (summary.has_amount) {
        money_format(summary.amount_minor, summary.currency, summary.money);
    }
    summary.state = json_string(json_get(record, STR("state")));
    return summary;
}

/* Columns of the longest type there is. */
static int type_width(void)
{
    size_t widest = 0;
    for (int i = 0; i < EVENT_ALL_COUNT; i++) {
        size_t width = strlen(domain_event_name((enum domain_event_type)i));
        widest = width > widest ? width : widest;
    }
    return (int)widest;
}

static void id_text(const struct feed_entry *entry, char to[static OWN_ID_TEXT_BYTES])
{
    if (domain_event_about(entry->type) == ABOUT_DISCREPANCY) {
        finding_id_format(entry->aggregate_id, to);
    } else {
        subject_format((int)domain_event_aggregate(entry->type), entry->aggregate_id, to);
    }
}

void event_line_text(const struct feed_entry *entry, struct arena *arena)
{
    char when[TIME_TEXT_BYTES];
    char aggregate[OWN_ID_TEXT_BYTES];
    struct event_summary summary = event_summary_read(entry, arena);
    time_format(entry->occurred_at_us, when);
    id_text(entry, aggregate);
    outf("%8" PRId64 "  %s  %-*s  %s", entry->position, when, type_width(),
        domain_event_name(entry->type), aggregate);
    if (summary.has_amount || summary.state.len > 0) {
        outf("%16s%s", summary.money, summary.state.len > 0 ? "  " : "");
        out_escaped(summary.state);
    }
    out(entry->late ? STR("  late\n") : STR("\n"));
}

void event_line_json(const struct feed_entry *entry, struct buf *line)
{
    char id[80];
    char aggregate[OWN_ID_TEXT_BYTES];
    struct json_writer json;
    buf_clear(line);
    json_writer_init(&json, line);
    (void)snprintf(id, sizeof id, "cf_evt_%" PRId64 "_%" PRId64, entry->scope, entry->position);
    id_text(entry, aggregate);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("id"), str_from(id));
    json_add_int(&json, STR("scope"), entry->scope);
    json_add_int(&json, STR("position"), entry->position);
    json_add_string(&json, STR("type"), str_from(domain_event_name(entry->type)));
    json_add_int(&json, STR("schema"), entry->schema);
    json_add_time(&json, STR("occurred_at"), entry->occurred_at_us);
    json_add_time(&json, STR("recorded_at"), entry->recorded_at_us);
    json_add_bool(&json, STR("late"), entry->late);
    json_add_string(&json, STR("aggregate_id"), str_from(aggregate));
    json_add_raw(&json, STR("data"), entry->body);
    json_end_object(&json);
    out_json(line);
}

/* --- which are wanted --- */

bool event_is_wanted(const struct event_filter *filter, const struct feed_entry *entry)
{
    struct str name = str_from(domain_event_name(entry->type));
    if (filter->kind_word.len > 0 && domain_event_aggregate(entry->type) != filter->kind) {
        return false;
    }
    return filter->type.len == 0 || (filter->type_is_family ? str_starts_with(name, filter->type)
                                                            : str_eq(name, filter->type));
}

/* Exactly one type, or a family of them: `payment.*`. */
static enum err take_type(struct command_context *context, struct event_filter *filter)
{
    const char *names[EVENT_ALL_COUNT];
    enum domain_event_type type;
    struct str word = filter->type;
    bool known = word.len == 0 || domain_event_parse(word, &type);
    if (word.len > 2 && word.data[word.len - 1] == '*' && word.data[word.len - 2] == '.') {
        filter->type.len = word.len - 1;
        filter->type_is_family = true;
    }
    for (int i = 0; i < EVENT_ALL_COUNT; i++) {
        names[i] = domain_event_name((enum domain_event_type)i);
        known =
            known || (filter->type_is_family && str_starts_with(str_from(names[i]), filter->type));
    }
    if (known) {
        return ERR_OK;
    }
    const char *near = nearest(word, names, EVENT_ALL_COUNT);
    (void)command_refuse(context, ERR_USAGE, "there is no event type " STR_FMT "%s%s%s",
        STR_ARG(word), near == NULL ? ": `counterfoil mapping` lists them" : "; did you mean ",
        near == NULL ? "" : near, near == NULL ? "" : "?");
    return ERR_USAGE;
}

/* A type and a kind may each be there and yet no event has both. */
static enum err check_both(struct command_context *context, const struct event_filter *filter)
{
    for (int i = 0; i < EVENT_ALL_COUNT; i++) {
        const struct feed_entry entry = {.type = (enum domain_event_type)i};
        if (event_is_wanted(filter, &entry)) {
            return ERR_OK;
        }
    }
    (void)command_refuse(context, ERR_USAGE,
        "no event is of --type " STR_FMT "%s and of --kind " STR_FMT ": leave one of them out",
        STR_ARG(filter->type), filter->type_is_family ? "*" : "", STR_ARG(filter->kind_word));
    return ERR_USAGE;
}

enum err event_filter_take(struct command_context *context, struct event_filter *filter)
{
    if (filter->kind_word.len > 0) {
        TRY(object_kind_take(context, filter->kind_word, &filter->kind));
    }
    TRY(take_type(context, filter));
    return check_both(context, filter);
}
