#include "cli/show.h"
#include "base/check.h"
#include "cli/discrepancies.h"
#include "cli/object_word.h"
#include "cli/output.h"
#include "cli/scope_word.h"
#include <stdlib.h>

#define ARENA_BYTES ((size_t)128 * 1024 * 1024)
#define DISCREPANCIES_MAX 20 /* of each object */
#define OPEN_ROWS 500        /* of each status that is looked through for events about the object */

struct asking {
    struct command_context *context;
    const struct config *config;
    struct arena *arena;
    struct object_word word;
    struct object_found found;
    struct shown shown;
    bool all_lines, csv; /* of a payout */
};

/* --- its timeline --- */

struct moments {
    struct moment *at;
    uint32_t count, room;
};

/* The room doubles; what it leaves behind goes with the arena. */
static enum err add_moment(
    struct asking *asking, struct moments *moments, struct moment moment, struct err_info *reterr)
{
    if (moments->count == moments->room) {
        uint32_t room = moments->room == 0 ? 256 : 2 * moments->room;
        struct moment *at = arena_new_array(asking->arena, struct moment, room);
        if (at == NULL) {
            return err_set(reterr, ERR_TOO_LARGE, "the timeline is too long");
        }
        for (uint32_t i = 0; i < moments->count; i++) {
            at[i] = moments->at[i];
        }
        moments->at = at;
        moments->room = room;
    }
    moments->at[moments->count++] = moment;
    return ERR_OK;
}

