/* Golden files: tests/golden/stripe/<name>.json is an event, <name>.notices.json
 * what it decodes to. Adding the pair adds a test; COUNTERFOIL_GOLDEN_WRITE=1 writes
 * the second of it for reading over. */
#include "unit/provider/samples.h"

#define FOLDER SOURCE_ROOT "/tests/golden/stripe"
#define FILES_MAX 512

static void add_link(struct json_writer *writer, struct str key, struct link link)
{
    switch (link.state) {
    case LINK_UNSAID:
        return;
    case LINK_NONE:
        json_add_null(writer, key);
        return;
    case LINK_NAMED:
        json_add_string(writer, key, link.provider_id);
        return;
    default:
        fail();
    }
}

static void add_time(struct json_writer *writer, struct str key, int64_t time_us)
{
    char text[TIMESTAMP_TEXT_BYTES];
    timestamp_format(time_us, text);
    json_add_string(writer, key, str_from(text));
}

static void add_currency(struct json_writer *writer, const struct currency *currency)
{
    json_add_string(writer, STR("currency"), str_from(currency->code));
}

static struct str word(const struct word_table *table, int value)
{
    assert_true(value >= 0 && value < table->count);
    return str_from(table->words[value]);
}

static void add_payment(struct json_writer *writer, const struct payment_notice *says)
{
    json_add_string(writer, STR("state"), word(&payment_states, (int)says->state));
    json_add_int(writer, STR("amount_minor"), says->amount_minor);
    json_add_int(writer, STR("received_minor"), says->received_minor);
    add_currency(writer, &says->currency);
    add_time(writer, STR("created_at"), says->created_at_us);
    json_add_string(writer, STR("failure_code"), says->failure_code);
}

static void add_attempt(struct json_writer *writer, const struct attempt_notice *says)
{
    json_add_string(writer, STR("state"), word(&attempt_states, (int)says->state));
    json_add_int(writer, STR("amount_minor"), says->amount_minor);
    json_add_int(writer, STR("captured_minor"), says->captured_minor);
    json_add_int(writer, STR("refunded_minor"), says->refunded_minor);
    add_currency(writer, &says->currency);
    add_time(writer, STR("created_at"), says->created_at_us);
    json_add_string(writer, STR("method"), says->method);
    json_add_string(writer, STR("failure_code"), says->failure_code);
}

static void add_refund(struct json_writer *writer, const struct refund *says)
{
    json_add_string(writer, STR("state"), word(&refund_states, says->state));
    json_add_int(writer, STR("amount_minor"), says->amount_minor);
    add_currency(writer, &says->currency);
    add_time(writer, STR("created_at"), says->made_at);
    json_add_string(writer, STR("reason"), str_from(says->reason));
    json_add_string(writer, STR("failure_reason"), str_from(says->failure_reason));
}

static void add_customer(struct json_writer *writer, const struct customer *says)
{
    json_add_string(writer, STR("name"), str_from(says->name));
    json_add_string(writer, STR("email"), str_from(says->email));
    json_add_bool(writer, STR("deleted"), says->deleted);
    add_time(writer, STR("created_at"), says->made_at);
}

static void add_field(struct json_writer *writer, const struct field *field, const void *member)
{
    struct str key = str_from(field->name);
    switch (field->type) {
    case FIELD_ID:
        return; /* among the links */
    case FIELD_INT:
    case FIELD_MINOR:
        json_add_int(writer, key, *(const int64_t *)member);
        return;
    case FIELD_TIME:
        add_time(writer, key, *(const int64_t *)member);
        return;
    case FIELD_BOOL:
        json_add_bool(writer, key, *(const bool *)member);
        return;
    case FIELD_CURRENCY:
    case FIELD_TEXT:
        json_add_string(writer, key, str_from(member));
        return;
    case FIELD_ENUM:
        json_add_string(writer, key, word(field->words, *(const int *)member));
        return;
    default:
        fail();
    }
}

/* Any other aggregate, by its rows. */
static void add_object(struct json_writer *writer, const struct notice *notice)
{
    const struct record_kind *kind = record_kind_of(notice->kind);
    const char *record = notice->object_says.record;
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (field_is_said(field)) {
            add_field(writer, field, record + field->offset);
        }
    }
}

