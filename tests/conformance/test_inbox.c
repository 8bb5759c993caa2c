/* inbox.h: what is kept, and what counts as the same. */
#include "world.h"

static void append_numbers_events_and_keeps_their_exact_bytes(void **state)
{
    struct world *world = world_of(state);
    static const char odd[] = "\0\xff{\"\xc3\x28\r\n\"}\0";
    struct sample *sample = sample_new(world, "evt_1");
    sample_set_body(sample, (struct str){odd, sizeof odd - 1});
    struct sample *next = sample_new(world, "evt_2");
    struct inbox_append rows[] = {sample->row, next->row};
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, rows, 2, reterr));
    world_commit(world);
    assert_true(rows[0].seq >= 1);
    assert_true(rows[1].seq > rows[0].seq);
    assert_false(rows[0].duplicate);
    struct inbox_row row;
    struct str body;
    world_read(world);
    assert_done(inbox_get(world->store, rows[0].seq, world->arena, &row, &body, reterr));
    world_commit(world);
    assert_strs_equal(body, sample->row.body);
    assert_str_equal_to(row.event_id, "evt_1");
    assert_str_equal_to(row.type, "charge.succeeded");
    assert_str_equal_to(row.api_version, "2024-06-20");
    assert_str_equal_to(row.subject, "ch_1");
    assert_str_equal_to(row.proof, "webhook acme-live secret 0 at 1790000000");
    assert_true(row.live);
    assert_int_equal(row.channel, CHANNEL_WEBHOOK);
    assert_int_equal(row.status, WORK_NEW);
    assert_int64_equal(row.scope, world->scope);
    assert_int64_equal(row.occurred_at_us, WORLD_NOW_US - US_PER_SECOND);
    assert_int64_equal(row.received_us, WORLD_NOW_US);
    assert_int64_equal(row.body_bytes, (int64_t)sizeof odd - 1);
}

static void append_same_key_twice_is_duplicate_with_first_seq(void **state)
{
    struct world *world = world_of(state);
    int64_t first = world_append(world, "evt_1");
    (void)world_append(world, "evt_2");
    struct sample *again = sample_new(world, "evt_1");
    again->row.received_us += 5;
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &again->row, 1, reterr));
    world_commit(world);
    assert_true(again->row.duplicate);
    assert_int64_equal(again->row.seq, first);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_event"), 2);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_work"), 2);
}

static void duplicate_within_a_batch_gets_the_first_ones_seq(void **state)
{
    struct world *world = world_of(state);
    struct inbox_append rows[5];
    static const char *const ids[] = {"evt_b", "evt_a", "evt_b", "evt_a", "evt_b"};
    for (int i = 0; i < 5; i++) {
        rows[i] = sample_new(world, ids[i])->row;
    }
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, rows, 5, reterr));
    world_commit(world);
    assert_false(rows[0].duplicate);
    assert_false(rows[1].duplicate);
    assert_true(rows[2].duplicate && rows[3].duplicate && rows[4].duplicate);
    assert_int64_equal(rows[2].seq, rows[0].seq);
    assert_int64_equal(rows[4].seq, rows[0].seq);
    assert_int64_equal(rows[3].seq, rows[1].seq);
}

static void another_rendering_of_an_event_is_kept_beside_it(void **state)
{
    struct world *world = world_of(state);
    int64_t first = world_append(world, "evt_1");
    struct sample *version = sample_new(world, "evt_1");
    version->envelope.api_version = STR("2025-01-01");
    struct sample *content = sample_new(world, "evt_1");
    sample_set_body(content, STR("{\"id\":\"evt_1\",\"other\":1}"));
    struct sample *scope = sample_new(world, "evt_1");
    struct scope_key key = {STR("stripe"), false, STR("acct_1")};
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &scope->row.scope, reterr));
    struct inbox_append rows[] = {version->row, content->row, scope->row};
    assert_done(inbox_append(world->store, world->arena, rows, 3, reterr));
    world_commit(world);
    for (int i = 0; i < 3; i++) {
        assert_false(rows[i].duplicate);
        assert_true(rows[i].seq > first);
    }
}

static void one_event_over_two_channels_is_a_duplicate(void **state)
{
    struct world *world = world_of(state);
    int64_t first = world_append(world, "evt_1");
    struct sample *again = sample_new(world, "evt_1");
    again->row.channel = CHANNEL_BACKFILL;
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &again->row, 1, reterr));
    world_commit(world);
    assert_true(again->row.duplicate);
    assert_int64_equal(again->row.seq, first);
}

