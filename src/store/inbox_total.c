/* Counts of decided events by outcome. One row is shared by every worker, so these statements stand
 * late in a transaction, and their rows in key order. */
#include "store/inbox.h"
#include "store/internal.h"
#include <stdlib.h>

static const struct sql_statement total_add = {
    .text = "INSERT INTO inbox_total (status, reason, count) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (status, reason) DO UPDATE SET count = inbox_total.count + excluded.count",
    .parameters = "tti",
};

static int compare_changes(const void *a, const void *b)
{
    const struct inbox_total_change *left = a;
    const struct inbox_total_change *right = b;
    int order = strcmp(left->status, right->status);
    return order != 0 ? order : strcmp(left->reason, right->reason);
}

#define CHANGES_MAX (REASON_COUNT + WORK_STATUS_COUNT)

enum err inbox_total_add(struct store *store,
    const struct inbox_total_change *changes,
    uint32_t count,
    struct err_info *reterr)
{
    struct inbox_total_change sorted[CHANGES_MAX];
    struct sql_value values[3 * CHANGES_MAX];
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (changes[i].by != 0) {
            REQUIRE(used < CHANGES_MAX);
            sorted[used++] = changes[i];
        }
    }
    qsort(sorted, used, sizeof sorted[0], compare_changes);
    for (uint32_t i = 0; i < used; i++) {
        values[3 * i] = sql_word(sorted[i].status);
        values[3 * i + 1] = sql_word(sorted[i].reason);
        values[3 * i + 2] = sql_int(sorted[i].by);
    }
    return sql_run(store->engine, &total_add, values, used, NULL, NULL, NULL, reterr);
}
