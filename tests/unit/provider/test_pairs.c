/* One object as several API versions render it gives equal notices: objects of this project's own,
 * and recorded payloads but for what those truly say otherwise. */
#include "samples.h"

struct pair {
    const char *one, *other; /* below recorded/ */
    const char *differing;   /* fields and links, space between; "" for none */
};

#define MOCK "stripe-ruby-mock+stripe-ruby-mock/"
static const struct pair pairs[] = {
#include "pairs.def"
};

/* The notice about the object that the body is about: the first. */
static const struct notice *first_of(
    struct str body, struct str type, int64_t at_us, const char *what, struct arena *arena)
{
    struct stored_event event = {body, type, at_us};
    struct notice_list list;
    struct err_info info = {""};
    enum err err = stripe_provider.decode(&event, arena, &list, &info);
    if (err != ERR_OK || list.count == 0) {
        print_error("%s: %s %s\n", what, info.text, reason_word(list.reason));
    }
    assert_err(err, ERR_OK);
    assert_row(list.count > 0, what);
    return &list.notices[0];
}

static const struct notice *recorded_notice(const char *relative, struct arena *arena)
{
    char name[512];
    (void)snprintf(name, sizeof name, "recorded/%s", relative);
    struct str body = sample_file(arena, sample_shared(name));
    assert_row(body.data != NULL, relative);
    struct envelope envelope;
    assert_err(stripe_envelope_read(body, false, arena, &envelope), ERR_OK);
    bool is_event = envelope.type.len > 0;
    return first_of(body, is_event ? envelope.type : STR(STRIPE_FETCHED_PREFIX),
        envelope.occurred_at_us, relative, arena);
}

static void add_name(const char *name, struct buf *to)
{
    buf_addf(to, "%s%s", to->len > 0 ? " " : "", name);
}

static bool links_differ(const struct link *a, const struct link *b)
{
    return a->state != b->state || !str_eq(a->provider_id, b->provider_id);
}

static void find_differences(const struct notice *one, const struct notice *other, struct buf *to)
{
    if (one->kind != other->kind || !str_eq(one->object, other->object)) {
        add_name("object", to);
        return;
    }
    if (notice_is_of_payment(one)) {
        if (!notices_say_the_same(one, other)) {
            add_name("payment", to);
        }
        return;
    }
    const struct record_kind *kind = record_kind_of(one->kind);
    uint32_t link = 0;
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        bool is_said = field_is_said(field);
        bool differs =
            is_said &&
            (field->type == FIELD_ID
                    ? links_differ(&one->object_says.links[link], &other->object_says.links[link])
                    : !field_equal(field, one->object_says.record, other->object_says.record));
        link += is_said && field->type == FIELD_ID ? 1 : 0;
        if (differs) {
            add_name(field->name, to);
        }
    }
}

static void recorded_renderings_give_equal_notices(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        CLEANUP(buf_fini) struct buf differing;
        buf_init(&differing, 4096);
        find_differences(recorded_notice(pairs[i].one, arena),
            recorded_notice(pairs[i].other, arena), &differing);
        if (!str_eq(buf_str(&differing), str_from(pairs[i].differing))) {
            print_error("%s\n%s\n  differ in: " STR_FMT "\n", pairs[i].one, pairs[i].other,
                STR_ARG(buf_str(&differing)));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void add_tree(const struct json *value, struct str key, struct json_writer *writer)
{
    switch (value->kind) {
    case JSON_NULL:
        json_add_null(writer, key);
        break;
    case JSON_BOOL:
        json_add_bool(writer, key, value->truth);
        break;
    case JSON_NUMBER:
        json_add_raw(writer, key, value->text);
        break;
    case JSON_STRING:
        json_add_string(writer, key, value->text);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
    default:
        value->kind == JSON_ARRAY ? json_begin_array(writer, key) : json_begin_object(writer, key);
        for (const struct json *inner = value->first; inner != NULL; inner = inner->next) {
            add_tree(inner, value->kind == JSON_ARRAY ? STR_NONE : inner->key, writer);
        }
        value->kind == JSON_ARRAY ? json_end_array(writer) : json_end_object(writer);
    }
}

/* The version decides which upcasters apply, so each rendering comes in an event of that version.
 */
static const struct notice *rendered(
    const struct json *rendering, const char *what, struct arena *arena)
{
    struct buf body;
    buf_init(&body, 1024 * 1024);
    buf_addf(&body,
        "{\"id\":\"evt_1\",\"object\":\"event\",\"created\":1790000000,\"livemode\":false,"
        "\"type\":\"charge.updated\",\"api_version\":\"" STR_FMT "\",\"data\":{\"object\":",
        STR_ARG(json_string(json_get(rendering, STR("version")))));
    struct json_writer writer;
    json_writer_init(&writer, &body);
    add_tree(json_get(rendering, STR("object")), STR_NONE, &writer);
    buf_add(&body, STR("}}"));
    struct str copy = arena_copy(arena, buf_str(&body));
    buf_fini(&body);
    return first_of(copy, STR("charge.updated"), INT64_C(1790000000000000), what, arena);
}

static void renderings_of_one_object_give_equal_notices(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct str text = sample_file(arena, SOURCE_ROOT "/tests/unit/provider/renderings.json");
    struct json_document document;
    assert_err(json_parse(text, arena, &document), ERR_OK);
    int count = 0;
    for (const struct json *row = document.root->first; row != NULL; row = row->next) {
        struct str what = arena_copy(arena, json_string(json_get(row, STR("case"))));
        const struct json *first = json_get(row, STR("renderings"))->first;
        const struct notice *one = rendered(first, what.data, arena);
        for (const struct json *next = first->next; next != NULL; next = next->next) {
            const struct notice *other = rendered(next, what.data, arena);
            CLEANUP(buf_fini) struct buf differing;
            buf_init(&differing, 4096);
            find_differences(one, other, &differing);
            if (differing.len > 0) {
                print_error("%s: " STR_FMT "\n", what.data, STR_ARG(buf_str(&differing)));
            }
            assert_row(differing.len == 0, what.data);
            count++;
        }
    }
    assert_true(count >= 10);
}

static void recorded_renderings_if_they_are_there(void **state)
{
    if (access(sample_shared("recorded"), R_OK) == 0) {
        recorded_renderings_give_equal_notices(state);
    } else {
        print_message("# no recorded payloads are there\n");
    }
}

TESTS_MAIN("pairs",
    TEST(renderings_of_one_object_give_equal_notices),
    TEST(recorded_renderings_if_they_are_there))
