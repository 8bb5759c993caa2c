#include "base/check.h"
#include "base/digest.h"
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include <inttypes.h>
#include <stdio.h>

enum err stripe_element_read(
    struct str bytes, struct arena *scratch, struct arena *arena, struct stripe_element *ret)
{
    REQUIRE(scratch != NULL);
    REQUIRE(arena != NULL && arena != scratch);
    REQUIRE(ret != NULL);
    struct stripe_element element = {.bytes = bytes};
    struct json_document document;
    arena_reset(scratch);
    enum err err = json_parse(bytes, scratch, &document);
    if (err == ERR_MALFORMED && document.problem != JSON_SYNTAX) {
        *ret = element; /* odd, but an element: like a webhook of its kind, it is kept */
        return ERR_OK;
    }
    TRY(err);
    if (document.root->kind != JSON_OBJECT) {
        return ERR_MALFORMED;
    }
    struct stripe_event said = {0}; /* these members are the same in every object */
    (void)stripe_fields_read_what_can_be(STRIPE_EVENT, document.root, &said);
    element.readable = true;
    element.text_replaced = document.replaced > 0;
    element.live = said.livemode;
    element.id = arena_copy(arena, said.id);
    element.object = arena_copy(arena, said.object);
    if (element.id.data == NULL || element.object.data == NULL) {
        return ERR_TOO_LARGE;
    }
    *ret = element;
    return ERR_OK;
}

static bool copy_text(struct arena *arena, struct str *text)
{
    *text = arena_copy(arena, *text);
    return text->data != NULL;
}

/* Into the caller's memory: until now they lie in the answer, or in scratch. */
static enum err keep(
    struct arena *arena, struct str bytes, const struct envelope *envelope, struct fetched *ret)
{
    struct fetched fetched = {.envelope = *envelope, .body = bytes};
    bool kept = copy_text(arena, &fetched.body) && copy_text(arena, &fetched.envelope.event_id) &&
                copy_text(arena, &fetched.envelope.type) &&
                copy_text(arena, &fetched.envelope.api_version) &&
                copy_text(arena, &fetched.envelope.account) &&
                copy_text(arena, &fetched.envelope.subject);
    if (!kept) {
        return ERR_TOO_LARGE;
    }
    *ret = fetched;
    return ERR_OK;
}

/* As a webhook would say it: an account's own objects name none. */
static struct str below(const struct provider_api *api, struct str account)
{
    return str_eq(account, str_from(api->account_key)) ? STR_NONE : account;
}

enum err stripe_fetched_event(struct provider_api *api,
    struct str account,
    const struct stripe_element *element,
    int64_t date_us,
    struct arena *arena,
    struct fetched *ret)
{
    REQUIRE(api != NULL);
    REQUIRE(element != NULL);
    arena_reset(api->scratch);
    struct envelope envelope = {0};
    enum err err = stripe_envelope_read(element->bytes, api->live, api->scratch, &envelope);
    if (err != ERR_OK) {
        return ERR_TOO_LARGE;
    }
    if (envelope.account.len == 0) {
        envelope.account = below(api, account); /* seen from there, an event does not name it */
    }
    envelope.proof_at_us = date_us > 0 ? date_us : env_now(api->env);
    return keep(arena, element->bytes, &envelope, ret);
}

#define MADE_ID_BYTES (LIMIT_PROVIDER_ID_BYTES + 1)

/* One object may be fetched again: each second has an id of its own. */
static void make_event_id(struct str id, int64_t date_us, char to[static MADE_ID_BYTES])
{
    char end[24];
    int end_len = snprintf(end, sizeof end, "@%" PRId64, date_us / US_PER_SECOND);
    char hash[2 * SHA256_BYTES];
    if (id.len + (size_t)end_len >
        LIMIT_PROVIDER_ID_BYTES) { /* some ids are merchants' own words */
        uint8_t digest[SHA256_BYTES];
        sha256(id, digest);
        hex_encode(hash, digest, SHA256_BYTES);
        id = (struct str){hash, sizeof hash};
    }
    int len = snprintf(to, MADE_ID_BYTES, STR_FMT "%s", STR_ARG(id), end);
    ENSURE(len > 0 && len < MADE_ID_BYTES);
}

enum err stripe_fetched_object(struct provider_api *api,
    struct str account,
    const struct stripe_element *element,
    int64_t date_us,
    struct arena *arena,
    struct fetched *ret)
{
    REQUIRE(api != NULL);
    REQUIRE(element != NULL && element->readable);
    REQUIRE(element->id.len > 0 && element->id.len <= LIMIT_PROVIDER_ID_BYTES);
    REQUIRE(element->object.len > 0);
    REQUIRE(date_us > 0);
    char event_id[MADE_ID_BYTES];
    make_event_id(element->id, date_us, event_id);
    char type[LIMIT_EVENT_TYPE_BYTES + 1];
    (void)snprintf(type, sizeof type, STRIPE_FETCHED_PREFIX STR_FMT, STR_ARG(element->object));
    bool other = element->live.said && element->live.value != api->live;
    struct envelope envelope = {
        .event_id = str_from(event_id),
        .type = str_prefix_utf8(str_from(type), LIMIT_EVENT_TYPE_BYTES),
        .api_version = STR(STRIPE_API_VERSION),
        .account = below(api, account),
        .subject = element->id,
        .occurred_at_us = date_us,
        .proof_at_us = date_us,
        .live = element->live.said ? element->live.value : api->live,
        .text_replaced = element->text_replaced,
        .reason = other ? REASON_WRONG_ENVIRONMENT : REASON_NONE,
    };
    sha256(element->bytes, envelope.body_sha256);
    memcpy(envelope.content_sha256, envelope.body_sha256, sizeof envelope.content_sha256);
    return keep(arena, element->bytes, &envelope, ret);
}
