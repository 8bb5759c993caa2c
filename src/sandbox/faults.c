#include "sandbox/faults.h"
#include "base/check.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "sandbox/faults_internal.h"
#include <stdlib.h>

#define FIT_EVERY 3 /* at most so many things that fit for each that is taken */

static const struct {
    struct str word;
    const char *code;
} rows[FAULT_KIND_COUNT] = {
#define FAULT(name, word, code, help) [FAULT_IS_##name] = {{word, sizeof(word) - 1}, code},
#include "sandbox/faults.def"
#undef FAULT
};

/* ---- wishes ---------------------------------------------------------------------------------- */

static enum err take(struct fault_wish *wish, struct str word)
{
    int64_t count = 1;
    bool is_known = false;
    struct str name = str_trim(str_cut(&word, '='));
    if ((word.len > 0 && str_to_int64(word, &count) != ERR_OK) || count < 1 ||
        count > FAULTS_EACH_MAX) {
        return ERR_INVALID;
    }
    for (int i = 0; i < FAULT_KIND_COUNT; i++) {
        if (!str_eq(name, rows[i].word) && !str_eq(name, STR("all"))) {
            continue;
        }
        if (wish->count[i] != 0) {
            return ERR_INVALID;
        }
        wish->count[i] = (uint32_t)count;
        is_known = true;
    }
    return is_known ? ERR_OK : ERR_INVALID;
}

enum err fault_wish_parse(struct str text, struct fault_wish *ret_wish)
{
    REQUIRE(ret_wish != NULL);
    struct fault_wish wish = {.spread_s = 0};
    bool is_none = str_eq(text, STR("none"));
    if (text.len == 0 || text.data[text.len - 1] == ',') {
        return ERR_INVALID; /* a word is missing */
    }
    while (text.len > 0 && !is_none) {
        TRY(take(&wish, str_cut(&text, ',')));
    }
    *ret_wish = wish;
    return ERR_OK;
}

void fault_list(struct buf *to)
{
    for (int i = 0; i < FAULT_KIND_COUNT; i++) {
        buf_add(to, i > 0 ? STR(", ") : STR_NONE);
        buf_add(to, rows[i].word);
    }
}

/* ---- chance ---------------------------------------------------------------------------------- */

static uint64_t below(struct faults *faults, uint64_t limit)
{
    faults->random_state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64, as in base/env.c */
    uint64_t z = faults->random_state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % limit;
}

/* Each has its share of the time, and comes somewhere in it. */
static void draw_next(struct faults *faults, enum fault_kind kind)
{
    uint32_t wished = faults->kinds[kind].wished;
    uint32_t done = wished - faults->kinds[kind].left;
    faults->kinds[kind].skip = (uint32_t)below(faults, FIT_EVERY);
    if (faults->spread_s > 0 && done < wished) {
        int64_t share_s = faults->spread_s / wished;
        faults->kinds[kind].wait_s = done * share_s + (int64_t)below(faults, (uint64_t)share_s + 1);
    }
}

struct faults *faults_new(uint64_t seed, const struct fault_wish *wish)
{
    REQUIRE(wish != NULL);
    struct faults *faults = calloc(1, sizeof *faults);
    if (faults == NULL) {
        return NULL;
    }
    faults->random_state = seed ^ UINT64_C(0xfa0175);
    faults->spread_s = wish->spread_s;
    id_maker_init(&faults->ids, faults->random_state);
    buf_init(&faults->again, BODY_BYTES_MAX);
    for (int i = 0; i < FAULT_KIND_COUNT; i++) {
        REQUIRE(wish->count[i] <= FAULTS_EACH_MAX);
        faults->kinds[i].left = faults->kinds[i].wished = wish->count[i];
        draw_next(faults, (enum fault_kind)i);
    }
    return faults;
}

struct faults *faults_free(struct faults *faults)
{
    if (faults != NULL) {
        buf_fini(&faults->again);
        free(faults);
    }
    return NULL;
}

