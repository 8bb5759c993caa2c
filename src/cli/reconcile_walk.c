#include "cli/reconcile_walk.h"
#include "base/check.h"
#include "domain/aggregates.h"

#define LISTED_FOR_PEOPLE 20

/* --- cells, in the order of their columns --- */

static struct report_row row_of(
    const struct report_writer *writer, enum report_section section, struct currency currency)
{
    return (struct report_row){.section = section, .currency = currency, .zone = writer->zone};
}

static struct cell *next_cell(struct report_row *row, enum cell_type type)
{
    uint32_t count = 0;
    const struct report_column *columns = section_columns(row->section, &count);
    REQUIRE(row->count < count);
    REQUIRE(columns[row->count].type == type);
    struct cell *cell = &row->cells[row->count++];
    *cell = (struct cell){.is_known = true};
    return cell;
}

static struct cell *add_text(struct report_row *row, struct str text)
{
    struct cell *cell = next_cell(row, CELL_TEXT);
    cell->text = text;
    cell->is_known = text.len > 0;
    return cell;
}

static struct cell *add_number(struct report_row *row, enum cell_type type, int64_t number)
{
    struct cell *cell = next_cell(row, type);
    cell->number = number;
    return cell;
}

static void add_money(struct report_row *row, int64_t minor)
{
    (void)add_number(row, CELL_MONEY, minor);
}

/* Without a currency there is no amount. */
static void add_amount(struct report_row *row, int64_t minor)
{
    next_cell(row, CELL_MONEY)->is_known = row->currency.code[0] != '\0';
    row->cells[row->count - 1].number = minor;
}

static void add_time(struct report_row *row, enum cell_type type, int64_t time_us)
{
    add_number(row, type, time_us)->is_known = time_us != 0;
}

static void put(struct report_writer *writer, const struct report_row *row)
{
    uint32_t count = 0;
    (void)section_columns(row->section, &count);
    ENSURE(row->count == count);
    writer->form->row(writer, row);
    writer->rows++;
}

/* --- sections --- */

static void walk_report(struct report_writer *writer)
{
    const struct reconcile_report *report = writer->report;
    struct report_row row = row_of(writer, SECTION_REPORT, (struct currency){""});
    (void)add_text(&row, report->account);
    (void)add_text(&row, report->environment);
    (void)add_text(&row, report->zone.len > 0 ? report->zone : STR("UTC"));
    add_time(&row, CELL_DAY, report->from_us);
    add_time(&row, CELL_DAY, report->to_us - 1);
    add_time(&row, CELL_TIME, report->from_us);
    add_time(&row, CELL_TIME, report->to_us);
    add_time(&row, CELL_TIME, report->as_of_us);
    add_time(&row, CELL_TIME, report->start_us);
    add_time(&row, CELL_TIME, report->covered_from_us);
    add_time(&row, CELL_TIME, report->covered_to_us);
    (void)add_number(&row, CELL_FLAG, report->agreed);
    (void)add_number(&row, CELL_COUNT, report->open_total);
    (void)add_number(&row, CELL_COUNT, report->critical_total);
    (void)add_number(&row, CELL_COUNT, report->open_total - (int64_t)report->discrepancy_count);
    put(writer, &row);
}

static void put_side(struct report_writer *writer,
    struct currency currency,
    struct str side,
    const int64_t minor[static 4])
{
    struct report_row row = row_of(writer, SECTION_ROLL_FORWARD, currency);
    (void)add_text(&row, side);
    for (int i = 0; i < 4; i++) {
        add_money(&row, minor[i]);
    }
    put(writer, &row);
}

static void walk_roll_forward(struct report_writer *writer)
{
    for (uint32_t i = 0; i < writer->report->currency_count; i++) {
        const struct report_currency *of = &writer->report->currencies[i];
        const int64_t books[] = {
            of->opening_minor, of->activity_minor, of->payouts_minor, of->closing_minor};
        const int64_t said[] = {of->said_opening_minor, of->said_activity_minor,
            of->said_payouts_minor, of->said_closing_minor};
        put_side(writer, of->currency, STR("books"), books);
        if (of->totals_known) {
            put_side(writer, of->currency, STR("provider"), said);
        }
    }
}

static void walk_movements(struct report_writer *writer)
{
    for (uint32_t i = 0; i < writer->report->movement_count; i++) {
        const struct report_movement *movement = &writer->report->movements[i];
        struct report_row row = row_of(writer, SECTION_MOVEMENTS, movement->currency);
        (void)add_text(&row, str_from(line_kind_word(movement->kind)));
        (void)add_number(&row, CELL_COUNT, movement->count);
        add_money(&row, movement->amount_minor);
        add_money(&row, movement->fee_minor);
        add_money(&row, movement->net_minor);
        put(writer, &row);
    }
}

