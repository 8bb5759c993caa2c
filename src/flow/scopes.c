#include "flow/scopes.h"
#include "base/check.h"
#include "base/limits.h"
#include "flow/submit.h"
#include <stdlib.h>

#define SCOPES_PER_STEP 64 /* the table grows by doubling from here */

struct scope_entry {
    uint64_t hash; /* 0: free */
    int64_t scope;
    bool live;
    char *text; /* owned: provider, then account key */
    uint32_t provider_len, account_len;
};

struct scopes {
    struct scope_entry *entries; /* open addressing, at most half full */
    uint32_t room, count;
    uint32_t fresh; /* learned in the transaction that is open */
};

struct scopes *scopes_new(void)
{
    struct scopes *scopes = calloc(1, sizeof *scopes);
    if (scopes == NULL) {
        return NULL;
    }
    scopes->room = SCOPES_PER_STEP;
    scopes->entries = calloc(scopes->room, sizeof *scopes->entries);
    return scopes->entries == NULL ? scopes_free(scopes) : scopes;
}

static void empty(struct scopes *scopes)
{
    for (uint32_t i = 0; i < scopes->room; i++) {
        free(scopes->entries[i].text);
        scopes->entries[i] = (struct scope_entry){0};
    }
    scopes->count = 0;
    scopes->fresh = 0;
}

struct scopes *scopes_free(struct scopes *scopes)
{
    if (scopes != NULL) {
        if (scopes->entries != NULL) {
            empty(scopes);
        }
        free(scopes->entries);
        free(scopes);
    }
    return NULL;
}

static uint64_t hash_of(const struct scope_key *key)
{
    uint64_t hash = hash_bytes(key->provider.data, key->provider.len, key->live ? 1 : 2);
    return hash_bytes(key->account_key.data, key->account_key.len, hash) | 1;
}

static bool is(const struct scope_entry *entry, uint64_t hash, const struct scope_key *key)
{
    struct str provider = {entry->text, entry->provider_len};
    struct str account = {entry->text + entry->provider_len, entry->account_len};
    return entry->hash == hash && entry->live == key->live && str_eq(provider, key->provider) &&
           str_eq(account, key->account_key);
}

/* The entry of `key`, or the free place where it belongs. */
static struct scope_entry *find(struct scopes *scopes, uint64_t hash, const struct scope_key *key)
{
    INVARIANT(scopes->count < scopes->room);
    uint32_t at = (uint32_t)hash & (scopes->room - 1);
    while (scopes->entries[at].hash != 0 && !is(&scopes->entries[at], hash, key)) {
        at = (at + 1) & (scopes->room - 1);
    }
    return &scopes->entries[at];
}

static bool grow(struct scopes *scopes)
{
    uint32_t room = scopes->room * 2;
    struct scope_entry *entries = calloc(room, sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < scopes->room; i++) {
        if (scopes->entries[i].hash == 0) {
            continue;
        }
        uint32_t at = (uint32_t)scopes->entries[i].hash & (room - 1);
        while (entries[at].hash != 0) {
            at = (at + 1) & (room - 1);
        }
        entries[at] = scopes->entries[i];
    }
    free(scopes->entries);
    scopes->entries = entries;
    scopes->room = room;
    return true;
}

enum err scopes_get(struct scopes *scopes,
    struct store *store,
    const struct account *account,
    struct str below,
    int64_t *ret_scope,
    struct err_info *reterr)
{
    REQUIRE(scopes != NULL && account != NULL && ret_scope != NULL);
    const struct scope_key key = submit_scope_key(account, below);
    uint64_t hash = hash_of(&key);
    struct scope_entry *entry = find(scopes, hash, &key);
    if (entry->hash != 0) {
        *ret_scope = entry->scope;
        return ERR_OK;
    }
    if (scopes->count >= LIMIT_SCOPES) {
        empty(scopes); /* a bound of memory, not of accounts: the others are looked up again */
    }
    int64_t scope = 0;
    TRY(submit_scope(store, account, below, &scope, reterr));
    *ret_scope = scope;
    if ((scopes->count + 1) * 2 > scopes->room && !grow(scopes)) {
        return ERR_OK; /* without memory to remember it, it is looked up again */
    }
    entry = find(scopes, hash, &key);
    char *text = malloc(key.provider.len + key.account_key.len + 1);
    if (text == NULL) {
        return ERR_OK;
    }
    memcpy(text, key.provider.data, key.provider.len);
    if (key.account_key.len > 0) {
        memcpy(text + key.provider.len, key.account_key.data, key.account_key.len);
    }
    *entry = (struct scope_entry){
        hash, scope, key.live, text, (uint32_t)key.provider.len, (uint32_t)key.account_key.len};
    scopes->count++;
    scopes->fresh++;
    return ERR_OK;
}

void scopes_committed(struct scopes *scopes)
{
    REQUIRE(scopes != NULL);
    scopes->fresh = 0;
}

void scopes_rolled_back(struct scopes *scopes)
{
    REQUIRE(scopes != NULL);
    if (scopes->fresh > 0) {
        empty(scopes); /* rare; the rest is looked up again */
    }
}
