#include "cli/watch.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "store/refs.h"
#include "cli/output.h"

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define SCREEN_BYTES 65536
#define LOOKED_THROUGH 200 /* newest events of a scope at each look */
#define SCOPES_MAX 64      /* whose events are looked through */
#define INTERVAL_US_MIN INT64_C(100000)
#define SCRAPE_TIMEOUT_US INT64_C(500000)

struct followed {
    int64_t scope, position; /* as far as its events were read */
};

struct watch {
    struct command_context *context;
    struct event_filter filter;
    struct followed followed[SCOPES_MAX];
    uint32_t followed_count;
    const struct config *config;
    struct store *store; /* owned; NULL while it is away */
    struct arena *arena;
    struct watch_view view, first;
    bool seen; /* `first` is filled */
    int64_t began_us, previous_us, previous_received;
    int lines;    /* of the screen that stands on the terminal */
    enum err err; /* why the store is away */
};

/* --- looking --- */

static void add_amount(struct watch_view *view, const struct payment_total *row)
{
    struct watch_amount *amount = NULL;
    for (uint32_t i = 0; i < view->amount_count && amount == NULL; i++) {
        amount = currency_eq(view->amounts[i].currency, row->currency) ? &view->amounts[i] : NULL;
    }
    if (amount == NULL && view->amount_count == WATCH_CURRENCIES) {
        view->amounts_more++;
        return;
    }
    if (amount == NULL) {
        amount = &view->amounts[view->amount_count++];
        *amount = (struct watch_amount){.currency = row->currency};
    }
    amount->count += row->count;
    amount->overflow =
        amount->overflow ||
        minor_add(amount->amount_minor, row->amount_minor, &amount->amount_minor) != ERR_OK ||
        minor_add(amount->received_minor, row->received_minor, &amount->received_minor) != ERR_OK ||
        minor_add(amount->refunded_minor, row->refunded_minor, &amount->refunded_minor) != ERR_OK;
}

static struct watch_event watch_event_of(const struct feed_entry *entry, struct arena *arena)
{
    struct event_summary summary = event_summary_read(entry, arena);
    struct watch_event event = {.type = entry->type,
        .aggregate_id = entry->aggregate_id,
        .occurred_at_us = entry->occurred_at_us,
        .recorded_at_us = entry->recorded_at_us,
        .late = entry->late,
        .has_amount = summary.has_amount,
        .amount_minor = summary.amount_minor,
        .currency = summary.currency};
    memcpy(event.money, summary.money, sizeof event.money);
    (void)str_copy_to(event.state, sizeof event.state, summary.state);
    return event;
}

/* The newest stand first; of one moment, the one that was read last. */
static void keep_event(struct watch_view *view, const struct watch_event *event)
{
    uint32_t at = view->recent_count < WATCH_EVENTS ? view->recent_count++ : WATCH_EVENTS;
    while (at > 0 && view->recent[at - 1].recorded_at_us <= event->recorded_at_us) {
        if (at < WATCH_EVENTS) {
            view->recent[at] = view->recent[at - 1];
        }
        at--;
    }
    if (at < WATCH_EVENTS) {
        view->recent[at] = *event;
    }
}

static struct followed *followed_of(struct watch *watch, int64_t scope)
{
    for (uint32_t i = 0; i < watch->followed_count; i++) {
        if (watch->followed[i].scope == scope) {
            return &watch->followed[i];
        }
    }
    if (watch->followed_count == SCOPES_MAX) {
        return NULL;
    }
    watch->followed[watch->followed_count] = (struct followed){.scope = scope};
    return &watch->followed[watch->followed_count++];
}

/* Behind it stand no more wanted ones than are shown. */
static uint32_t first_to_show(
    const struct watch *watch, const struct feed_entry *entries, uint32_t count)
{
    uint32_t first = count;
    for (uint32_t wanted = 0; first > 0 && wanted < WATCH_EVENTS;) {
        first--;
        wanted += event_is_wanted(&watch->filter, &entries[first]) ? 1 : 0;
    }
    return first;
}

