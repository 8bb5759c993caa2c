/* paged_api: a provider whose events are an array in memory, given out newest first, in small
 * pages.
 *
 * Layer: tests.
 */
#pragma once

#include "base/digest.h"
#include "base/timestamp.h"
#include "flow/accounts.h"
#include "unit/testing.h"

#define PAGED_EVENTS_MAX 64

struct paged_event {
    char id[24];
    int64_t at_us;
    const char *version;
    size_t body_bytes;   /* 0: a short one */
    const char *account; /* whose it is; NULL: of the account itself */
};

/* One at a time: the port's api has no context of a test's. */
struct paged {
    struct paged_event events[PAGED_EVENTS_MAX]; /* newest first */
    uint32_t count, page_size;
    uint32_t asked;   /* pages */
    uint32_t fail_at; /* the page that fails once, from 1; 0: none */
    enum err fail_with;
    const char *unknown_cursor; /* refused with ERR_INVALID */
    const char *failing;        /* an account that fails with fail_with as long as it stands here */
    bool circles;               /* behind the last event comes the first */
    char asked_for[1024];       /* accounts, a letter for each page: '.', or the last of its key */
};
static struct paged paged;

static inline void paged_add(const char *id, int64_t at_us)
{
    struct paged_event *event = &paged.events[paged.count++];
    *event = (struct paged_event){.at_us = at_us, .version = "v1"};
    (void)str_copy_to(event->id, sizeof event->id, str_from(id));
}

static inline void paged_add_of(const char *account, const char *id, int64_t at_us)
{
    paged_add(id, at_us);
    paged.events[paged.count - 1].account = account;
}

static inline void paged_give(
    const struct paged_event *event, struct arena *arena, struct fetched *to)
{
    static char large[2 * 1024 * 1024];
    memset(large, ' ', sizeof large);
    *to = (struct fetched){.envelope = {.event_id = str_from(event->id),
                               .type = STR("thing.changed"),
                               .api_version = str_from(event->version),
                               .account = str_from(event->account),
                               .occurred_at_us = event->at_us,
                               .proof_at_us = event->at_us}};
    to->body = event->body_bytes > 0 ? (struct str){large, event->body_bytes}
                                     : arena_copy(arena, str_from(event->id));
    sha256(to->body, to->envelope.body_sha256);
    memcpy(to->envelope.content_sha256, to->envelope.body_sha256, 32);
}

static inline enum err paged_events(struct provider_api *api,
    struct str account,
    struct fetch_range range,
    const struct str *types,
    uint32_t type_count,
    struct str cursor,
    struct arena *arena,
    struct fetch_page *ret_page,
    struct err_info *reterr)
{
    (void)api;
    (void)types;
    (void)type_count;
    if (paged.asked + 1 < sizeof paged.asked_for) {
        paged.asked_for[paged.asked] = account.len > 0 ? account.data[account.len - 1] : '.';
    }
    if (++paged.asked == paged.fail_at ||
        (paged.failing != NULL && str_eq(account, str_from(paged.failing)))) {
        return err_set(reterr, paged.fail_with, "as the test wants it");
    }
    if (paged.unknown_cursor != NULL && str_eq(cursor, str_from(paged.unknown_cursor))) {
        return err_set(reterr, ERR_INVALID, "no such cursor");
    }
    struct fetch_page page = {.items = arena_new_array(arena, struct fetched, PAGED_EVENTS_MAX)};
    bool behind = cursor.len == 0 || str_eq(cursor, STR("the beginning"));
    for (uint32_t i = 0; i < paged.count; i++) {
        const struct paged_event *event = &paged.events[i];
        bool within = event->at_us >= range.from_us && event->at_us <= range.to_us &&
                      str_eq(account, str_from(event->account));
        if (behind && within && page.count == paged.page_size) {
            page.more = true;
            break;
        }
        if (behind && within) {
            paged_give(event, arena, &page.items[page.count++]);
            page.cursor = page.items[page.count - 1].envelope.event_id;
        }
        behind = behind || str_eq(cursor, str_from(event->id));
    }
    if (paged.circles && !page.more) {
        page.more = true;
        page.cursor = STR("the beginning");
    }
    *ret_page = page;
    return ERR_OK;
}

static const struct provider_api_ops paged_ops = {.events = paged_events};
static const struct provider_ops paged_provider = {.name = "words", .api = &paged_ops};
static const struct account paged_account = {
    .says = {.name = {"acme", 4}, .account_key = {"acct_1", 6}},
    .provider = &paged_provider,
    .reads = {.key = {"key", 3}},
};
