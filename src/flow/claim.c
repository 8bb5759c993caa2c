#include "flow/claim.h"
#include "base/check.h"
#include "base/limits.h"

bool claim_init(struct claim *claim)
{
    REQUIRE(claim != NULL);
    *claim = (struct claim){0};
    claim->events_arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    claim->notices_arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    return claim->events_arena != NULL && claim->notices_arena != NULL;
}

void claim_fini(struct claim *claim)
{
    claim->events_arena = arena_free(claim->events_arena);
    claim->notices_arena = arena_free(claim->notices_arena);
}

void claim_drop(struct claim *claim)
{
    claim->count = claim->done = claim->decoded_count = 0;
}

bool claim_is_open(const struct claim *claim)
{
    return claim->done < claim->count;
}

enum err claim_take(struct claim *claim,
    struct store *store,
    struct env *env,
    int64_t now_us,
    int64_t lease_us,
    uint32_t row_max,
    struct err_info *reterr)
{
    claim_drop(claim);
    arena_reset(claim->events_arena);
    do {
        env_random(env, &claim->token, sizeof claim->token);
    } while (claim->token == 0);
    return inbox_claim(store, claim->token, now_us, lease_us, row_max, claim->events_arena,
        &claim->events, &claim->count, reterr);
}

static enum err decode_one(struct claim *claim,
    const struct provider_ops *provider,
    const struct inbox_event *event,
    struct decoded *ret)
{
    struct err_info info = {{0}};
    if (event->crashes >= LIMIT_CRASHES) {
        ret->err = err_set(&info, ERR_IMPOSSIBLE, "%d attempts never ended", LIMIT_CRASHES);
        ret->error_text = arena_copy(claim->notices_arena, str_from(info.text));
        return ERR_OK;
    }
    struct notice_list *notices = arena_alloc(claim->notices_arena, sizeof *notices);
    if (notices == NULL) {
        return ERR_TOO_LARGE;
    }
    struct stored_event stored = {event->body, event->type, event->occurred_at_us};
    ret->notices = notices;
    ret->err = provider->decode(&stored, claim->notices_arena, notices, &info);
    if (ret->err != ERR_OK && info.text[0] != '\0') {
        ret->error_text = arena_copy(claim->notices_arena, str_from(info.text));
    }
    return ERR_OK;
}

enum err claim_decode(struct claim *claim, const struct provider_ops *provider, uint32_t count)
{
    REQUIRE(count > 0 && count <= claim->count - claim->done);
    if (claim->decoded_from == claim->done && claim->decoded_count >= count) {
        return ERR_OK;
    }
    claim->decoded_count = 0;
    arena_reset(claim->notices_arena);
    claim->decoded = arena_new_array(claim->notices_arena, struct decoded, count);
    if (claim->decoded == NULL) {
        return ERR_TOO_LARGE;
    }
    for (uint32_t i = 0; i < count; i++) {
        TRY(decode_one(claim, provider, &claim->events[claim->done + i], &claim->decoded[i]));
        if (claim->decoded[i].err == ERR_TOO_LARGE && count > 1) {
            return ERR_TOO_LARGE; /* perhaps the batch's memory, not this event's fault */
        }
    }
    claim->decoded_from = claim->done;
    claim->decoded_count = count;
    return ERR_OK;
}
