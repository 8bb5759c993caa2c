#include "flow/ties.h"
#include "base/check.h"
#include "base/limits.h"

static int compare_hashes(const struct tie_member *a, const struct tie_member *b)
{
    return memcmp(a->body_sha256, b->body_sha256, sizeof a->body_sha256);
}

/* Of two renderings of one event: the newer API version, then the smaller hash. */
static bool renders_better(
    const struct provider_ops *provider, const struct tie_member *a, const struct tie_member *b)
{
    int newer = provider->compare_versions(a->api_version, b->api_version);
    return newer != 0 ? newer > 0 : compare_hashes(a, b) < 0;
}

static uint32_t one_rendering_each(const struct provider_ops *provider,
    const struct tie_member *members,
    uint32_t count,
    const struct tie_member **ret_kept)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = 0;
        while (at < kept && !str_eq(ret_kept[at]->event_id, members[i].event_id)) {
            at++;
        }
        if (at == kept) {
            ret_kept[kept++] = &members[i];
        } else if (renders_better(provider, &members[i], ret_kept[at])) {
            ret_kept[at] = &members[i];
        }
    }
    return kept;
}

/* Members that say the same are one: the smallest hash stands for them. Whether one of a group
 * follows another event must not depend on which stands for it, so the groups keep all their
 * members. */
static uint32_t group(
    const struct tie_member **members, uint32_t count, uint32_t *ret_group, uint32_t *ret_first)
{
    uint32_t groups = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = 0;
        while (at < groups &&
               !notices_say_the_same(members[ret_first[at]]->notice, members[i]->notice)) {
            at++;
        }
        if (at == groups) {
            ret_first[groups++] = i;
        } else if (compare_hashes(members[i], members[ret_first[at]]) < 0) {
            ret_first[at] = i;
        }
        ret_group[i] = at;
    }
    return groups;
}

/* Those that may be the last, or all of them when there are none, may differ in nothing but the
 * list that the object is a part in: then its own state is certain. */
static bool all_agree(const struct tie_member *const *members,
    const uint32_t *first_of,
    const bool *followed,
    uint32_t group_count,
    bool any_is_last)
{
    const struct notice *like = NULL;
    for (uint32_t i = 0; i < group_count; i++) {
        const struct notice *notice = members[first_of[i]]->notice;
        if (any_is_last && followed[i]) {
            continue;
        }
        if (like != NULL && !notices_agree(like, notice)) {
            return false;
        }
        like = notice;
    }
    return true;
}

struct tie_verdict ties_decide(const struct provider_ops *provider,
    const struct tie_member *members,
    uint32_t count,
    struct arena *scratch)
{
    REQUIRE(provider != NULL && members != NULL);
    REQUIRE(count > 0 && count <= LIMIT_TIE_EVENTS);
    const struct tie_member *kept[LIMIT_TIE_EVENTS];
    uint32_t group_of[LIMIT_TIE_EVENTS] = {0};
    uint32_t first_of[LIMIT_TIE_EVENTS] = {0};
    bool followed[LIMIT_TIE_EVENTS] = {false};

    uint32_t kept_count = one_rendering_each(provider, members, count, kept);
    uint32_t group_count = group(kept, kept_count, group_of, first_of);
    if (group_count == 1) {
        return (struct tie_verdict){kept[first_of[0]], false};
    }
    for (uint32_t a = 0; a < kept_count; a++) {
        for (uint32_t b = 0; b < kept_count; b++) {
            if (group_of[a] == group_of[b] || followed[group_of[a]]) {
                continue;
            }
            arena_reset(scratch);
            followed[group_of[a]] = provider->follows(kept[b]->body, kept[a]->body, scratch);
        }
    }
    uint32_t last_count = 0;
    uint32_t last = 0;
    uint32_t smallest = 0;
    for (uint32_t i = 0; i < group_count; i++) {
        if (!followed[i]) {
            last = i;
            last_count++;
        }
        if (compare_hashes(kept[first_of[i]], kept[first_of[smallest]]) < 0) {
            smallest = i;
        }
    }
    const struct tie_member *winner = kept[first_of[last_count == 1 ? last : smallest]];
    ENSURE(winner != NULL);
    bool contested =
        last_count != 1 && !all_agree(kept, first_of, followed, group_count, last_count > 0);
    return (struct tie_verdict){winner, contested};
}

struct tie_verdict ties_too_many(const struct tie_member *members, uint32_t count)
{
    REQUIRE(members != NULL && count > 0);
    const struct tie_member *smallest = &members[0];
    for (uint32_t i = 1; i < count; i++) {
        smallest = compare_hashes(&members[i], smallest) < 0 ? &members[i] : smallest;
    }
    return (struct tie_verdict){smallest, true};
}