/* "payment_id" is shown as "payment". */
static void add_object_links(struct json_writer *writer, const struct notice *notice)
{
    struct notice_link_fields links = notice_link_fields(record_kind_of(notice->kind));
    for (uint32_t i = 0; i < links.count; i++) {
        struct str key = str_from(links.fields[i]->name);
        assert_true(str_ends_with(key, STR("_id")));
        key.len -= strlen("_id");
        add_link(writer, key, notice->object_says.links[i]);
    }
}

static void add_says(struct json_writer *writer, const struct notice *notice)
{
    if (notice->kind == ID_PAYMENT) {
        add_payment(writer, &notice->payment_says);
    } else if (notice->kind == ID_ATTEMPT) {
        add_attempt(writer, &notice->attempt_says);
    } else if (notice->kind == ID_REFUND) {
        add_refund(writer, notice->object_says.record);
    } else if (notice->kind == ID_CUSTOMER) {
        add_customer(writer, notice->object_says.record);
    } else {
        add_object(writer, notice);
    }
}

/* One notice a line, so that a difference is a line. */
static void add_notice(struct buf *to, const struct notice *notice)
{
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("kind"), str_from(id_kind_word(notice->kind)));
    json_add_string(&writer, STR("object"), notice->object);
    add_time(&writer, STR("at"), notice->stamp.at_us);
    json_add_int(&writer, STR("rank"), notice->stamp.rank);
    if (notice_is_of_payment(notice)) {
        add_link(&writer, STR("payment"), notice->payment);
        add_link(&writer, STR("attempt"), notice->attempt);
        add_link(&writer, STR("customer"), notice->customer);
    } else {
        add_object_links(&writer, notice);
    }
    add_says(&writer, notice);
    json_end_object(&writer);
}

static void describe(struct str body, struct arena *arena, struct buf *to)
{
    struct envelope envelope;
    assert_err(stripe_envelope_read(body, false, arena, &envelope), ERR_OK);
    enum err err = ERR_OK;
    struct notice_list list = {.reason = envelope.reason};
    struct err_info info = {""};
    struct stored_event event = {body, envelope.type, envelope.occurred_at_us};
    if (envelope.reason == REASON_NONE &&
        (err = stripe_provider.decode(&event, arena, &list, &info)) != ERR_OK) {
        buf_addf(to, "{\"error\":\"%s\",\"text\":\"%s\"}\n", err_name(err), info.text);
        return;
    }
    buf_addf(to, "{\"reason\":\"%s\",\"truncated\":%s,\"notices\":[", reason_word(list.reason),
        list.truncated ? "true" : "false");
    for (uint32_t i = 0; i < list.count; i++) {
        buf_add(to, i > 0 ? STR(",\n ") : STR("\n "));
        add_notice(to, &list.notices[i]);
    }
    buf_add(to, list.count > 0 ? STR("\n]}\n") : STR("]}\n"));
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void write_file(const char *path, struct str text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static void check_pair(const char *name)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    char event_path[1024];
    char notices_path[1024];
    (void)snprintf(event_path, sizeof event_path, "%s/%s", FOLDER, name);
    (void)snprintf(notices_path, sizeof notices_path, "%s/%.*s.notices.json", FOLDER,
        (int)(strlen(name) - strlen(".json")), name);

    struct buf found;
    buf_init(&found, 1 << 20);
    describe(sample_file(arena, event_path), arena, &found);
    assert_false(found.failed);
    if (getenv("COUNTERFOIL_GOLDEN_WRITE") != NULL) {
        write_file(notices_path, buf_str(&found));
    }
    struct str expected = sample_file(arena, notices_path);
    assert_row(expected.data != NULL, notices_path);
    print_message("# %s\n", name);
    assert_strs_equal(buf_str(&found), expected);
    buf_fini(&found);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void every_stored_payload_decodes_to_the_same_notices(void **state)
{
    (void)state;
    static char names[FILES_MAX][256];
    size_t count = 0;
    DIR *directory = opendir(FOLDER);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (ends_with(entry->d_name, ".json") && !ends_with(entry->d_name, ".notices.json")) {
            assert_true(count < FILES_MAX);
            (void)snprintf(names[count++], sizeof names[0], "%s", entry->d_name);
        }
    }
    (void)closedir(directory);
    assert_true(count >= 25);
    qsort(names, count, sizeof names[0], by_name);
    for (size_t i = 0; i < count; i++) {
        check_pair(names[i]);
    }
}

TESTS_MAIN("golden stripe", TEST(every_stored_payload_decodes_to_the_same_notices))
