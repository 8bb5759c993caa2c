#include "base/check.h"
#include "provider/stripe/api.h"

/* Pages are small, so pairs are compared one by one. */
const char *stripe_page_problem(
    const struct str *ids, uint32_t count, bool has_more, struct str cursor)
{
    REQUIRE(ids != NULL || count == 0);
    REQUIRE(count <= LIMIT_API_PAGE);
    if (count == 0) {
        return has_more ? "the list says that more follows after nothing" : NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (ids[i].len == 0) {
            continue;
        }
        if (str_eq(ids[i], cursor)) {
            return "the list goes in circles: it begins again with what it ended with";
        }
        for (uint32_t other = 0; other < i; other++) {
            if (str_eq(ids[i], ids[other])) {
                return "the list goes in circles: it has one id twice";
            }
        }
    }
    return NULL;
}

bool stripe_walk_circles(
    struct stripe_walk *walk, uint64_t list, struct str cursor, struct str last_id)
{
    REQUIRE(walk != NULL);
    REQUIRE(last_id.len > 0 && last_id.len <= LIMIT_PROVIDER_ID_BYTES);
    bool goes_on = cursor.len > 0 && walk->list == list && str_eq(cursor, str_from(walk->handed));
    if (!goes_on) {
        *walk = (struct stripe_walk){.list = list, .steps_max = 1};
        (void)str_copy_to(walk->milestone, sizeof walk->milestone, cursor);
    }
    if (str_eq(last_id, str_from(walk->milestone))) {
        return true;
    }
    (void)str_copy_to(walk->handed, sizeof walk->handed, last_id);
    if (++walk->steps == walk->steps_max) {
        (void)str_copy_to(walk->milestone, sizeof walk->milestone, last_id);
        walk->steps = 0;
        walk->steps_max *= 2;
    }
    return false;
}
