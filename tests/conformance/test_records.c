/* records.h: aggregates as their field tables say. */
#include "base/check.h"
#include "base/limits.h"
#include "world.h"

static const enum id_kind kinds[] = {
#define AGGREGATE(NAME, name, prefix, help) ID_##NAME,
#include "domain/aggregates.def"
};
_Static_assert(sizeof kinds / sizeof kinds[0] == ID_KIND_COUNT, "all of them");

static void table_has_exactly_the_columns_of_the_field_table(void **state)
{
    struct world *world = world_of(state);
    for (size_t i = 0; i < ID_KIND_COUNT; i++) {
        const struct record_kind *kind = record_kind_of(kinds[i]);
        CLEANUP(buf_fini) struct buf expected;
        buf_init(&expected, 8192);
        buf_add(&expected, STR("id,scope,version,updated_seq,created_us,updated_us"));
        for (size_t f = 0; f < kind->field_count; f++) {
            buf_addf(&expected, ",%s", kind->fields[f].name);
        }
        char sql[256];
        (void)snprintf(sql, sizeof sql,
            world->is_sqlite ? "SELECT group_concat(name, ',') FROM pragma_table_info('%s')"
                             : "SELECT string_agg(column_name, ',' ORDER BY ordinal_position) "
                               "FROM information_schema.columns WHERE table_name = '%s'",
            kind->table);
        assert_strs_equal(raw_text(world, sql), buf_str(&expected));
    }
}

static void fill_text(char *to, size_t size, uint64_t *random)
{
    static const char *const parts[] = {
        "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x92\xb8", "'", "%", "\\"};
    size_t len = 0;
    size_t wanted = test_random_below(random, size);
    for (;;) {
        const char *part = parts[test_random_below(random, sizeof parts / sizeof parts[0])];
        if (len + strlen(part) > wanted) {
            break;
        }
        memcpy(to + len, part, strlen(part));
        len += strlen(part);
    }
    to[len] = '\0';
}

static void fill_field(const struct field *field, char *member, uint64_t *random)
{
    int64_t number = (int64_t)test_random(random);
    switch (field->type) {
    case FIELD_ID:
        memset(member, number % 3 == 0 ? 0 : (int)(number & 0xff), sizeof(struct own_id));
        break;
    case FIELD_INT:
    case FIELD_MINOR:
    case FIELD_TIME:
        number = number % 5 == 0 ? 0 : number % 7 == 0 ? INT64_MIN : number;
        memcpy(member, &number, sizeof number);
        break;
    case FIELD_BOOL:
        *(bool *)(void *)member = number % 2 == 0;
        break;
    case FIELD_CURRENCY:
        (void)str_copy_to(member, field->size, number % 2 == 0 ? STR("JPY") : STR(""));
        break;
    case FIELD_TEXT:
        fill_text(member, field->size, random);
        break;
    case FIELD_ENUM:
        *(int *)(void *)member = (int)test_random_below(random, (uint64_t)field->words->count);
        break;
    default:
        UNREACHABLE();
    }
}

static void fill(const struct record_kind *kind, void *record, uint64_t *random)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        fill_field(&kind->fields[i], (char *)record + kind->fields[i].offset, random);
    }
}

static void assert_same_record(const struct record_kind *kind, const void *a, const void *b)
{
    assert_memory_equal(a, b, sizeof(struct record_head));
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        const char *left = (const char *)a + field->offset;
        const char *right = (const char *)b + field->offset;
        bool text = field->type == FIELD_TEXT || field->type == FIELD_CURRENCY;
        assert_row(
            text ? strcmp(left, right) == 0 : memcmp(left, right, field->size) == 0, field->name);
    }
}

