#include "sandbox/archive.h"
#include "base/check.h"
#include "base/limits.h"
#include "sandbox/shelf.h"
#include <stdlib.h>

struct archive {
    struct archive_config config;
    struct shelf shelves[RESOURCE_COUNT];
    size_t event_bytes;
    struct buf body; /* of the object that is kept */
};

const struct resource_row resource_rows[RESOURCE_COUNT] = {
#define RESOURCE(name, object, path, subject, params)                                              \
    {(object), (path), SUBJECT_##subject, (params)},
#include "sandbox/resources.def"
#undef RESOURCE
};

static uint32_t room_of(const struct archive_config *config, enum resource resource)
{
    if (resource == RESOURCE_EVENT) {
        return config->events_max;
    }
    return resource_rows[resource].subject == SUBJECT_NONE ? 1 : config->objects_max;
}

struct archive *archive_new(const struct archive_config *config)
{
    REQUIRE(config->merchant != NULL);
    REQUIRE(config->events_max > 0);
    REQUIRE(config->objects_max > 0);
    struct archive *archive = calloc(1, sizeof *archive);
    if (archive == NULL) {
        return NULL;
    }
    archive->config = *config;
    buf_init(&archive->body, LIMIT_BODY_BYTES);
    for (int i = 0; i < RESOURCE_COUNT; i++) {
        uint32_t room = room_of(config, (enum resource)i);
        if (!shelf_init(&archive->shelves[i], room)) {
            return archive_free(archive);
        }
    }
    return archive;
}

const struct merchant *archive_merchant(const struct archive *archive)
{
    return archive->config.merchant;
}

static void forget_oldest(struct archive *archive, enum resource resource)
{
    struct shelf_row row = shelf_pop(&archive->shelves[resource]);
    if (resource == RESOURCE_EVENT) {
        INVARIANT(archive->event_bytes >= row.kept->len);
        archive->event_bytes -= row.kept->len;
    }
    free(row.kept);
}

struct archive *archive_free(struct archive *archive)
{
    if (archive != NULL) {
        for (int i = 0; i < RESOURCE_COUNT; i++) {
            while (archive->shelves[i].first < archive->shelves[i].end) {
                forget_oldest(archive, (enum resource)i);
            }
            shelf_fini(&archive->shelves[i]);
        }
        buf_fini(&archive->body);
        free(archive);
    }
    return NULL;
}

/* ---- what comes ------------------------------------------------------------------------------ */

static struct kept_body *keep(struct str body)
{
    struct kept_body *kept = calloc(1, sizeof *kept + body.len);
    if (kept != NULL) {
        kept->len = body.len;
        memcpy(kept->body, body.data, body.len);
    }
    return kept;
}

/* The last one: what the event is about stands before it. */
static size_t find_pending(struct str body)
{
    static const char name[] = "\"pending_webhooks\": ";
    size_t name_len = sizeof name - 1;
    for (size_t at = body.len - name_len; at > 0; at--) {
        if (memcmp(body.data + at, name, name_len) == 0) {
            return at + name_len;
        }
    }
    UNREACHABLE(); /* the merchant renders every event with it */
}

static enum err add_event(struct archive *archive, const struct merchant_event *event)
{
    struct shelf *events = &archive->shelves[RESOURCE_EVENT];
    struct shelf_row row = {
        .created_s = event->at_us / 1000000, .owner = event->owner, .kept = keep(event->body)};
    if (row.kept == NULL) {
        return ERR_BUSY;
    }
    row.kept->pending_at = find_pending(event->body);
    (void)str_copy_to(row.kept->type, sizeof row.kept->type, event->type);
    (void)str_copy_to(row.id, sizeof row.id, event->id);
    while (events->first < events->end &&
           (shelf_is_full(events) ||
               archive->event_bytes + row.kept->len > archive->config.event_bytes_max)) {
        forget_oldest(archive, RESOURCE_EVENT);
    }
    archive->event_bytes += row.kept->len;
    shelf_push(events, &row);
    return ERR_OK;
}

static enum err keep_told(struct archive *archive, struct kept_body **ret_kept)
{
    struct merchant_view view;
    buf_clear(&archive->body);
    merchant_render_told(archive->config.merchant, archive->config.version, &archive->body);
    struct kept_body *kept = archive->body.failed ? NULL : keep(buf_str(&archive->body));
    if (kept == NULL) {
        return ERR_BUSY;
    }
    merchant_look_told(archive->config.merchant, &view);
    (void)str_copy_to(kept->payment_intent, sizeof kept->payment_intent, view.payment_intent);
    (void)str_copy_to(kept->charge, sizeof kept->charge, view.charge);
    *ret_kept = kept;
    return ERR_OK;
}

static enum err add_object(
    struct archive *archive, enum resource resource, const struct merchant_event *event)
{
    struct shelf *shelf = &archive->shelves[resource];
    struct merchant_view view;
    uint64_t position = 0;
    merchant_look_told(archive->config.merchant, &view);
    if (shelf_find(shelf, view.id, &position)) {
        return ERR_OK;
    }
    struct shelf_row row = {
        .created_s = view.created_s, .owner = view.owner, .object = event->object};
    (void)str_copy_to(row.id, sizeof row.id, view.id);
    if (event->object.told_once) {
        TRY(keep_told(archive, &row.kept));
    }
    if (shelf_is_full(shelf)) {
        forget_oldest(archive, resource);
    }
    shelf_push(shelf, &row);
    return ERR_OK;
}

enum err archive_add(struct archive *archive, const struct merchant_event *event)
{
    REQUIRE(archive != NULL);
    if (event->fate == EVENT_AND_OBJECT_UNTOLD) {
        return ERR_OK;
    }
    for (int i = RESOURCE_EVENT + 1; event->object.subject != SUBJECT_NONE && i < RESOURCE_COUNT;
         i++) {
        if (resource_rows[i].subject == event->object.subject) {
            TRY(add_object(archive, (enum resource)i, event));
        }
    }
    return event->fate == EVENT_TOLD ? add_event(archive, event) : ERR_OK;
}

void archive_delivered(struct archive *archive, struct str event_id)
{
    REQUIRE(archive != NULL);
    struct shelf *events = &archive->shelves[RESOURCE_EVENT];
    uint64_t position = 0;
    if (shelf_find(events, event_id, &position)) {
        struct kept_body *event = shelf_at(events, position)->kept;
        event->delivered = true;
        event->body[event->pending_at] = '0';
    }
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static bool is_of_type(struct str type, struct str wanted)
{
    if (wanted.len > 0 && wanted.data[wanted.len - 1] == '*') {
        return str_starts_with(type, (struct str){wanted.data, wanted.len - 1});
    }
    return str_eq(type, wanted);
}

static bool event_matches(const struct kept_body *event, const struct archive_query *query)
{
    if (query->delivery != DELIVERY_ANY && event->delivered != (query->delivery == DELIVERY_DONE)) {
        return false;
    }
    bool found = query->type_count == 0;
    for (uint32_t i = 0; i < query->type_count && !found; i++) {
        found = is_of_type(str_from(event->type), query->types[i]);
    }
    return found;
}

static bool is_or_any(struct str wanted, struct str is)
{
    return wanted.len == 0 || str_eq(wanted, is);
}

static bool object_matches(const struct merchant_view *view, const struct archive_query *query)
{
    return !view->deleted && (query->with_ended || !view->ended) &&
           is_or_any(query->customer, view->customer) &&
           is_or_any(query->payment_intent, view->payment_intent) &&
           is_or_any(query->charge, view->charge) &&
           is_or_any(query->destination, view->destination);
}

static void look(
    const struct archive *archive, const struct shelf_row *row, struct merchant_view *ret)
{
    if (row->kept == NULL) {
        merchant_look(archive->config.merchant, row->object, ret);
        return;
    }
    *ret = (struct merchant_view){.id = str_from(row->id),
        .payment_intent = str_from(row->kept->payment_intent),
        .charge = str_from(row->kept->charge),
        .created_s = row->created_s};
}

static bool matches(const struct archive *archive,
    enum resource resource,
    const struct shelf_row *row,
    const struct archive_query *query)
{
    struct merchant_view view;
    if (row->owner != query->owner || row->created_s < query->created_from_s ||
        row->created_s > query->created_to_s) {
        return false;
    }
    if (resource == RESOURCE_EVENT) {
        return event_matches(row->kept, query);
    }
    look(archive, row, &view);
    return object_matches(&view, query);
}

/* False: the page is full, and there is more. */
static bool page_add(struct archive_page *page, uint32_t limit, uint64_t position)
{
    page->more = page->count == limit;
    if (!page->more) {
        page->rows[page->count++] = position;
    }
    return !page->more;
}

static void page_turn(struct archive_page *page)
{
    for (uint32_t i = 0; i < page->count / 2; i++) {
        uint64_t row = page->rows[i];
        page->rows[i] = page->rows[page->count - 1 - i];
        page->rows[page->count - 1 - i] = row;
    }
}

enum err archive_list(const struct archive *archive,
    enum resource resource,
    const struct archive_query *query,
    struct archive_page *ret_page)
{
    REQUIRE(archive != NULL);
    REQUIRE(resource < RESOURCE_COUNT);
    REQUIRE(query->limit >= 1 && query->limit <= ARCHIVE_LIMIT_MAX);
    REQUIRE(query->starting_after.len == 0 || query->ending_before.len == 0);
    const struct shelf *shelf = &archive->shelves[resource];
    struct archive_page page = {0};
    bool upward = query->ending_before.len > 0;
    struct str cursor = upward ? query->ending_before : query->starting_after;
    uint64_t at = shelf->end;
    if (cursor.len > 0) {
        TRY(archive_find(archive, resource, query->owner, cursor, &at));
    }
    bool going = true;
    if (upward) {
        while (going && ++at < shelf->end) {
            going = !matches(archive, resource, shelf_at(shelf, at), query) ||
                    page_add(&page, query->limit, at);
        }
        page_turn(&page);
    }
    while (!upward && going && at-- > shelf->first) {
        going = !matches(archive, resource, shelf_at(shelf, at), query) ||
                page_add(&page, query->limit, at);
    }
    *ret_page = page;
    return ERR_OK;
}

enum err archive_find(const struct archive *archive,
    enum resource resource,
    uint32_t owner,
    struct str id,
    uint64_t *ret_row)
{
    REQUIRE(archive != NULL);
    REQUIRE(resource < RESOURCE_COUNT);
    const struct shelf *shelf = &archive->shelves[resource];
    uint64_t row = 0;
    if (!shelf_find(shelf, id, &row) || shelf_at(shelf, row)->owner != owner) {
        return ERR_NOT_FOUND;
    }
    *ret_row = row;
    return ERR_OK;
}

static void render_deleted(const char *object, const char *id, struct buf *to)
{
    buf_addf(to, "{\"id\":\"%s\",\"object\":\"%s\",\"deleted\":true}", id, object);
}

void archive_render(const struct archive *archive,
    enum resource resource,
    uint64_t row,
    struct merchant_rendering rendering,
    struct buf *to)
{
    REQUIRE(resource < RESOURCE_COUNT);
    const struct shelf *shelf = &archive->shelves[resource];
    REQUIRE(row >= shelf->first && row < shelf->end);
    const struct shelf_row *at = shelf_at(shelf, row);
    if (at->kept != NULL) {
        buf_add(to, (struct str){at->kept->body, at->kept->len});
        return;
    }
    struct merchant_view view;
    merchant_look(archive->config.merchant, at->object, &view);
    if (view.deleted) {
        render_deleted(resource_rows[resource].object, at->id, to);
        return;
    }
    merchant_render(archive->config.merchant, at->object, rendering, to);
}

void archive_render_list(const struct archive *archive,
    enum resource resource,
    uint64_t row,
    struct str name,
    enum api_version version,
    struct buf *to)
{
    REQUIRE(resource < RESOURCE_COUNT);
    const struct shelf_row *at = shelf_at(&archive->shelves[resource], row);
    if (at->kept != NULL) {
        buf_add(to, STR("[]"));
        return;
    }
    merchant_render_list(archive->config.merchant, at->object, name, version, to);
}
