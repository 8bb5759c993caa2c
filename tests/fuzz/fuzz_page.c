/* Any answer of the API: it is cut into elements or refused, within its bounds, and where it is
 * JSON the elements are those that a parser finds. The input is the cursor, a line feed, the page.
 */
#include "base/check.h"
#include "base/json.h"
#include "provider/stripe/api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES ((size_t)128 * 1024 * 1024)

static void check_against_parser(struct str page, const struct stripe_cut *cut, struct arena *arena)
{
    struct json_document document;
    if (json_parse(page, arena, &document) != ERR_OK) {
        return;
    }
    const struct json *elements = json_get(document.root, STR("data"));
    INVARIANT(elements != NULL && elements->kind == JSON_ARRAY);
    INVARIANT(elements->count == cut->count);
    INVARIANT(json_bool(json_get(document.root, STR("has_more")), !cut->has_more) == cut->has_more);
    const struct json *element = elements->first;
    for (uint32_t i = 0; i < cut->count; i++, element = element->next) {
        struct json_document alone;
        INVARIANT(json_parse(cut->elements[i], arena, &alone) == ERR_OK);
        INVARIANT(json_equal(element, alone.root));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str page = {(const char *)data, size};
    struct str cursor = str_cut(&page, '\n');
    struct stripe_cut cut;
    const char *why = NULL;
    if (stripe_cut_page(page, &cut, &why) != ERR_OK) {
        INVARIANT(why != NULL);
        return 0;
    }
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(arena_free) struct arena *scratch = arena_new(ARENA_BYTES);
    INVARIANT(arena != NULL && scratch != NULL);
    INVARIANT(cut.count <= LIMIT_API_PAGE);
    check_against_parser(page, &cut, arena);
    struct str ids[LIMIT_API_PAGE];
    for (uint32_t i = 0; i < cut.count; i++) {
        INVARIANT(cut.elements[i].data >= page.data);
        INVARIANT(cut.elements[i].data + cut.elements[i].len <= page.data + page.len);
        struct stripe_element element = {.id = STR_NONE};
        enum err err = stripe_element_read(cut.elements[i], scratch, arena, &element);
        INVARIANT(err == ERR_OK || err == ERR_MALFORMED);
        INVARIANT(element.id.len <= LIMIT_PROVIDER_ID_BYTES);
        ids[i] = element.id;
    }
    (void)stripe_page_problem(ids, cut.count, cut.has_more, cursor);
    return 0;
}