static enum colour colour_of_remainder(enum remainder remainder)
{
    return remainder_is_open(remainder) ? COLOUR_BAD : COLOUR_NONE;
}

static struct str payout_state(int state)
{
    bool known = state >= 0 && state < payout_states.count;
    return known ? str_from(payout_states.words[state]) : STR_NONE;
}

static void walk_payouts(struct report_writer *writer)
{
    for (uint32_t i = 0; i < writer->report->payout_count; i++) {
        const struct report_payout *payout = &writer->report->payouts[i];
        struct report_row row = row_of(writer, SECTION_PAYOUTS, payout->currency);
        struct cell *id = add_text(&row, STR("-"));
        own_id_format(ID_PAYOUT, payout->id, id->room);
        id->text = str_from(id->room);
        (void)add_text(&row, payout->provider_id);
        (void)add_text(&row, payout_state(payout->state));
        (void)add_number(&row, CELL_FLAG, payout->automatic);
        add_time(&row, CELL_DAY, payout->arrival_us);
        add_money(&row, payout->amount_minor);
        (void)add_number(&row, CELL_COUNT, payout->line_count);
        add_money(&row, payout->lines_minor);
        add_number(&row, CELL_MONEY, payout->remainder_minor)->colour =
            colour_of_remainder(payout->remainder);
        (void)add_text(&row, str_from(remainder_word(payout->remainder)));
        (void)add_text(&row, payout->remainder == REMAINDER_NONE
                                 ? STR_NONE
                                 : str_from(remainder_what(payout->remainder)));
        put(writer, &row);
    }
}

static void walk_balances(struct report_writer *writer)
{
    for (uint32_t i = 0; i < writer->report->balance_count; i++) {
        const struct report_balance *balance = &writer->report->balances[i];
        struct report_row row = row_of(writer, SECTION_BALANCES, balance->currency);
        int64_t off = 0;
        bool fits = !__builtin_sub_overflow(balance->said_minor, balance->books_minor, &off);
        bool agrees = balance->said_minor == balance->books_minor;
        add_money(&row, balance->books_minor);
        add_number(&row, CELL_MONEY, balance->said_minor)->is_known = balance->is_said;
        add_number(&row, CELL_MONEY, off)->is_known = balance->is_said && fits;
        add_text(&row, !balance->is_said ? STR("not asked")
                       : agrees          ? STR("agrees")
                                         : STR("differs"))
            ->colour = !balance->is_said ? COLOUR_DIM
                       : agrees          ? COLOUR_GOOD
                                         : COLOUR_BAD;
        put(writer, &row);
    }
}

static void walk_measures(struct report_writer *writer)
{
    for (uint32_t i = 0; i < writer->report->measure_count; i++) {
        const struct report_measure *measure = &writer->report->measures[i];
        const struct measure_row *means = measure_row(measure->measure);
        struct report_row row = row_of(writer, SECTION_MEASURES, measure->currency);
        int64_t ppm = measure->is_known ? measure_ppm(measure->part, measure->whole) : 0;
        bool met = ppm >= means->target_ppm;
        row.quantities_are_money =
            str_eq(str_from(means->unit), STR("minor units")) && measure->currency.code[0] != '\0';
        (void)add_text(&row, str_from(means->word));
        (void)add_text(&row, str_from(measure->currency.code));
        add_number(&row, CELL_SHARE, ppm)->is_known = measure->is_known;
        (void)add_number(&row, CELL_SHARE, means->target_ppm);
        struct cell *is_met = add_number(&row, CELL_FLAG, met);
        is_met->is_known = measure->is_known;
        is_met->colour = met ? COLOUR_GOOD : COLOUR_BAD;
        add_number(&row, CELL_QUANTITY, measure->part)->is_known = measure->is_known;
        add_number(&row, CELL_QUANTITY, measure->whole)->is_known = measure->is_known;
        (void)add_text(&row, str_from(means->unit));
        add_number(&row, CELL_QUANTITY, measure->whole - measure->part)->is_known =
            measure->is_known;
        add_number(&row, CELL_MONEY, measure->difference_minor)->is_known =
            measure->is_known && measure->currency.code[0] != '\0';
        add_number(&row, CELL_SPAN, measure->p99_us)->is_known =
            measure->is_known && measure->measure == MEASURE_TIMELINESS;
        (void)add_text(&row, measure->is_known ? STR_NONE : str_from(measure->why));
        put(writer, &row);
    }
}

static void walk_waiting(struct report_writer *writer)
{
    for (uint32_t i = 0; i < writer->report->waiting_count; i++) {
        const struct report_waiting *waiting = &writer->report->waiting[i];
        struct report_row row = row_of(writer, SECTION_WAITING, waiting->currency);
        (void)add_text(&row, str_from(account_row(waiting->account)->name));
        (void)add_number(&row, CELL_COUNT, waiting->count);
        add_money(&row, waiting->minor);
        add_time(&row, CELL_TIME, waiting->oldest_us);
        put(writer, &row);
    }
}

