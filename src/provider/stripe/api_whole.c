/* Stripe shows the first ten elements of a list inside an object. An object that was asked for
 * shall say everything under one stamp, so the others are asked for and put into its bytes. */
#include "base/check.h"
#include "provider/stripe/api.h"
#include "provider/stripe/objects.h"

/* The names of an object's lists that the mapping reads, one after the other; empty at the end. */
static struct str list_name(enum stripe_object object, size_t *at)
{
    size_t embed_count = 0;
    size_t field_count = 0;
    const struct stripe_embed *embeds = stripe_embeds(&embed_count);
    const struct stripe_field *fields = stripe_field_rows(&field_count);
    for (; *at < embed_count; (*at)++) {
        if (embeds[*at].object == object) {
            return str_from(embeds[(*at)++].path);
        }
    }
    for (; *at < embed_count + field_count; (*at)++) {
        const struct stripe_field *field = &fields[*at - embed_count];
        if (field->object == object && field->type == STRIPE_LIST) {
            (*at)++;
            return field->path;
        }
    }
    return STR_NONE;
}

bool stripe_has_cut_list(const struct stripe_element *element)
{
    enum stripe_object object;
    size_t at = 0;
    struct stripe_inner_list list;
    if (!element->readable || !stripe_object_parse(element->object, &object)) {
        return false;
    }
    struct str name = list_name(object, &at);
    while (name.len > 0 && !stripe_cut_inner_list(element->bytes, name, &list)) {
        name = list_name(object, &at);
    }
    return name.len > 0;
}

static void add_rest(struct buf *to, const struct stripe_rest *rest)
{
    for (uint32_t i = 0; i < rest->count; i++) {
        buf_add_char(to, ',');
        buf_add(to, rest->bodies[i]);
    }
}

static void add_between(struct buf *to, const char *from, const char *end)
{
    buf_add(to, (struct str){from, (size_t)(end - from)});
}

/* Empty when it is larger than the inbox keeps. */
static struct str splice(struct str bytes,
    const struct stripe_inner_list *list,
    const struct stripe_rest *rest,
    struct arena *arena)
{
    CLEANUP(buf_fini) struct buf to;
    buf_init(&to, LIMIT_BODY_BYTES);
    const char *end = bytes.data + bytes.len;
    const char *bracket = list->data.data + list->data.len - 1;
    const char *word = list->has_more.data;
    const char *behind_word = word + list->has_more.len;
    if (word < bracket) {
        add_between(&to, bytes.data, word);
        buf_add(&to, STR("false"));
        add_between(&to, behind_word, bracket);
        add_rest(&to, rest);
        add_between(&to, bracket, end);
    } else {
        add_between(&to, bytes.data, bracket);
        add_rest(&to, rest);
        add_between(&to, bracket, word);
        buf_add(&to, STR("false"));
        add_between(&to, behind_word, end);
    }
    return to.failed ? STR_NONE : arena_copy(arena, buf_str(&to));
}

/* That there is no such list does not say that there is no such object. */
static enum err list_failed(enum err err, const struct err_info *info, struct err_info *reterr)
{
    bool is_gone = err == ERR_NOT_FOUND || err == ERR_INVALID;
    return err_set(reterr, is_gone ? ERR_MALFORMED : err, "%s", info->text);
}

/* Sets *is_cut where a bound leaves the list as it is. */
static enum err continue_list(struct provider_api *api,
    struct str account,
    struct stripe_element *element,
    const struct stripe_inner_list *list,
    struct arena *arena,
    bool *is_cut,
    struct err_info *reterr)
{
    struct err_info info = {""};
    struct stripe_element last = {.bytes = STR_NONE};
    struct stripe_rest rest = {0};
    enum err err = ERR_OK;
    if (list->last.len > 0) {
        err = stripe_element_read(list->last, api->scratch, arena, &last);
    }
    if (err == ERR_OK) {
        err = stripe_api_rest_of_list(api, account, list->url, last.id, arena, &rest, &info);
    } else {
        (void)err_set(&info, err, "the last element of an embedded list cannot be read");
    }
    if (err != ERR_OK && !rest.is_too_long) {
        return list_failed(err, &info, reterr);
    }
    struct str whole = err == ERR_OK ? splice(element->bytes, list, &rest, arena) : STR_NONE;
    *is_cut = *is_cut || whole.len == 0;
    element->bytes = whole.len > 0 ? whole : element->bytes;
    return ERR_OK;
}

enum err stripe_api_make_whole(struct provider_api *api,
    struct str account,
    struct stripe_element *element,
    struct arena *arena,
    bool *ret_is_cut,
    struct err_info *reterr)
{
    REQUIRE(api != NULL && arena != NULL);
    REQUIRE(element != NULL && element->readable);
    REQUIRE(ret_is_cut != NULL);
    enum stripe_object object;
    size_t at = 0;
    *ret_is_cut = false;
    if (!stripe_object_parse(element->object, &object)) {
        return ERR_OK;
    }
    for (struct str name = list_name(object, &at); name.len > 0; name = list_name(object, &at)) {
        struct stripe_inner_list list;
        if (stripe_cut_inner_list(element->bytes, name, &list)) {
            TRY(continue_list(api, account, element, &list, arena, ret_is_cut, reterr));
        }
    }
    return ERR_OK;
}
