#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "cli/api_wait.h"
#include "cli/doctor.h"
#include "cli/output.h"
#include <stdio.h>

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)
#define NAMED_MAX 8 /* event types that one line names */

/* Does the endpoint's URL lead to the account's page? Another system may have endpoints too. */
static bool leads_to(const struct fetch_endpoint *endpoint, struct str label)
{
    char end[LIMIT_PROVIDER_ID_BYTES + sizeof "/webhooks/"];
    struct str url = endpoint->url;
    (void)snprintf(end, sizeof end, "/webhooks/" STR_FMT, STR_ARG(label));
    url = str_cut(&url, '?');
    while (url.len > 0 && url.data[url.len - 1] == '/') {
        url.len--;
    }
    size_t len = strlen(end);
    return url.len >= len && memcmp(url.data + url.len - len, end, len) == 0;
}

/* Keeps those that lead to the account; when there is none, all, and false. */
static bool keep_own_endpoints(struct fetch_account *said, struct str label)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < said->endpoint_count; i++) {
        if (leads_to(&said->endpoints[i], label)) {
            struct fetch_endpoint own = said->endpoints[i];
            said->endpoints[i] = said->endpoints[count];
            said->endpoints[count++] = own;
        }
    }
    said->endpoint_count = count > 0 ? count : said->endpoint_count;
    return count > 0;
}

static bool sends(const struct fetch_endpoint *endpoint, struct str type)
{
    for (uint32_t i = 0; i < endpoint->event_type_count; i++) {
        if (str_eq(endpoint->event_types[i], type) ||
            (str_eq(endpoint->event_types[i], STR("*")) && !stripe_event_type_wants_name(type))) {
            return true;
        }
    }
    return false;
}

static bool is_enabled(const struct fetch_account *said, struct str type)
{
    for (uint32_t i = 0; i < said->endpoint_count; i++) {
        if (sends(&said->endpoints[i], type)) {
            return true;
        }
    }
    return false;
}

/* Types that are decoded and that no enabled endpoint sends: the first few by name. */
static int missing_types(const struct fetch_account *said, struct buf *names)
{
    int missing = 0;
    for (const struct provider_event_type *type = stripe_event_types(); type->type != NULL;
         type++) {
        if (type->reason != REASON_NONE || type->past || is_enabled(said, str_from(type->type))) {
            continue;
        }
        if (missing < NAMED_MAX) {
            buf_addf(names, "%s%s", missing > 0 ? ", " : "", type->type);
        } else if (missing == NAMED_MAX) {
            buf_add(names, STR(", ..."));
        }
        missing++;
    }
    return missing;
}

static void check_endpoints(
    struct doctor *doctor, uint32_t index, const char *check, struct fetch_account *said)
{
    if (!said->endpoints_known) {
        doctor_say(doctor, HEALTH_WARNING, check,
            "give the key Read of Webhook Endpoints, so that this can be compared",
            "key.read may not list the endpoints: which events they send is not known");
        return;
    }
    CLEANUP(buf_fini) struct buf names;
    buf_init(&names, 2048);
    struct str label = doctor->config->details[index].label;
    bool own = keep_own_endpoints(said, label);
    int missing = missing_types(said, &names);
    char of_all[200] = "";
    if (!own) {
        (void)snprintf(of_all, sizeof of_all,
            " (of all endpoints: the URL of none ends with /webhooks/" STR_FMT ")",
            STR_ARG(str_prefix_utf8(label, 80)));
    }
    if (missing == 0) {
        doctor_say(doctor, HEALTH_OK, check, "", "the endpoints send every event that is decoded%s",
            of_all);
        return;
    }
    struct str text = buf_str(&names);
    doctor_say(doctor, HEALTH_WARNING, check,
        "enable them at the endpoint; `counterfoil doctor --types` lists all",
        "%d event types that are decoded are sent by no endpoint%s: " STR_FMT, missing, of_all,
        STR_ARG(text));
}