static void every_field_of_every_record_survives(void **state)
{
    struct world *world = world_of(state);
    uint64_t random = test_seed();
    for (int round = 0; round < 40; round++) {
        const struct record_kind *kind = record_kind_of(kinds[round % ID_KIND_COUNT]);
        struct record_head *record = arena_alloc(world->arena, kind->size);
        record->id = world_id(world);
        record->scope = world->scope;
        record->created_us = WORLD_NOW_US;
        for (int change = 0; change < 3; change++) {
            fill(kind, record, &random);
            if (kind->id_kind == ID_PAYMENT) {
                ((struct payment *)(void *)record)->milestones |=
                    milestone_bit(EVENT_PAYMENT_SUCCEEDED);
            }
            record->updated_us = WORLD_NOW_US + change;
            record->updated_seq = change + 1;
            world_save(world, kind->id_kind, record);
            assert_int64_equal(record->version, change + 1);
            void *loaded = world_load(world, kind->id_kind, record->id);
            assert_non_null(loaded);
            assert_same_record(kind, record, loaded);
        }
    }
}

static void payment_whose_success_was_never_published_is_said(void **state)
{
    struct world *world = world_of(state);
    struct payment *payment = payment_new(world);
    world_save(world, ID_PAYMENT, payment);
    assert_true(raw_run(world, "UPDATE payment SET succeeded_at = 1790000000000000"));
    char id[OWN_ID_TEXT_BYTES];
    own_id_format(ID_PAYMENT, payment->head.id, id);
    struct err_info info = {""};
    void **records = NULL;
    world_read(world);
    assert_err(records_load(world->store, record_kind_of(ID_PAYMENT), &payment->head.id, 1, false,
                   world->arena, &records, &info),
        ERR_STORE_IO);
    (void)store_rollback(world->store);
    assert_non_null(strstr(info.text, id));
    char sql[80];
    (void)snprintf(sql, sizeof sql, "UPDATE payment SET milestones = %d",
        (int)milestone_bit(EVENT_PAYMENT_SUCCEEDED));
    assert_true(raw_run(world, sql));
    assert_non_null(world_load(world, ID_PAYMENT, payment->head.id));
}

static void load_sorts_gives_null_for_none_and_one_record_for_equal_ids(void **state)
{
    struct world *world = world_of(state);
    struct payment *first = payment_new(world);
    struct payment *second = payment_new(world);
    world_save(world, ID_PAYMENT, first);
    world_save(world, ID_PAYMENT, second);
    struct own_id ids[] = {second->head.id, world_id(world), first->head.id, second->head.id};
    void **records = NULL;
    world_write(world);
    assert_done(records_load(
        world->store, record_kind_of(ID_PAYMENT), ids, 4, true, world->arena, &records, reterr));
    world_commit(world);
    uint32_t found = 0;
    for (int i = 0; i < 4; i++) {
        assert_true(i == 0 || own_id_compare(ids[i - 1], ids[i]) <= 0);
        if (i > 0 && own_id_eq(ids[i - 1], ids[i])) {
            assert_ptr_equal(records[i - 1], records[i]);
        }
        if (records[i] != NULL) {
            assert_true(own_id_eq(((struct payment *)records[i])->head.id, ids[i]));
            found++;
        }
    }
    assert_int_equal(found, 3);
}

static void save_of_what_another_changed_conflicts(void **state)
{
    struct world *world = world_of(state);
    struct payment *payment = payment_new(world);
    world_save(world, ID_PAYMENT, payment);
    struct payment *mine = world_load(world, ID_PAYMENT, payment->head.id);
    payment->amount_minor = 1;
    world_save(world, ID_PAYMENT, payment);
    mine->amount_minor = 2;
    struct payment *fresh = payment_new(world);
    struct payment *fine = payment_new(world);
    world_save(world, ID_PAYMENT, fine);
    void *records[] = {fresh, mine, fine};
    world_write(world);
    assert_err(
        records_save(world->store, record_kind_of(ID_PAYMENT), records, 3, NULL), ERR_CONFLICT);
    (void)store_rollback(world->store);
    assert_int64_equal(mine->head.version, 1);
    assert_int64_equal(fresh->head.version, 0);
    assert_null(world_load(world, ID_PAYMENT, fresh->head.id));
    struct payment *stands = world_load(world, ID_PAYMENT, payment->head.id);
    assert_int64_equal(stands->amount_minor, 1);
    assert_int64_equal(stands->head.version, 2);
}