static enum err add_effects(
    struct store *store, struct asking *asking, struct moments *moments, struct err_info *reterr)
{
    struct shown *shown = &asking->shown;
    struct own_id *ids = arena_new_array(asking->arena, struct own_id, shown->object_count);
    struct timeline_entry *entries = NULL;
    uint32_t whole_count = 0;
    uint32_t count = 0;
    if (ids == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    for (uint32_t i = 0; i < shown->object_count; i++) {
        if (shown->objects[i].way == PART_WHOLE) {
            ids[whole_count++] = shown->objects[i].id;
        }
    }
    TRY(effects_of_objects(store, ids, whole_count, asking->arena, &entries, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        TRY(add_moment(asking, moments,
            (struct moment){.seq = entries[i].effect.seq, .effect = &entries[i]}, reterr));
    }
    return ERR_OK;
}

static enum err add_events(
    struct store *store, struct asking *asking, struct moments *moments, struct err_info *reterr)
{
    for (uint32_t i = 0; i < asking->shown.object_count; i++) {
        const struct shown_object *object = &asking->shown.objects[i];
        struct feed_entry *entries = NULL;
        uint32_t count = 0;
        if (object->way != PART_WHOLE || record_kind_of(object->kind)->event_count == 0) {
            continue; /* what attempts bring stands at their payment */
        }
        TRY(feed_of(store, object->id, asking->arena, &entries, &count, reterr));
        for (uint32_t j = 0; j < count; j++) {
            TRY(add_moment(asking, moments,
                (struct moment){.seq = entries[j].cause_seq, .event = &entries[j]}, reterr));
        }
    }
    return ERR_OK;
}

static enum err add_discrepancies(
    struct store *store, struct asking *asking, struct err_info *reterr)
{
    struct shown *shown = &asking->shown;
    struct own_id *ids = arena_new_array(asking->arena, struct own_id, shown->object_count);
    uint32_t count = 0;
    if (ids == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    for (uint32_t i = 0; i < shown->object_count; i++) {
        if (shown->objects[i].way == PART_WHOLE) {
            ids[count++] = shown->objects[i].id;
        }
    }
    return discrepancies_about(store, ids, count, DISCREPANCIES_MAX, asking->arena,
        &shown->discrepancies, &shown->discrepancy_count, reterr);
}

static bool is_about(const struct shown *shown, struct str subject)
{
    for (uint32_t i = 0; i < shown->object_count; i++) {
        const struct shown_object *object = &shown->objects[i];
        for (uint32_t j = 0; j < object->provider_id_count; j++) {
            if (object->way == PART_WHOLE && str_eq(object->provider_ids[j], subject)) {
                return true;
            }
        }
    }
    return false;
}

/* Events about it that wait or are dead have no effect to be found by: the newest of each status
 * are looked through. */
static enum err add_open(
    struct store *store, struct asking *asking, struct moments *moments, struct err_info *reterr)
{
    static const enum work_status open[] = {WORK_NEW, WORK_CLAIMED, WORK_WAITING, WORK_DEAD};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        struct inbox_row *rows = NULL;
        uint32_t count = 0;
        const struct inbox_filter filter = {.by_status = true,
            .status = open[i],
            .scope = asking->found.scope,
            .newest_first = true,
            .limit = OPEN_ROWS};
        TRY(inbox_list(store, &filter, asking->arena, &rows, &count, reterr));
        for (uint32_t j = 0; j < count; j++) {
            if (rows[j].subject.len > 0 && is_about(&asking->shown, rows[j].subject)) {
                TRY(add_moment(asking, moments,
                    (struct moment){.seq = rows[j].seq, .open = &rows[j]}, reterr));
            }
        }
    }
    return ERR_OK;
}

static int compare_moments(const void *a, const void *b)
{
    const struct moment *left = a;
    const struct moment *right = b;
    if (left->seq != right->seq) {
        return left->seq < right->seq ? -1 : 1;
    }
    if ((left->event == NULL) != (right->event == NULL)) {
        return left->event == NULL ? -1 : 1; /* what came in, then what it brought */
    }
    if (left->event != NULL) {
        return (left->event->position > right->event->position) -
               (left->event->position < right->event->position);
    }
    if (left->effect != NULL && right->effect != NULL) {
        return own_id_compare(left->effect->effect.object_id, right->effect->effect.object_id);
    }
    return (left->open != NULL) - (right->open != NULL);
}

static enum err find_scope(struct store *store, struct asking *asking, struct err_info *reterr)
{
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    TRY(scope_list(store, asking->arena, &rows, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].scope == asking->found.scope) {
            asking->shown.scope = rows[i];
        }
    }
    return ERR_OK;
}

/* A payout may be known by its line alone. */
static enum err find_in_statement(
    struct store *store, struct asking *asking, struct err_info *reterr)
{
    struct payout *payout = NULL;
    struct object_found found = {.kind = ID_PAYOUT};
    struct str word = asking->word.id;
    int64_t scope = 0;
    enum id_kind kind = ID_PAYOUT;
    if (asking->word.scope_word.len > 0) {
        TRY(scope_find(
            store, asking->config, asking->word.scope_word, asking->arena, &scope, reterr));
    }
    if (own_id_parse(word, &kind, &found.id) != ERR_OK) {
        TRY(ref_find(store, scope, ID_PAYOUT, word, &found.id, &found.scope, reterr));
    }
    if (kind != ID_PAYOUT || (asking->word.kind_given && asking->word.wanted != ID_PAYOUT)) {
        return ERR_NOT_FOUND;
    }
    TRY(payout_of_statement(store, found.id, asking->arena, &payout, reterr));
    found.scope = payout->head.scope;
    found.record = payout;
    asking->found = found;
    return ERR_OK;
}

static enum err find(struct store *store, struct asking *asking, struct err_info *reterr)
{
    struct err_info other; /* what was not found at first is what is told */
    enum err err = object_word_find(
        store, asking->config, &asking->word, asking->arena, &asking->found, reterr);
    if (err == ERR_NOT_FOUND && find_in_statement(store, asking, &other) == ERR_OK) {
        return ERR_OK;
    }
    return err;
}

static enum err read_shown(struct store *store, void *context, struct err_info *reterr)
{
    struct asking *asking = context;
    struct moments moments = {0};
    arena_reset(asking->arena);
    asking->shown = (struct shown){0};
    TRY(find(store, asking, reterr));
    TRY(show_gather(
        store, asking->found.kind, asking->found.record, asking->arena, &asking->shown, reterr));
    TRY(show_prices(store, asking->arena, &asking->shown, reterr));
    TRY(find_scope(store, asking, reterr));
    TRY(add_effects(store, asking, &moments, reterr));
    TRY(add_events(store, asking, &moments, reterr));
    TRY(add_open(store, asking, &moments, reterr));
    TRY(add_discrepancies(store, asking, reterr));
    if (moments.count > 0) {
        qsort(moments.at, moments.count, sizeof *moments.at, compare_moments);
    }
    asking->shown.moments = moments.at;
    asking->shown.moment_count = moments.count;
    return ERR_OK;
}

/* --- the command --- */

static int refuse_or_fail(
    const struct command_context *context, enum err err, const struct err_info *info)
{
    bool ours = err == ERR_NOT_FOUND || err == ERR_CONFLICT || err == ERR_USAGE;
    return ours ? command_refuse(context, err, "%s", info->text) : command_fail(context, err, info);
}

static int print_all_lines(struct asking *asking, struct store *store)
{
    struct err_info info = {""};
    enum payout_form form = asking->csv             ? PAYOUT_CSV
                            : asking->context->json ? PAYOUT_JSON
                                                    : PAYOUT_TEXT;
    if (asking->found.kind != ID_PAYOUT) {
        return command_refuse(asking->context, ERR_USAGE,
            "that is a %s: --lines and --csv are for payouts", id_kind_word(asking->found.kind));
    }
    if (form == PAYOUT_TEXT) {
        show_object(&asking->shown.objects[0]);
        out(STR("\n"));
    }
    enum err err = payout_print_all(store, asking->found.record, form, &info);
    return err == ERR_OK ? 0 : command_fail(asking->context, err, &info);
}

static int print(struct asking *asking, struct store *store)
{
    struct err_info info = {""};
    if (asking->all_lines || asking->csv) {
        return print_all_lines(asking, store);
    }
    if (asking->found.kind == ID_PAYOUT) {
        struct payout_content *content = arena_new_array(asking->arena, struct payout_content, 1);
        enum err err = content == NULL
                           ? ERR_BUSY
                           : payout_content_read(store, asking->found.record, content, &info);
        if (err != ERR_OK) {
            return command_fail(asking->context, err, &info);
        }
        asking->shown.content = content;
    }
    if (asking->context->json) {
        show_json(&asking->shown);
    } else {
        show_text(&asking->shown, env_now(asking->context->env));
    }
    return 0;
}

static int run(struct asking *asking)
{
    int exit_code = 0;
    struct err_info info = {""};
    struct command_context *context = asking->context;
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    if (arena == NULL) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    if (command_open_ready(context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    asking->config = config;
    asking->arena = arena;
    enum err err = command_transaction(store, STORE_READ, read_shown, asking, &info);
    return err == ERR_OK ? print(asking, store) : refuse_or_fail(context, err, &info);
}

#define HELP_BYTES_MAX 4096
#define HELP_COLUMNS 90

static void add_kinds(struct buf *to)
{
    size_t column = strlen("Kinds:");
    buf_add(to, STR("Kinds:"));
    for (int i = 0; i < ID_KIND_COUNT; i++) {
        const char *word = id_kind_word((enum id_kind)i);
        bool fits = column + strlen(word) + 2 <= HELP_COLUMNS;
        column = (fits ? column : 0) + strlen(word) + 2;
        buf_addf(to, "%s%s%s", fits ? " " : "\n", word, i + 1 == ID_KIND_COUNT ? "." : ",");
    }
}

int command_show(struct command_context *context)
{
    struct asking asking = {.context = context};
    const struct option_row options[] = {
        {"--scope", OPTION_TEXT, "SCOPE", "where a provider's id is known in several",
            &asking.word.scope_word},
        {"--lines", OPTION_FLAG, NULL, "of a payout: every line in it", &asking.all_lines},
        {"--csv", OPTION_FLAG, NULL, "of a payout: every line in it, for programs", &asking.csv},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    CLEANUP(buf_fini) struct buf description;
    buf_init(&description, HELP_BYTES_MAX);
    buf_add(&description,
        STR("Shows an object by its own id or the provider's: its fields, its parts (the attempts "
            "and refunds\n"
            "of a payment, the lines of an invoice...), and its timeline: every event that came in "
            "about it,\n"
            "what it did and why not, and the domain events that followed. Of parts without end "
            "the newest\n"
            "are shown. The id of an attempt (a charge) leads to its payment.\n"
            "What does not agree about it is named; by such an id (cf_dcp_...) its evidence is "
            "shown.\n"
            "A payout also shows what is in it, from its amount down to the lines of the "
            "provider's\n"
            "statement, and what remains and why.\n\n"));
    add_kinds(&description);
    buf_add_char(&description, '\0');
    if (description.failed) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    const struct usage usage = {
        .synopsis = "show [KIND] ID [--lines|--csv]",
        .description = description.data,
        .options = options,
    };
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 1, 2, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    if (count == 1 && str_starts_with(str_from(words[0]), STR(DISCREPANCY_PREFIX))) {
        return discrepancy_show(context, words[0]);
    }
    asking.word.kind_given = count == 2;
    if (count == 2) {
        err = object_kind_take(context, str_from(words[0]), &asking.word.wanted);
        if (err != ERR_OK) {
            return err_exit_code(err);
        }
    }
    asking.word.id = str_from(words[count - 1]);
    return run(&asking);
}