/* What came since the last look: it shows the last few, so it need not read what is far behind. */
static enum err read_events(struct store *store,
    struct watch *watch,
    const struct scope_row *scope,
    struct err_info *reterr)
{
    struct feed_entry *entries = NULL;
    uint32_t count = 0;
    struct followed *followed = followed_of(watch, scope->scope);
    if (followed == NULL || followed->position == scope->position) {
        return ERR_OK;
    }
    bool far = scope->position - followed->position > LOOKED_THROUGH;
    bool put_back = scope->position < followed->position;
    int64_t after = far || put_back ? scope->position - LOOKED_THROUGH
                                    : followed->position; /* may be below 0 */
    TRY(feed_read(
        store, scope->scope, after, LOOKED_THROUGH, watch->arena, &entries, &count, reterr));
    for (uint32_t i = first_to_show(watch, entries, count); i < count; i++) {
        if (event_is_wanted(&watch->filter, &entries[i])) {
            struct watch_event event = watch_event_of(&entries[i], watch->arena);
            keep_event(&watch->view, &event);
        }
    }
    followed->position = count > 0 ? entries[count - 1].position : scope->position;
    return ERR_OK;
}

static enum err look(struct store *store, void *context, struct err_info *reterr)
{
    struct watch *watch = context;
    struct watch_view *view = &watch->view;
    struct payment_total *totals = NULL;
    struct scope_row *scopes = NULL;
    uint32_t count = 0;
    arena_reset(watch->arena);
    view->events = 0;
    view->amount_count = view->amounts_more = 0;
    for (int i = 0; i < PAYMENT_STATE_COUNT; i++) {
        view->payments_by_state[i] = 0;
    }
    TRY(inbox_stats(store, &view->stats, reterr));
    TRY(payment_totals(store, watch->arena, &totals, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        INVARIANT(totals[i].state >= 0 && totals[i].state < PAYMENT_STATE_COUNT);
        view->payments_by_state[totals[i].state] += totals[i].count;
        add_amount(view, &totals[i]);
    }
    TRY(scope_list(store, watch->arena, &scopes, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        view->events += scopes[i].position;
        TRY(read_events(store, watch, &scopes[i], reterr));
    }
    return ERR_OK;
}

static enum err open_store(struct watch *watch, struct err_info *reterr)
{
    struct schema_state schema = {0};
    CLEANUP(store_close) struct store *store = NULL;
    TRY(store_open(watch->config->store_url, STORE_READ, watch->context->env, &store, reterr));
    TRY(store_schema(store, &schema, reterr));
    if (schema.version != schema.wanted) {
        return err_set(reterr, ERR_SCHEMA,
            "the schema is %d, this program needs %d: run `counterfoil migrate`", schema.version,
            schema.wanted);
    }
    watch->store = store;
    store = NULL;
    return ERR_OK;
}

/* A store that is not there yet, or away, is shown as such and asked again at the next turn. */
static void refresh(struct watch *watch)
{
    struct watch_view *view = &watch->view;
    struct env *env = watch->context->env;
    struct err_info info = {""};
    view->now_us = env_now(env);
    view->running_us = env_monotonic(env) - watch->began_us;
    watch->err = watch->store != NULL ? ERR_OK : open_store(watch, &info);
    if (watch->err == ERR_OK) {
        watch->err = command_transaction(watch->store, STORE_READ, look, watch, &info);
    }
    if (watch->err != ERR_OK) {
        watch->store = store_close(watch->store);
        view->engine = NULL;
        (void)err_set(
            &view->away, watch->err, "%s", info.text[0] != '\0' ? info.text : err_text(watch->err));
        return;
    }
    view->engine = store_engine_name(watch->store);
    view->serve_answers = scrape_fetch(watch->config->listen_private, SCRAPE_TIMEOUT_US,
                              &view->scrape, NULL) == ERR_OK;
    int64_t elapsed_us = view->running_us - watch->previous_us;
    int64_t received = view->stats.total;
    if (watch->seen && elapsed_us > 0) {
        view->per_second = (received - watch->previous_received) * US_PER_SECOND / elapsed_us;
    }
    watch->previous_us = view->running_us;
    watch->previous_received = received;
    if (!watch->seen) {
        watch->first = *view;
        watch->seen = true;
    }
}

/* --- showing --- */

/* Over the lines that stand there already; never more than fit, for what has scrolled away cannot
 * be reached. */
static void draw_screen(struct watch *watch, struct str text)
{
    int columns = 0;
    int rows = 0;
    int lines = 0;
    output_size(&columns, &rows);
    if (watch->lines > 0) {
        outf("\x1b[%dA\r", watch->lines);
    }
    while (text.len > 0 && lines < rows - 1) {
        out(text_fit(str_cut(&text, '\n'), (size_t)columns));
        outf("%s\x1b[K\n", colour_off());
        lines++;
    }
    out(STR("\x1b[J"));
    watch->lines = lines;
}

static void show(struct watch *watch)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, SCREEN_BYTES);
    bool screen = output_is_terminal() && !watch->context->json;
    if (watch->context->json) {
        watch_format_json(&watch->view, false, &text);
    } else if (screen) {
        watch_format_screen(&watch->view, &text);
    } else {
        watch_format_line(&watch->view, &text);
    }
    if (screen) {
        draw_screen(watch, buf_str(&text));
    } else {
        out(buf_str(&text));
    }
    out_flush();
}