static void new_record_with_a_known_id_conflicts(void **state)
{
    struct world *world = world_of(state);
    struct payment *payment = payment_new(world);
    world_save(world, ID_PAYMENT, payment);
    struct payment *twin = payment_new(world);
    twin->head.id = payment->head.id;
    void *records[] = {twin};
    world_write(world);
    assert_err(
        records_save(world->store, record_kind_of(ID_PAYMENT), records, 1, NULL), ERR_CONFLICT);
    (void)store_rollback(world->store);
}

static void many_are_saved_and_scanned_in_order(void **state)
{
    struct world *world = world_of(state);
    enum { COUNT = 600 };
    void **records = arena_alloc_array(world->arena, sizeof *records, COUNT);
    for (int i = 0; i < COUNT; i++) {
        records[i] = payment_new(world);
    }
    world_write(world);
    assert_done(records_save(world->store, record_kind_of(ID_PAYMENT), records, COUNT, reterr));
    assert_done(records_save(world->store, record_kind_of(ID_PAYMENT), records, COUNT, reterr));
    world_commit(world);
    struct own_id after = {{0}};
    uint32_t total = 0;
    for (;;) {
        void **page = NULL;
        uint32_t count = 0;
        world_read(world);
        assert_done(records_scan(world->store, record_kind_of(ID_PAYMENT),
            total == 0 ? 0 : world->scope, after, 256, world->arena, &page, &count, reterr));
        world_commit(world);
        if (count == 0) {
            break;
        }
        for (uint32_t i = 0; i < count; i++) {
            struct payment *payment = page[i];
            assert_true(own_id_compare(after, payment->head.id) < 0);
            assert_int64_equal(payment->head.version, 2);
            after = payment->head.id;
        }
        total += count;
    }
    assert_int_equal(total, COUNT);
    void **page = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(records_scan(world->store, record_kind_of(ID_PAYMENT), world->scope + 1,
        (struct own_id){{0}}, 10, world->arena, &page, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 0);
}

static void attempts_are_found_by_their_payments(void **state)
{
    struct world *world = world_of(state);
    struct own_id payments[] = {world_id(world), world_id(world), world_id(world)};
    void *attempts[] = {attempt_new(world, payments[0]), attempt_new(world, payments[0]),
        attempt_new(world, payments[1]), attempt_new(world, world_id(world)),
        attempt_new(world, (struct own_id){{0}})};
    world_write(world);
    assert_done(records_save(world->store, record_kind_of(ID_ATTEMPT), attempts, 5, reterr));
    struct attempt **found = NULL;
    uint32_t count = 0;
    assert_done(
        attempts_of_payments(world->store, payments, 3, world->arena, &found, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 3);
    int of_first = 0;
    for (uint32_t i = 0; i < count; i++) {
        of_first += own_id_eq(found[i]->payment_id, payments[0]);
    }
    assert_int_equal(of_first, 2);
}

static void payment_with_too_many_attempts_says_so_and_spoils_nothing(void **state)
{
    struct world *world = world_of(state);
    struct own_id payment = world_id(world);
    enum { COUNT = LIMIT_ATTEMPTS + 1 };
    void **attempts = arena_alloc_array(world->arena, sizeof *attempts, COUNT);
    for (int i = 0; i < COUNT; i++) {
        attempts[i] = attempt_new(world, payment);
    }
    struct attempt **found = NULL;
    uint32_t count = 0;
    world_write(world);
    assert_done(
        records_save(world->store, record_kind_of(ID_ATTEMPT), attempts, COUNT - 1, reterr));
    assert_done(
        attempts_of_payments(world->store, &payment, 1, world->arena, &found, &count, reterr));
    assert_int_equal(count, LIMIT_ATTEMPTS);
    assert_done(
        records_save(world->store, record_kind_of(ID_ATTEMPT), attempts + COUNT - 1, 1, reterr));
    struct err_info info;
    assert_err(attempts_of_payments(world->store, &payment, 1, world->arena, &found, &count, &info),
        ERR_TOO_LARGE);
    assert_non_null(strstr(info.text, "1000"));
    world_commit(world); /* what a caller refuses is no failure of the transaction */
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM attempt"), COUNT);
}

static void records_are_found_by_what_they_name_newest_first(void **state)
{
    struct world *world = world_of(state);
    struct own_id payment = world_id(world);
    struct own_id attempt = world_id(world);
    struct own_id none = {{0}};
    const struct record_kind *kind = record_kind_of(ID_REFUND);
    void *refunds[] = {refund_new(world, payment, none), refund_new(world, none, attempt),
        refund_new(world, payment, attempt), refund_new(world, world_id(world), none),
        refund_new(world, payment, none)};
    static const struct {
        const char *field;
        uint32_t limit, count;
    } rows[] = {{"payment_id", 9, 3}, {"payment_id", 2, 2}, {"attempt_id", 9, 2}};
    world_write(world);
    assert_done(records_save(world->store, kind, refunds, 5, reterr));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct field *field = record_field(kind, str_from(rows[i].field));
        struct own_id id = i < 2 ? payment : attempt;
        void **found = NULL;
        uint32_t count = 0;
        assert_done(records_linked(
            world->store, kind, field, id, rows[i].limit, world->arena, &found, &count, reterr));
        assert_int_equal(count, rows[i].count);
        for (uint32_t at = 0; at < count; at++) {
            const struct refund *refund = found[at];
            assert_true(own_id_eq(i < 2 ? refund->payment_id : refund->attempt_id, id));
            assert_true(at == 0 || own_id_compare(((const struct refund *)found[at - 1])->head.id,
                                       refund->head.id) > 0);
        }
    }
    world_commit(world);
}

static void totals_are_by_scope_currency_and_state(void **state)
{
    struct world *world = world_of(state);
    for (int i = 0; i < 5; i++) {
        struct payment *payment = payment_new(world);
        payment->state = i < 3 ? PAYMENT_SUCCEEDED : PAYMENT_FAILED;
        payment->received_minor = i;
        payment->refunded_minor = 1;
        world_save(world, ID_PAYMENT, payment);
    }
    struct payment_total *totals = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(payment_totals(world->store, world->arena, &totals, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 2);
    assert_int_equal(totals[0].state, PAYMENT_FAILED);
    assert_int_equal(totals[1].state, PAYMENT_SUCCEEDED);
    assert_int64_equal(totals[1].count, 3);
    assert_int64_equal(totals[1].amount_minor, 3 * 1250);
    assert_int64_equal(totals[1].received_minor, 0 + 1 + 2);
    assert_int64_equal(totals[1].refunded_minor, 3);
    assert_string_equal(totals[1].currency.code, "EUR");
    assert_int64_equal(totals[1].scope, world->scope);
}

static void total_that_does_not_fit_is_an_overflow(void **state)
{
    struct world *world = world_of(state);
    for (int i = 0; i < 2; i++) {
        struct payment *payment = payment_new(world);
        payment->amount_minor = INT64_MAX;
        world_save(world, ID_PAYMENT, payment);
    }
    struct payment_total *totals = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_err(payment_totals(world->store, world->arena, &totals, &count, NULL), ERR_OVERFLOW);
    (void)store_rollback(world->store);
}

static void oddities_are_counted_with_the_oldest(void **state)
{
    struct world *world = world_of(state);
    struct oddities odd = {0};
    world_read(world);
    assert_done(records_oddities(world->store, WORLD_NOW_US, &odd, reterr));
    world_commit(world);
    assert_int64_equal(
        odd.stubs + odd.stubs_oldest_us + odd.contested + odd.contested_oldest_us, 0);
    for (int i = 0; i < 3; i++) {
        struct attempt *attempt = attempt_new(world, world_id(world));
        attempt->seen = false;
        attempt->head.created_us = WORLD_NOW_US - 10 + 5 * i;
        world_save(world, ID_ATTEMPT, attempt);
    }
    struct payment *payment = payment_new(world);
    payment->contested = true;
    payment->head.updated_us = WORLD_NOW_US - 3;
    world_save(world, ID_PAYMENT, payment);
    struct refund *refund = refund_new(world, payment->head.id, world_id(world));
    refund->contested = true;
    world_save(world, ID_REFUND, refund);
    world_read(world);
    assert_done(records_oddities(world->store, WORLD_NOW_US, &odd, reterr));
    world_commit(world);
    assert_int64_equal(odd.stubs, 2);
    assert_int64_equal(odd.stubs_oldest_us, WORLD_NOW_US - 10);
    assert_int64_equal(odd.contested, 2);
    assert_int64_equal(odd.contested_oldest_us, WORLD_NOW_US - 3);
}

static void contested_records_of_every_kind_are_counted(void **state)
{
    struct world *world = world_of(state);
    struct oddities odd = {0};
    for (int i = 0; i < ID_KIND_COUNT; i++) {
        const struct record_kind *kind = record_kind_of((enum id_kind)i);
        struct record_head *head = arena_alloc(world->arena, kind->size);
        head->id = world_id(world);
        head->scope = world->scope;
        head->updated_us = WORLD_NOW_US - i;
        *(bool *)(void *)((char *)head + kind->at.contested) = true;
        world_save(world, (enum id_kind)i, head);
        world_read(world);
        assert_done(records_oddities(world->store, WORLD_NOW_US, &odd, reterr));
        world_commit(world);
        assert_row(odd.contested == i + 1, kind->table);
        assert_row(odd.contested_oldest_us == WORLD_NOW_US - i, kind->table);
    }
}

static void record_of_a_newer_version_is_refused(void **state)
{
    struct world *world = world_of(state);
    struct payment *payment = payment_new(world);
    world_save(world, ID_PAYMENT, payment);
    assert_true(raw_run(world, "UPDATE payment SET state = 'paid_in_gold'"));
    void **records = NULL;
    struct err_info info;
    world_read(world);
    assert_err(records_load(world->store, record_kind_of(ID_PAYMENT), &payment->head.id, 1, false,
                   world->arena, &records, &info),
        ERR_STORE_IO);
    assert_non_null(strstr(info.text, "payment.state"));
    world_commit(world);
}

TESTS_MAIN("records",
    WORLD_TEST(table_has_exactly_the_columns_of_the_field_table),
    WORLD_TEST(every_field_of_every_record_survives),
    WORLD_TEST(payment_whose_success_was_never_published_is_said),
    WORLD_TEST(load_sorts_gives_null_for_none_and_one_record_for_equal_ids),
    WORLD_TEST(save_of_what_another_changed_conflicts),
    WORLD_TEST(new_record_with_a_known_id_conflicts),
    WORLD_TEST(many_are_saved_and_scanned_in_order),
    WORLD_TEST(attempts_are_found_by_their_payments),
    WORLD_TEST(payment_with_too_many_attempts_says_so_and_spoils_nothing),
    WORLD_TEST(records_are_found_by_what_they_name_newest_first),
    WORLD_TEST(totals_are_by_scope_currency_and_state),
    WORLD_TEST(total_that_does_not_fit_is_an_overflow),
    WORLD_TEST(oddities_are_counted_with_the_oldest),
    WORLD_TEST(contested_records_of_every_kind_are_counted),
    WORLD_TEST(record_of_a_newer_version_is_refused))