static void events_are_known_by_id_and_version_whatever_their_bytes(void **state)
{
    struct world *world = world_of(state);
    (void)world_append(world, "evt_1");
    struct sample *same = sample_new(world, "evt_1");
    struct sample *bytes = sample_new(world, "evt_1");
    sample_set_body(bytes, STR("{ \"id\" : \"evt_1\" }"));
    struct sample *version = sample_new(world, "evt_1");
    version->envelope.api_version = STR("2025-01-01");
    struct sample *other = sample_new(world, "evt_10");
    struct sample *scope = sample_new(world, "evt_1");
    scope->row.scope = world->scope + 1;
    const struct inbox_append rows[] = {
        same->row, bytes->row, version->row, other->row, scope->row};
    static const bool expected[] = {true, true, false, false, false};
    bool known[5] = {false, false, true, true, true};
    world_read(world);
    assert_done(inbox_known(world->store, rows, 5, known, reterr));
    world_commit(world);
    assert_memory_equal(known, expected, sizeof known);
}

static struct sample *fetched_new(struct world *world, const char *event_id, const char *body)
{
    struct sample *sample = sample_new(world, event_id);
    sample->row.channel = CHANNEL_FETCH;
    sample_set_body(sample, str_from(body));
    return sample;
}

static void objects_are_known_when_they_said_the_same_at_any_second(void **state)
{
    struct world *world = world_of(state);
    struct sample *first =
        fetched_new(world, "ch_1@1790000000", "{\"id\":\"ch_1\",\"paid\":false}");
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &first->row, 1, reterr));
    world_commit(world);
    const struct inbox_append rows[] = {
        fetched_new(world, "ch_1@1790000099", "{\"id\":\"ch_1\",\"paid\":false}")->row,
        fetched_new(world, "ch_1@1790000099", "{\"id\":\"ch_1\",\"paid\":true}")->row,
        fetched_new(world, "ch_10@1790000099", "{\"id\":\"ch_1\",\"paid\":false}")->row,
        fetched_new(world, "ch_@1790000099", "{\"id\":\"ch_1\",\"paid\":false}")->row,
    };
    static const bool expected[] = {true, false, false, false};
    bool known[4] = {false};
    world_read(world);
    assert_done(inbox_known(world->store, rows, 4, known, reterr));
    world_commit(world);
    assert_memory_equal(known, expected, sizeof known);
}

static void what_is_there_is_there_in_any_rendering_of_its_scope(void **state)
{
    struct world *world = world_of(state);
    (void)world_append(world, "evt_1");
    const struct inbox_key keys[] = {{world->scope, STR("evt_1")}, {world->scope, STR("evt_2")},
        {world->scope + 1, STR("evt_1")}, {world->scope, STR("")}};
    static const bool expected[] = {true, false, false, false};
    bool there[4] = {false, true, true, true};
    world_read(world);
    assert_done(inbox_has(world->store, keys, 4, there, reterr));
    world_commit(world);
    assert_memory_equal(there, expected, sizeof there);
}

static void difference_outside_the_content_is_no_rendering(void **state)
{
    struct world *world = world_of(state);
    int64_t first = world_append(world, "evt_1");
    struct sample *again = sample_new(world, "evt_1");
    uint8_t content[32];
    memcpy(content, again->envelope.content_sha256, sizeof content);
    sample_set_body(again, STR("{\"id\":\"evt_1\",\"object\":\"event\",\"pending_webhooks\":3}"));
    memcpy(again->envelope.content_sha256, content, sizeof content);
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &again->row, 1, reterr));
    world_commit(world);
    assert_true(again->row.duplicate);
    assert_int64_equal(again->row.seq, first);
}

static void event_with_a_reason_is_recorded_at_once(void **state)
{
    struct world *world = world_of(state);
    struct sample *sample = sample_new(world, "sha256:00");
    sample->envelope.reason = REASON_NOT_JSON;
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
    world_commit(world);
    struct inbox_row row = world_row(world, sample->row.seq);
    assert_int_equal(row.status, WORK_RECORDED);
    assert_int_equal(row.reason, REASON_NOT_JSON);
    assert_int64_equal(row.finished_us, WORLD_NOW_US);
    struct inbox_stats stats = world_stats(world);
    assert_int64_equal(stats.total, 1);
    assert_int64_equal(stats.by_status[WORK_RECORDED], 1);
    assert_int64_equal(stats.by_reason[REASON_NOT_JSON], 1);
    assert_int64_equal(stats.oldest_open_us, 0);
    struct inbox_event *events = NULL;
    world_write(world);
    assert_int_equal(claim_on(world, world->store, 1, WORLD_NOW_US, 10, &events), 0);
    world_commit(world);
}

