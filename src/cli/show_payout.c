#include "cli/show_payout.h"
#include "base/check.h"
#include "store/records.h"
#include "cli/command.h"
#include <stdlib.h>

#define PAGE_LINES 500
#define PAGE_BYTES ((size_t)32 * 1024 * 1024)

/* --- words --- */

enum {
    GROUPED_KINDS = 0
#define IN_GROUP(KIND, GROUP) +1
#include "cli/show_payout.def"
};

static enum payout_group group_of(enum line_kind kind)
{
    static const enum payout_group groups[] = {
#define IN_GROUP(KIND, GROUP) [LINE_##KIND] = GROUP_##GROUP,
#include "cli/show_payout.def"
    };
    _Static_assert((int)GROUPED_KINDS == (int)LINE_KIND_COUNT, "a group for each");
    REQUIRE(kind < LINE_KIND_COUNT);
    return groups[kind];
}

const char *payout_group_word(enum payout_group group)
{
    static const char *const words[] = {
#define GROUP(NAME, word, title) word,
#include "cli/show_payout.def"
    };
    return words[group];
}

const char *payout_group_title(enum payout_group group)
{
    static const char *const titles[] = {
#define GROUP(NAME, word, title) title,
#include "cli/show_payout.def"
    };
    return titles[group];
}

/* --- lines --- */

struct page {
    const struct payout *payout;
    struct own_id after;
    struct arena *arena;
    struct kept_lines kept;
    struct payout_line *lines; /* kept.count of them */
    bool own;                  /* not those in it: those about it */
};

static int compare_ids(const void *a, const void *b)
{
    return own_id_compare(*(const struct own_id *)a, *(const struct own_id *)b);
}

/* Of lines that are about an attempt: its payment, where that is known. */
static enum err find_payments(struct store *store, struct page *page, struct err_info *reterr)
{
    struct own_id *ids = arena_new_array(page->arena, struct own_id, page->kept.count);
    void **records = NULL;
    uint32_t count = 0;
    if (ids == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    for (uint32_t i = 0; i < page->kept.count; i++) {
        if (!own_id_is_none(page->lines[i].object) && page->lines[i].kind == ID_ATTEMPT) {
            ids[count++] = page->lines[i].object;
        }
    }
    TRY(records_load(
        store, record_kind_of(ID_ATTEMPT), ids, count, false, page->arena, &records, reterr));
    for (uint32_t i = 0; i < page->kept.count; i++) {
        struct payout_line *line = &page->lines[i];
        if (own_id_is_none(line->object) || line->kind != ID_ATTEMPT) {
            continue;
        }
        const struct own_id *at = bsearch(&line->object, ids, count, sizeof *ids, compare_ids);
        INVARIANT(at != NULL);
        const struct attempt *attempt = records[at - ids];
        if (attempt != NULL && !own_id_is_none(attempt->payment_id)) {
            line->kind = ID_PAYMENT;
            line->object = attempt->payment_id;
        }
    }
    return ERR_OK;
}

static enum err read_page(struct store *store, void *context, struct err_info *reterr)
{
    struct page *page = context;
    struct own_id id = page->payout->head.id;
    arena_reset(page->arena);
    TRY(page->own ? statement_of_source(
                        store, id, page->after, PAYOUT_OWN_MAX, page->arena, &page->kept, reterr)
                  : statement_of_payout(
                        store, id, page->after, PAGE_LINES, page->arena, &page->kept, reterr));
    uint32_t count = page->kept.count;
    struct str *names = arena_new_array(page->arena, struct str, count);
    page->lines = arena_new_array(page->arena, struct payout_line, count);
    if (names == NULL || page->lines == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(statement_source_names(store, page->kept.items, count, page->arena, names, reterr));
    for (uint32_t i = 0; i < count; i++) {
        const struct kept_line *kept = &page->kept.items[i];
        page->lines[i] = (struct payout_line){
            kept, group_of(kept->line.kind), kept->source_kind, kept->line.source, names[i]};
    }
    return find_payments(store, page, reterr);
}

/* Its own line is none of those in it, should a source have said so. */
static void leave_own_out(struct page *page)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < page->kept.count; i++) {
        const struct kept_line *kept = page->lines[i].kept;
        bool is_own =
            kept->line.kind == LINE_PAYOUT && own_id_eq(kept->line.source, page->payout->head.id);
        if (!is_own) {
            page->lines[count++] = page->lines[i];
        }
    }
    page->kept.count = count;
}