static void show_end(struct watch *watch)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, SCREEN_BYTES);
    if (watch->context->json) {
        watch_format_json(&watch->view, true, &text);
    } else {
        watch_format_summary(&watch->first, &watch->view, &text);
    }
    out(buf_str(&text));
}

/* --- the command --- */

static int run(struct watch *watch, int64_t for_us, int64_t interval_us)
{
    struct env *env = watch->context->env;
    bool screen = output_is_terminal() && !watch->context->json;
    watch->began_us = env_monotonic(env);
    int64_t end_us = for_us < 0 ? INT64_MAX : watch->began_us + for_us;
    int64_t turn_us = watch->began_us;
    out(screen ? STR("\x1b[?25l") : STR("")); /* no cursor that jumps about */
    for (;;) {
        refresh(watch);
        show(watch);
        int64_t now_us = env_monotonic(env);
        turn_us = turn_us + interval_us > now_us ? turn_us + interval_us : now_us + interval_us;
        int64_t until_us = turn_us < end_us ? turn_us : end_us;
        if (command_is_stopped() || output_is_gone() || now_us >= end_us) {
            break;
        }
        command_sleep(until_us > now_us ? until_us - now_us : 0);
        if (command_is_stopped()) {
            refresh(watch); /* the summary says how it is now */
            break;
        }
    }
    out(screen ? STR("\x1b[?25h") : STR(""));
    if (watch->seen) {
        show_end(watch);
        return 0;
    }
    struct err_info info = watch->view.away;
    return command_fail(watch->context, watch->err == ERR_OK ? ERR_STORE_IO : watch->err, &info);
}

int command_watch(struct command_context *context)
{
    int64_t for_us = -1; /* until it is stopped */
    int64_t interval_us = US_PER_SECOND;
    struct event_filter filter = {.type = STR_NONE};
    const struct option_row options[] = {
        {"--for", OPTION_DURATION, "20s", "end by itself after that time, with a summary", &for_us},
        {"--interval", OPTION_DURATION, "1s", "between two looks (default: 1s)", &interval_us},
        {"--type", OPTION_TEXT, "TYPE", "only events of that type; `payment.*` for a family",
            &filter.type},
        {"--kind", OPTION_TEXT, "KIND", "only events of that kind of object: payment, invoice...",
            &filter.kind_word},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "watch [--for 20s] [--interval 1s] [--type TYPE] [--kind KIND]",
        .description =
            "Shows what a running serve does: received, duplicates, applied, waiting, dead, "
            "payments\n"
            "by state, amounts by currency, the last few domain events of whatever kind. Reads the "
            "store\n"
            "and, when it answers, the private listener. On a terminal it redraws in place, "
            "elsewhere it\n"
            "prints one line at a time, without the events. Ctrl-C ends it with a summary.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    if (event_filter_take(context, &filter) != ERR_OK) {
        return err_exit_code(ERR_USAGE);
    }
    if (interval_us < INTERVAL_US_MIN) {
        return command_refuse(context, ERR_USAGE, "--interval wants 100ms or more");
    }
    if (for_us == 0) {
        return command_refuse(
            context, ERR_USAGE, "--for wants more than 0; without it, watch goes on until stopped");
    }
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    enum err err = config_load_with(context->config_path, CONFIG_SECRETS_LEFT, &config, &info);
    if (err != ERR_OK || arena == NULL) {
        return err == ERR_OK ? command_fail(context, ERR_BUSY, NULL)
                             : command_refuse(context, err, "%s", info.text);
    }
    struct watch watch = {.context = context, .filter = filter, .config = config, .arena = arena};
    command_catch_signals();
    exit_code = run(&watch, for_us, interval_us);
    watch.store = store_close(watch.store);
    return exit_code;
}