static void batch_larger_than_any_buffer_arrives_whole(void **state)
{
    struct world *world = world_of(state);
    enum { COUNT = 512 };
    size_t large = 64 * 1024;
    char *body = malloc(large);
    assert_non_null(body);
    memset(body, 'x', large);
    struct inbox_append *rows = arena_new_array(world->arena, struct inbox_append, COUNT);
    for (int i = 0; i < COUNT; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        struct sample *sample = sample_new(world, id);
        sample->row.body = (struct str){body, i % 8 == 0 ? large : 100};
        rows[i] = sample->row;
    }
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, rows, COUNT, reterr));
    world_commit(world);
    for (int i = 0; i < COUNT; i++) {
        assert_true(rows[i].seq > 0 && !rows[i].duplicate);
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_event"), COUNT);
    free(body);
}

static void each_of_many_duplicates_is_told_its_own_seq(void **state)
{
    struct world *world = world_of(state);
    enum { COUNT = 3000 };
    struct inbox_append *rows = arena_new_array(world->arena, struct inbox_append, COUNT);
    int64_t *seqs = arena_new_array(world->arena, int64_t, COUNT);
    for (int i = 0; i < COUNT; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        rows[i] = sample_new(world, id)->row;
    }
    for (int round = 0; round < 2; round++) {
        world_write(world);
        assert_done(inbox_append(world->store, world->arena, rows, COUNT, reterr));
        world_commit(world);
        for (int i = 0; i < COUNT; i++) {
            assert_int_equal(rows[i].duplicate, round > 0);
            assert_true(round == 0 || rows[i].seq == seqs[i]);
            seqs[i] = rows[i].seq;
        }
    }
    struct inbox_row row = world_row(world, seqs[COUNT - 1]);
    assert_strs_equal(row.event_id, rows[COUNT - 1].envelope->event_id);
}

static void text_survives_as_it_is(void **state)
{
    struct world *world = world_of(state);
    struct sample *sample = sample_new(world, "evt_\xf0\x9f\x92\xb8'\"\\;--$1?1");
    sample->envelope.subject = STR("");
    sample->row.proof = STR("% _ \\ \x01 \xef\xbf\xbd");
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
    world_commit(world);
    struct inbox_row row = world_row(world, sample->row.seq);
    assert_strs_equal(row.event_id, sample->envelope.event_id);
    assert_strs_equal(row.proof, sample->row.proof);
    assert_int_equal(row.subject.len, 0);
}

static void empty_batch_does_nothing(void **state)
{
    struct world *world = world_of(state);
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, NULL, 0, reterr));
    world_commit(world);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_event"), 0);
}

static void event_that_is_not_there_is_not_found(void **state)
{
    struct world *world = world_of(state);
    struct inbox_row row;
    struct str body;
    world_read(world);
    assert_err(inbox_get(world->store, 77, world->arena, &row, &body, NULL), ERR_NOT_FOUND);
    world_commit(world);
}

static void body_that_was_changed_is_not_given_out(void **state)
{
    struct world *world = world_of(state);
    int64_t seq = world_append(world, "evt_1");
    const char *drop = world->is_sqlite ? "DROP TRIGGER inbox_event_no_update"
                                        : "DROP TRIGGER append_only ON inbox_event";
    assert_true(raw_run(world, drop));
    assert_true(raw_run(world, world->is_sqlite ? "UPDATE inbox_event SET body = x'7b7d'"
                                                : "UPDATE inbox_event SET body = '\\x7b7d'"));
    struct inbox_row row;
    struct str body;
    struct err_info info;
    world_read(world);
    assert_err(inbox_get(world->store, seq, world->arena, &row, &body, &info), ERR_STORE_IO);
    assert_non_null(strstr(info.text, "hash"));
    world_commit(world);
}

TESTS_MAIN("inbox",
    WORLD_TEST(append_numbers_events_and_keeps_their_exact_bytes),
    WORLD_TEST(append_same_key_twice_is_duplicate_with_first_seq),
    WORLD_TEST(duplicate_within_a_batch_gets_the_first_ones_seq),
    WORLD_TEST(another_rendering_of_an_event_is_kept_beside_it),
    WORLD_TEST(one_event_over_two_channels_is_a_duplicate),
    WORLD_TEST(events_are_known_by_id_and_version_whatever_their_bytes),
    WORLD_TEST(objects_are_known_when_they_said_the_same_at_any_second),
    WORLD_TEST(what_is_there_is_there_in_any_rendering_of_its_scope),
    WORLD_TEST(difference_outside_the_content_is_no_rendering),
    WORLD_TEST(event_with_a_reason_is_recorded_at_once),
    WORLD_TEST(batch_larger_than_any_buffer_arrives_whole),
    WORLD_TEST(each_of_many_duplicates_is_told_its_own_seq),
    WORLD_TEST(text_survives_as_it_is),
    WORLD_TEST(empty_batch_does_nothing),
    WORLD_TEST(event_that_is_not_there_is_not_found),
    WORLD_TEST(body_that_was_changed_is_not_given_out))