static enum colour colour_of(enum severity severity)
{
    return severity == SEVERITY_CRITICAL ? COLOUR_BAD
           : severity == SEVERITY_HIGH   ? COLOUR_WARN
                                         : COLOUR_NONE;
}

static void add_severity(struct report_row *row, enum discrepancy_code code)
{
    enum severity severity = code_row(code)->severity;
    add_text(row, str_from(severity_word(severity)))->colour = colour_of(severity);
}

/* One that does not fit is shown as the largest. */
static int64_t sum_of(const int64_t values[static AGE_BUCKETS])
{
    int64_t sum = 0;
    for (int i = 0; i < AGE_BUCKETS; i++) {
        if (__builtin_add_overflow(sum, values[i], &sum)) {
            return INT64_MAX;
        }
    }
    return sum;
}

static void walk_open(struct report_writer *writer)
{
    for (uint32_t i = 0; i < writer->report->open_count; i++) {
        const struct report_open *open = &writer->report->open[i];
        struct report_row row = row_of(writer, SECTION_OPEN, open->currency);
        (void)add_text(&row, str_from(code_row(open->code)->word));
        add_severity(&row, open->code);
        (void)add_number(&row, CELL_COUNT, sum_of(open->count));
        add_amount(&row, sum_of(open->minor));
        for (int bucket = 0; bucket < AGE_BUCKETS; bucket++) {
            (void)add_number(&row, CELL_COUNT, open->count[bucket]);
        }
        for (int bucket = 0; bucket < AGE_BUCKETS; bucket++) {
            add_amount(&row, open->minor[bucket]);
        }
        put(writer, &row);
    }
}

/* What is about the account as a whole, or an event, has none. */
static void add_subject(struct report_row *row, const struct finding *found)
{
    struct cell *cell = add_text(row, STR("-"));
    int kind = found->subject_kind == KEY_LINE ? (int)SUBJECT_LINE : found->subject_kind;
    if (kind != KEY_NONE) {
        subject_format(kind, found->subject, cell->room);
    }
    cell->text = str_from(cell->room);
    cell->is_known = cell->text.len > 0;
}

static void put_discrepancy(struct report_writer *writer, const struct discrepancy *discrepancy)
{
    const struct finding *found = &discrepancy->found;
    struct report_row row = row_of(writer, SECTION_DISCREPANCIES, found->currency);
    int64_t off = 0;
    struct cell *id = add_text(&row, STR("-"));
    finding_id_format(discrepancy->id, id->room);
    id->text = str_from(id->room);
    add_severity(&row, found->code);
    (void)add_text(&row, str_from(code_row(found->code)->word));
    (void)add_text(&row, str_from(discrepancy_state_word(discrepancy->state)));
    add_subject(&row, found);
    (void)add_text(&row, found->name);
    add_amount(&row, found->ours_minor);
    add_amount(&row, found->theirs_minor);
    bool fits = finding_off(found, &off) == ERR_OK;
    add_amount(&row, off);
    row.cells[row.count - 1].is_known = row.cells[row.count - 1].is_known && fits;
    add_time(&row, CELL_TIME, found->since_us);
    (void)add_text(&row, discrepancy->owner);
    (void)add_text(&row, found->text);
    put(writer, &row);
}

static void walk_discrepancies(struct report_writer *writer)
{
    const struct reconcile_report *report = writer->report;
    uint32_t most = writer->form->for_people ? LISTED_FOR_PEOPLE : UINT32_MAX;
    for (uint32_t i = 0; i < report->discrepancy_count && writer->rows < most; i++) {
        put_discrepancy(writer, &report->discrepancies[i]);
    }
}

/* --- all of it --- */

void reconcile_walk(struct report_writer *writer)
{
    static void (*const walks[SECTION_COUNT])(struct report_writer *) = {
        [SECTION_REPORT] = walk_report,
        [SECTION_ROLL_FORWARD] = walk_roll_forward,
        [SECTION_MOVEMENTS] = walk_movements,
        [SECTION_PAYOUTS] = walk_payouts,
        [SECTION_BALANCES] = walk_balances,
        [SECTION_MEASURES] = walk_measures,
        [SECTION_WAITING] = walk_waiting,
        [SECTION_OPEN] = walk_open,
        [SECTION_DISCREPANCIES] = walk_discrepancies,
    };
    for (int section = 0; section < SECTION_COUNT; section++) {
        writer->rows = 0;
        if (writer->form->section_begin != NULL) {
            writer->form->section_begin(writer, (enum report_section)section);
        }
        walks[section](writer);
        int64_t left =
            section == SECTION_DISCREPANCIES ? writer->report->open_total - writer->rows : 0;
        if (writer->form->section_end != NULL) {
            writer->form->section_end(writer, (enum report_section)section, left > 0 ? left : 0);
        }
    }
}