static void check_owner(
    struct doctor *doctor, uint32_t index, const char *check, const struct fetch_account *said)
{
    struct str wanted = doctor->config->details[index].account_id;
    struct str environment = doctor->config->details[index].environment;
    if (said->account_key.len == 0) {
        doctor_say(doctor, HEALTH_OK, check, "",
            "key.read is taken, and belongs to " STR_FMT "; it may not say to which account",
            STR_ARG(environment));
    } else if (wanted.len == 0) {
        doctor_say(doctor, HEALTH_OK, check, "",
            "key.read is taken, and belongs to " STR_FMT " in " STR_FMT, STR_ARG(said->account_key),
            STR_ARG(environment));
    } else if (!str_eq(said->account_key, wanted)) {
        doctor_say(doctor, HEALTH_FAILED, check,
            "use a key of this account, or correct account_id before anything is kept",
            "key.read belongs to " STR_FMT ", but account_id is " STR_FMT,
            STR_ARG(said->account_key), STR_ARG(wanted));
    } else {
        doctor_say(doctor, HEALTH_OK, check, "", "key.read is taken, and belongs to " STR_FMT,
            STR_ARG(wanted));
    }
}

/* Of an answer that is not the provider's own, the key says nothing. */
static const char *hint_of(enum err err)
{
    return err_is_retryable(err) ? "try again: back-fill and gap scans fail until this is answered"
           : err == ERR_MALFORMED
               ? "correct api_base, or what stands between: it is not the provider that answers"
               : "correct key.read: without it nothing that webhooks lose is found";
}

struct waiting {
    const struct command_context *context;
    struct progress progress;
};

static void show_wait(void *context, int64_t wait_us, const char *why)
{
    struct waiting *waiting = context;
    api_wait_show(&waiting->progress, waiting->context, wait_us, why);
}

static enum err look(struct doctor *doctor,
    const struct account *account,
    struct arena *arena,
    struct provider_api **ret_api,
    struct fetch_account *ret_said,
    struct err_info *reterr)
{
    const struct provider_api_ops *ops = account->provider->api;
    struct waiting waiting = {.context = doctor->context};
    TRY(account_open_api(account, doctor->context->env, NULL, ret_api, reterr));
    if (ops->tell_waits != NULL) {
        ops->tell_waits(*ret_api, show_wait, &waiting);
    }
    enum err err = ops->look(*ret_api, arena, ret_said, reterr);
    progress_clear(&waiting.progress);
    return err;
}

static void ask(struct doctor *doctor, uint32_t index, const char *check)
{
    const struct account *account = &doctor->config->accounts[index];
    struct err_info info = {""};
    struct fetch_account said = {0};
    struct provider_api *api = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    enum err err = arena == NULL ? err_set(&info, ERR_BUSY, "out of memory")
                                 : look(doctor, account, arena, &api, &said, &info);
    if (err != ERR_OK) {
        doctor_say(doctor, err_is_retryable(err) ? HEALTH_WARNING : HEALTH_FAILED, check,
            hint_of(err), "the provider was asked, and: %s", info.text);
    } else {
        check_owner(doctor, index, check, &said);
        check_endpoints(doctor, index, check, &said);
    }
    (void)account->provider->api->close(api);
}

void doctor_key(struct doctor *doctor, uint32_t index, const char *check)
{
    REQUIRE(doctor != NULL && index < doctor->config->account_count);
    const struct config_account *details = &doctor->config->details[index];
    if (details->key.problem.text[0] != '\0') {
        doctor_say(doctor, HEALTH_FAILED, check,
            "correct key.read, or leave it out until back-fill is wanted", "key.read: %s",
            details->key.problem.text);
    } else if (!account_is_readable(&doctor->config->accounts[index])) {
        doctor_say(doctor, HEALTH_WARNING, check,
            "set key.read to a restricted key that may read: docs/stripe-api.md says which "
            "permissions",
            "no key.read: what webhooks lose is neither noticed nor found");
    } else {
        ask(doctor, index, check);
    }
}