uint32_t faults_left(const struct faults *faults)
{
    uint32_t left = 0;
    for (int i = 0; faults != NULL && i < FAULT_KIND_COUNT; i++) {
        left += faults->kinds[i].left;
    }
    return left;
}

bool fault_is_due(const struct merchant *merchant, enum fault_kind kind)
{
    struct faults *faults = merchant->config.faults;
    if (faults == NULL || faults->busy || faults->kinds[kind].left == 0) {
        return false;
    }
    int64_t lived_s = merchant_second(merchant) - merchant->config.start_us / US_PER_SECOND;
    if (lived_s < faults->kinds[kind].wait_s) {
        return false;
    }
    if (faults->kinds[kind].skip > 0) {
        faults->kinds[kind].skip--;
        return false;
    }
    return true;
}

/* ---- what was done --------------------------------------------------------------------------- */

struct fault_done *fault_note(
    struct faults *faults, const struct merchant *merchant, enum fault_kind kind)
{
    INVARIANT(faults->kinds[kind].left > 0);
    INVARIANT(faults->done_count < FAULTS_DONE_MAX);
    struct fault_done *done = &faults->done[faults->done_count++];
    *done = (struct fault_done){.kind = kind, .at_s = merchant_second(merchant)};
    faults->kinds[kind].left--;
    draw_next(faults, kind);
    return done;
}

const struct fault_done *fault_find_line(
    const struct faults *faults, enum fault_kind kind, struct str line)
{
    for (uint32_t i = 0; faults != NULL && i < faults->done_count; i++) {
        const struct fault_done *done = &faults->done[i];
        if (done->kind == kind && str_eq(line, str_from(done->line))) {
            return done;
        }
    }
    return NULL;
}

/* What shows only once the line is there: the payout that it is in, the charge that nobody heard
 * of. */
static void complete(struct fault_done *done, const struct merchant *merchant)
{
    struct merchant_line line;
    uint32_t index = 0;
    if (done->kind == FAULT_IS_PAYOUT_SUM &&
        merchant_line_find(merchant, 0, str_from(done->line), &index) == ERR_OK) {
        merchant_line_at(merchant, 0, index, &line);
        (void)str_copy_to(done->subject, sizeof done->subject, line.payout);
    }
    for (; done->kind == FAULT_IS_DROP_OBJECT && index < merchant_line_count(merchant, 0);
         index++) {
        merchant_line_at(merchant, 0, index, &line);
        if (str_eq(line.payment_intent, str_from(done->intent))) {
            (void)str_copy_to(done->subject, sizeof done->subject, line.charge);
            (void)str_copy_to(done->line, sizeof done->line, line.id);
        }
    }
}

static void add_maybe(struct json_writer *writer, struct str name, struct str text)
{
    if (text.len > 0) {
        json_add_string(writer, name, text);
    } else {
        json_add_null(writer, name);
    }
}

void faults_write(const struct faults *faults, const struct merchant *merchant, struct buf *to)
{
    for (uint32_t i = 0; faults != NULL && i < faults->done_count; i++) {
        struct fault_done row = faults->done[i];
        const struct fault_done *done = &row;
        struct json_writer writer;
        complete(&row, merchant);
        json_writer_init(&writer, to);
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, STR("fault"), rows[done->kind].word);
        add_maybe(&writer, STR("discrepancy"), str_from(rows[done->kind].code));
        add_maybe(&writer, STR("subject"), str_from(done->subject));
        json_add_int(&writer, STR("amount_minor"), done->minor);
        add_maybe(&writer, STR("currency"), str_from(done->currency));
        add_maybe(&writer, STR("payment_intent"), str_from(done->intent));
        add_maybe(&writer, STR("line"), str_from(done->line));
        add_maybe(&writer, STR("event"), str_from(done->event));
        json_add_int(&writer, STR("at"), done->at_s);
        json_end_object(&writer);
        buf_add_char(to, '\n');
    }
}
