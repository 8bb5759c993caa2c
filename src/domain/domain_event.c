#include "domain/domain_event.h"
#include "base/check.h"

enum event_class { CLASS_MILESTONE, CLASS_CHANGE };

struct event_row {
    const char *name;
    enum event_about about;
    enum id_kind aggregate;
    enum event_class class;
    int schema;
    const char *help;
};

static const struct event_row event_rows[] = {
#define EVENT(NAME, event, text, class, schema, help)                                              \
    [EVENT_##NAME##_##event] = {text, ABOUT_AGGREGATE, ID_##NAME, CLASS_##class, schema, help},
#include "domain/aggregates.def"
#define OTHER_EVENT(ABOUT, NAME, text, class, schema, help)                                        \
    [EVENT_##ABOUT##_##NAME] = {text, ABOUT_##ABOUT, ID_KIND_COUNT, CLASS_##class, schema, help},
#include "domain/other_event.def"
#undef OTHER_EVENT
};
_Static_assert(sizeof event_rows / sizeof event_rows[0] == EVENT_ALL_COUNT, "every type has a row");

static const struct event_row *event_row(enum domain_event_type type)
{
    REQUIRE((unsigned)type < EVENT_ALL_COUNT);
    return &event_rows[type];
}

const char *domain_event_name(enum domain_event_type type)
{
    return event_row(type)->name;
}

bool domain_event_parse(struct str name, enum domain_event_type *ret_type)
{
    REQUIRE(ret_type != NULL);
    for (int type = 0; type < EVENT_ALL_COUNT; type++) {
        if (str_eq(name, str_from(event_rows[type].name))) {
            *ret_type = (enum domain_event_type)type;
            return true;
        }
    }
    return false;
}

enum event_about domain_event_about(enum domain_event_type type)
{
    return event_row(type)->about;
}

const char *domain_event_about_word(enum domain_event_type type)
{
    switch (event_row(type)->about) {
    case ABOUT_AGGREGATE:
        return id_kind_word(event_row(type)->aggregate);
    case ABOUT_LINE:
        return "line";
    case ABOUT_DISCREPANCY:
        return "discrepancy";
    default:
        UNREACHABLE();
    }
}

enum id_kind domain_event_aggregate(enum domain_event_type type)
{
    return event_row(type)->aggregate;
}

bool domain_event_is_milestone(enum domain_event_type type)
{
    return event_row(type)->class == CLASS_MILESTONE;
}

int64_t milestone_bit(enum domain_event_type type)
{
    int position = (int)type - record_kind_of(domain_event_aggregate(type))->first_event;
    INVARIANT(position >= 0 && position < 63);
    return INT64_C(1) << position;
}

int domain_event_schema(enum domain_event_type type)
{
    return event_row(type)->schema;
}

const char *domain_event_help(enum domain_event_type type)
{
    return event_row(type)->help;
}

void domain_event_body(const struct domain_event *event, const void *record, struct buf *to)
{
    REQUIRE(event != NULL);
    REQUIRE(record != NULL);
    const struct record_kind *kind = record_kind_of(domain_event_aggregate(event->type));
    REQUIRE(own_id_eq(((const struct record_head *)record)->id, event->aggregate_id));
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_begin_object(&writer, str_from(kind->table));
    record_to_json(kind, record, &writer);
    json_end_object(&writer);
    if (!own_id_is_none(event->attempt_id)) {
        char attempt_id[OWN_ID_TEXT_BYTES];
        own_id_format(ID_ATTEMPT, event->attempt_id, attempt_id);
        json_add_string(&writer, STR("attempt_id"), str_from(attempt_id));
    }
    json_end_object(&writer);
}
