#include "flow/accounts.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/digest.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define LOOK_BYTES ((size_t)16 * 1024 * 1024) /* of what the provider says of a key */

struct accounts {
    atomic_uint references;
    uint32_t count;
    struct account *entries;
    struct str *secrets; /* all accounts' secrets, one after another */
    char *text;          /* what every str points into */
    size_t text_bytes;
};

static size_t text_needed(const struct account *entries, uint32_t count, size_t *ret_secrets)
{
    size_t bytes = 0;
    *ret_secrets = 0;
    for (uint32_t i = 0; i < count; i++) {
        bytes += entries[i].says.name.len + entries[i].says.account_key.len;
        bytes += entries[i].reads.key.len + entries[i].reads.base_url.len +
                 entries[i].reads.account_id.len + entries[i].zone.len;
        *ret_secrets += entries[i].says.secret_count;
        for (uint32_t k = 0; k < entries[i].says.secret_count; k++) {
            bytes += entries[i].says.secrets[k].len;
        }
    }
    return bytes;
}

static struct str keep(char **at, struct str s)
{
    struct str copy = {*at, s.len};
    if (s.len > 0) {
        memcpy(*at, s.data, s.len);
    }
    *at += s.len;
    return copy;
}

struct accounts *accounts_new(const struct account *entries, uint32_t count)
{
    REQUIRE(entries != NULL || count == 0);
    size_t secret_count = 0;
    size_t text_bytes = text_needed(entries, count, &secret_count);
    struct accounts *accounts = calloc(1, sizeof *accounts);
    if (accounts == NULL) {
        return NULL;
    }
    atomic_init(&accounts->references, 1);
    accounts->entries = calloc(count + 1, sizeof *accounts->entries);
    accounts->secrets = calloc(secret_count + 1, sizeof *accounts->secrets);
    accounts->text = calloc(text_bytes + 1, 1);
    accounts->text_bytes = text_bytes;
    if (accounts->entries == NULL || accounts->secrets == NULL || accounts->text == NULL) {
        return accounts_drop(accounts);
    }
    char *at = accounts->text;
    struct str *secret = accounts->secrets;
    for (uint32_t i = 0; i < count; i++) {
        struct account *entry = &accounts->entries[i];
        *entry = entries[i];
        entry->says.name = keep(&at, entries[i].says.name);
        entry->says.account_key = keep(&at, entries[i].says.account_key);
        entry->reads.key = keep(&at, entries[i].reads.key);
        entry->reads.base_url = keep(&at, entries[i].reads.base_url);
        entry->reads.account_id = keep(&at, entries[i].reads.account_id);
        entry->zone = keep(&at, entries[i].zone);
        entry->says.secrets = secret;
        for (uint32_t k = 0; k < entries[i].says.secret_count; k++) {
            *secret++ = keep(&at, entries[i].says.secrets[k]);
        }
    }
    accounts->count = count;
    ENSURE(at == accounts->text + text_bytes);
    return accounts;
}

struct accounts *accounts_hold(struct accounts *accounts)
{
    REQUIRE(accounts != NULL);
    unsigned before = atomic_fetch_add_explicit(&accounts->references, 1, memory_order_relaxed);
    INVARIANT(before > 0);
    return accounts;
}

struct accounts *accounts_drop(struct accounts *accounts)
{
    if (accounts == NULL ||
        atomic_fetch_sub_explicit(&accounts->references, 1, memory_order_acq_rel) != 1) {
        return NULL;
    }
    if (accounts->text != NULL) {
        bytes_wipe(accounts->text, accounts->text_bytes);
    }
    free(accounts->text);
    free(accounts->secrets);
    free(accounts->entries);
    free(accounts);
    return NULL;
}

const struct account *accounts_find(const struct accounts *accounts, struct str name)
{
    REQUIRE(accounts != NULL);
    for (uint32_t i = 0; i < accounts->count; i++) {
        if (str_eq(accounts->entries[i].says.name, name)) {
            return &accounts->entries[i];
        }
    }
    return NULL;
}

uint32_t accounts_count(const struct accounts *accounts)
{
    REQUIRE(accounts != NULL);
    return accounts->count;
}