enum err payout_lines_walk(struct store *store,
    const struct payout *payout,
    payout_lines_fn *take,
    void *context,
    struct err_info *reterr)
{
    REQUIRE(payout != NULL && take != NULL);
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BYTES);
    struct page page = {.payout = payout, .arena = arena};
    bool more = true;
    if (arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    while (more) {
        TRY(command_transaction(store, STORE_READ, read_page, &page, reterr));
        more = page.kept.count == PAGE_LINES;
        if (page.kept.count > 0) {
            page.after = page.kept.items[page.kept.count - 1].line.id;
        }
        leave_own_out(&page);
        TRY(take(context, page.lines, page.kept.count, reterr));
    }
    return ERR_OK;
}

/* --- sums --- */

static void keep(struct newest_line *to, const struct payout_line *line)
{
    to->line = *line;
    to->kept = *line->kept;
    (void)str_copy_to(to->provider_id, sizeof to->provider_id, line->kept->provider_id);
    (void)str_copy_to(to->name, sizeof to->name, line->name);
    to->kept.provider_id = str_from(to->provider_id);
    to->kept.type = to->kept.category = to->kept.text = STR_NONE;
    to->line.kept = &to->kept;
    to->line.name = str_from(to->name);
}

/* Texts and pointers go along. */
static void keep_newest(struct payout_content *content, const struct payout_line *line)
{
    if (content->newest_count == PAYOUT_NEWEST) {
        for (uint32_t i = 1; i < PAYOUT_NEWEST; i++) {
            struct newest_line older = content->newest[i];
            older.line.kept = &older.kept;
            older.kept.provider_id = str_from(older.provider_id);
            older.line.name = str_from(older.name);
            keep(&content->newest[i - 1], &older.line);
        }
        content->newest_count--;
    }
    keep(&content->newest[content->newest_count++], line);
}

static enum err sum_add(struct group_sum *sum, const struct statement_line *line)
{
    sum->count++;
    TRY(minor_add(sum->amount_minor, line->amount_minor, &sum->amount_minor));
    TRY(minor_add(sum->fee_minor, line->fee_minor, &sum->fee_minor));
    return minor_add(sum->net_minor, line->net_minor, &sum->net_minor);
}

enum err payout_content_add(struct payout_content *content, const struct payout_line *line)
{
    const struct statement_line *said = &line->kept->line;
    if (own_id_is_none(content->oldest)) {
        content->oldest = said->id;
    }
    keep_newest(content, line);
    if (!currency_eq(said->currency, content->payout->currency)) {
        content->other_currency++;
        return ERR_OK;
    }
    TRY(sum_add(&content->sum, said));
    return sum_add(&content->groups[line->group], said);
}

static enum err add_lines(
    void *context, const struct payout_line *lines, uint32_t count, struct err_info *reterr)
{
    for (uint32_t i = 0; i < count; i++) {
        if (payout_content_add(context, &lines[i]) != ERR_OK) {
            return err_set(reterr, ERR_OVERFLOW, "the lines' sum does not fit into 64 bits");
        }
    }
    return ERR_OK;
}

/* --- its own lines --- */

enum err payout_own_read(struct store *store,
    struct payout_content *content,
    struct arena *arena,
    struct err_info *reterr)
{
    struct page own = {.payout = content->payout, .arena = arena, .own = true};
    content->own_count = 0;
    TRY(read_page(store, &own, reterr));
    for (uint32_t i = 0; i < own.kept.count; i++) {
        if (own.lines[i].group == GROUP_PAYOUTS) {
            keep(&content->own[content->own_count++], &own.lines[i]);
        }
    }
    return ERR_OK;
}

enum err payout_content_read(struct store *store,
    const struct payout *payout,
    struct payout_content *ret,
    struct err_info *reterr)
{
    REQUIRE(payout != NULL && ret != NULL);
    *ret = (struct payout_content){.payout = payout};
    TRY(payout_lines_walk(store, payout, add_lines, ret, reterr));
    return payout_content_conclude(store, ret, reterr);
}