const struct account *accounts_at(const struct accounts *accounts, uint32_t index)
{
    REQUIRE(accounts != NULL);
    REQUIRE(index < accounts->count);
    return &accounts->entries[index];
}

struct str account_below(struct str account_key, struct str root_key)
{
    return str_eq(account_key, root_key) ? STR_NONE : account_key;
}

bool account_is_readable(const struct account *account)
{
    REQUIRE(account != NULL);
    return account->reads.key.len > 0 && account->provider->api != NULL;
}

enum err account_open_api(const struct account *account,
    struct env *env,
    const atomic_bool *cancelled,
    struct provider_api **ret_api,
    struct err_info *reterr)
{
    REQUIRE(account_is_readable(account));
    const struct provider_api_setup setup = {
        .base_url = account->reads.base_url,
        .key = account->reads.key,
        .account_key = account->reads.account_id,
        .live = account->says.live,
        .full_key_allowed = account->reads.full_key_allowed,
        .requests_per_s = account->reads.requests_per_s,
        .env = env,
        .cancelled = cancelled,
    };
    return account->provider->api->open(&setup, ret_api, reterr);
}

static enum err check_owner(
    const struct account *account, struct provider_api *api, struct err_info *reterr)
{
    struct fetch_account said;
    CLEANUP(arena_free) struct arena *arena = arena_new(LOOK_BYTES);
    if (arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    struct err_info info = {""};
    enum err err = account->provider->api->look(api, arena, &said, &info);
    if (err == ERR_REFUSED) {
        return ERR_OK; /* what is asked for next says it, and goes on where it stopped */
    }
    if (err != ERR_OK) {
        return err_set(reterr, err, "%s", info.text);
    }
    if (said.account_key.len == 0 || str_eq(said.account_key, account->reads.account_id)) {
        return ERR_OK;
    }
    return err_set(reterr, ERR_CONFIG,
        "[account " STR_FMT "] key.read belongs to " STR_FMT ", but account_id is " STR_FMT
        ": nothing was asked for; use a key of this account, or correct account_id",
        STR_ARG(str_prefix_utf8(account->says.name, 40)), STR_ARG(said.account_key),
        STR_ARG(account->reads.account_id));
}

enum err account_open_own_api(const struct account *account,
    struct env *env,
    const atomic_bool *cancelled,
    struct provider_api **ret_api,
    struct err_info *reterr)
{
    struct provider_api *api = NULL;
    TRY(account_open_api(account, env, cancelled, &api, reterr));
    enum err err = account->reads.account_id.len > 0 ? check_owner(account, api, reterr) : ERR_OK;
    if (err != ERR_OK) {
        (void)account->provider->api->close(api);
        return err;
    }
    *ret_api = api;
    return ERR_OK;
}

struct accounts_current {
    pthread_mutex_t lock;
    struct accounts *accounts;
};

struct accounts_current *accounts_current_new(struct accounts *first)
{
    REQUIRE(first != NULL);
    struct accounts_current *current = calloc(1, sizeof *current);
    if (current == NULL) {
        return NULL;
    }
    (void)pthread_mutex_init(&current->lock, NULL);
    current->accounts = first;
    return current;
}

struct accounts_current *accounts_current_free(struct accounts_current *current)
{
    if (current != NULL) {
        (void)accounts_drop(current->accounts);
        (void)pthread_mutex_destroy(&current->lock);
        free(current);
    }
    return NULL;
}

struct accounts *accounts_current_hold(struct accounts_current *current)
{
    REQUIRE(current != NULL);
    (void)pthread_mutex_lock(&current->lock);
    struct accounts *held = accounts_hold(current->accounts);
    (void)pthread_mutex_unlock(&current->lock);
    return held;
}

void accounts_current_replace(struct accounts_current *current, struct accounts *next)
{
    REQUIRE(current != NULL);
    REQUIRE(next != NULL);
    (void)pthread_mutex_lock(&current->lock);
    struct accounts *old = current->accounts;
    current->accounts = next;
    (void)pthread_mutex_unlock(&current->lock);
    (void)accounts_drop(old);
}
