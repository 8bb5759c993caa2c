#include "base/check.h"
#include "base/timestamp.h"
#include "cli/csv_text.h"
#include "cli/ledger_print.h"
#include "cli/output.h"
#include "cli/show_payout.h"
#include <inttypes.h>

#define JSON_BYTES_MAX 65536
#define AMOUNT_COLUMNS 20

static void own_text(const struct payout_line *line, char to[static OWN_ID_TEXT_BYTES])
{
    to[0] = '\0';
    if (!own_id_is_none(line->object)) {
        own_id_format(line->kind, line->object, to);
    }
}

/* --- for people --- */

static void print_sum(const char *title, const struct group_sum *sum, struct currency currency)
{
    char amount[MONEY_TEXT_BYTES];
    char fee[MONEY_TEXT_BYTES];
    char net[MONEY_TEXT_BYTES];
    money_format(sum->amount_minor, currency, amount);
    money_format(sum->fee_minor, currency, fee);
    money_format(sum->net_minor, currency, net);
    outf("  %-24s %8" PRId64 " %*s %*s %*s\n", title, sum->count, AMOUNT_COLUMNS, amount,
        AMOUNT_COLUMNS, fee, AMOUNT_COLUMNS, net);
}

static void print_amount(const char *title, int64_t minor, struct currency currency)
{
    char amount[MONEY_TEXT_BYTES];
    money_format(minor, currency, amount);
    outf("  %-33s %*s %*s %*s", title, AMOUNT_COLUMNS, "", AMOUNT_COLUMNS, "", AMOUNT_COLUMNS,
        amount);
}

static void print_groups(const struct payout_content *content)
{
    struct currency currency = content->payout->currency;
    print_amount("the payout's amount", content->payout->amount_minor, currency);
    outf("\n\n  %-24s %8s %*s %*s %*s\n", "WHAT IS IN IT", "LINES", AMOUNT_COLUMNS, "AMOUNT",
        AMOUNT_COLUMNS, "FEE", AMOUNT_COLUMNS, "NET");
    for (int i = 0; i < GROUP_COUNT; i++) {
        if (content->groups[i].count > 0) {
            print_sum(payout_group_title((enum payout_group)i), &content->groups[i], currency);
        }
    }
}

void payout_line_text(const struct payout_line *line)
{
    const struct statement_line *said = &line->kept->line;
    char at[TIME_TEXT_BYTES];
    char amount[MONEY_TEXT_BYTES];
    char fee[MONEY_TEXT_BYTES];
    char net[MONEY_TEXT_BYTES];
    char own[OWN_ID_TEXT_BYTES];
    time_format(said->created_us, at);
    money_format(said->amount_minor, said->currency, amount);
    money_format(said->fee_minor, said->currency, fee);
    money_format(said->net_minor, said->currency, net);
    own_text(line, own);
    outf("  %s %-18s %16s %14s %16s  %s%s", at, line_kind_word(said->kind), amount, fee, net, own,
        own[0] == '\0' ? "" : "  ");
    out_escaped(line->name);
    out(line->name.len > 0 ? STR("  ") : STR_NONE);
    out_escaped(line->kept->provider_id);
    if (said->customer_currency.code[0] != '\0') {
        money_format(said->customer_minor, said->customer_currency, amount);
        outf("  (the customer saw %s)", amount);
    }
    out(STR("\n"));
}

static void print_remainder(const struct payout_content *content)
{
    const char *next = remainder_next(content->remainder);
    print_sum("sum of the lines", &content->sum, content->payout->currency);
    print_amount("the payout's amount", content->payout->amount_minor, content->payout->currency);
    out(STR("\n"));
    print_amount("remainder", content->remainder_minor, content->payout->currency);
    outf("  %s\n", remainder_what(content->remainder));
    if (next[0] != '\0') {
        outf("  what to do: %s\n", next);
    }
    if (content->other_currency > 0) {
        outf("  %" PRId64 " lines are in another currency, and in no sum\n",
            content->other_currency);
    }
    if (content->has_roll) {
        print_amount("balance before it", content->before_minor, content->payout->currency);
        out(STR("  all kept lines of its currency up to its own\n"));
        print_amount("balance after it", content->after_minor, content->payout->currency);
        out(STR("\n"));
    }
}

static void print_own(const struct payout_content *content)
{
    int state = content->payout->state;
    if (state == PAYOUT_FAILED || state == PAYOUT_CANCELED) {
        out(state == PAYOUT_FAILED ? STR("  it failed: the money is back in the balance\n")
                                   : STR("  it was given up: the money stayed in the balance\n"));
    }
    for (uint32_t i = 0; i < content->own_count; i++) {
        if (i == 0) {
            out(STR("\n  ITS OWN LINES\n"));
        }
        payout_line_text(&content->own[i].line);
    }
}

static void print_head_of_lines(const struct payout_content *content, bool all)
{
    if (content->sum.count + content->other_currency == 0) {
        return;
    }
    out(STR("\n  "));
    out(all ? STR("ALL LINES\n") : STR("THE NEWEST LINES\n"));
}

void payout_content_text(const struct payout_content *content)
{
    REQUIRE(content != NULL);
    int64_t count = content->sum.count + content->other_currency;
    if (content->payout->head.version == 0) {
        out(STR("  no event about it has come in: this is what its own line says\n"));
    }
    print_groups(content);
    print_remainder(content);
    print_own(content);
    print_head_of_lines(content, false);
    for (uint32_t i = 0; i < content->newest_count; i++) {
        payout_line_text(&content->newest[i].line);
    }
    if (count > content->newest_count) {
        outf("  and %" PRId64 " older ones: --lines shows all, --csv writes them for programs\n",
            count - content->newest_count);
    }
    out(STR("\n"));
}

/* --- for programs --- */

void payout_line_json(const struct payout_line *line, struct json_writer *json)
{
    const struct kept_line *kept = line->kept;
    char id[OWN_ID_TEXT_BYTES];
    char own[OWN_ID_TEXT_BYTES];
    subject_format(SUBJECT_LINE, kept->line.id, id);
    own_text(line, own);
    json_add_string(json, STR("line"), str_from(id));
    json_add_string(json, STR("provider_id"), kept->provider_id);
    json_add_string(json, STR("group"), str_from(payout_group_word(line->group)));
    json_add_string(json, STR("kind"), str_from(line_kind_word(kept->line.kind)));
    json_add_time(json, STR("created_at"), kept->line.created_us);
    json_add_time(json, STR("available_at"), kept->line.available_us);
    json_add_string(json, STR("object"), str_from(own));
    json_add_string(json, STR("provider_object"), line->name);
    json_add_string(json, STR("currency"), str_from(kept->line.currency.code));
    json_add_int(json, STR("amount_minor"), kept->line.amount_minor);
    json_add_int(json, STR("fee_minor"), kept->line.fee_minor);
    json_add_int(json, STR("net_minor"), kept->line.net_minor);
    if (kept->line.customer_currency.code[0] != '\0') {
        json_add_string(
            json, STR("customer_currency"), str_from(kept->line.customer_currency.code));
        json_add_int(json, STR("customer_minor"), kept->line.customer_minor);
    }
}

static void sum_json(const struct group_sum *sum, struct json_writer *json)
{
    json_add_int(json, STR("count"), sum->count);
    json_add_int(json, STR("amount_minor"), sum->amount_minor);
    json_add_int(json, STR("fee_minor"), sum->fee_minor);
    json_add_int(json, STR("net_minor"), sum->net_minor);
}

static void lines_json(
    struct str key, const struct newest_line *lines, uint32_t count, struct json_writer *json)
{
    json_begin_array(json, key);
    for (uint32_t i = 0; i < count; i++) {
        json_begin_object(json, STR_NONE);
        payout_line_json(&lines[i].line, json);
        json_end_object(json);
    }
    json_end_array(json);
}

static void sums_json(const struct payout_content *content, struct json_writer *json)
{
    json_add_string(json, STR("currency"), str_from(content->payout->currency.code));
    json_add_int(json, STR("amount_minor"), content->payout->amount_minor);
    json_begin_array(json, STR("groups"));
    for (int i = 0; i < GROUP_COUNT; i++) {
        if (content->groups[i].count > 0) {
            json_begin_object(json, STR_NONE);
            json_add_string(json, STR("group"), str_from(payout_group_word((enum payout_group)i)));
            sum_json(&content->groups[i], json);
            json_end_object(json);
        }
    }
    json_end_array(json);
    json_begin_object(json, STR("sum"));
    sum_json(&content->sum, json);
    json_end_object(json);
    json_add_int(json, STR("lines_in_another_currency"), content->other_currency);
    json_add_int(json, STR("remainder_minor"), content->remainder_minor);
    json_add_string(json, STR("remainder"), str_from(remainder_word(content->remainder)));
    json_add_string(json, STR("remainder_text"), str_from(remainder_what(content->remainder)));
    json_add_string(json, STR("to_do"), str_from(remainder_next(content->remainder)));
    if (content->has_roll) {
        json_add_int(json, STR("balance_before_minor"), content->before_minor);
        json_add_int(json, STR("balance_after_minor"), content->after_minor);
    }
}

void payout_content_json(const struct payout_content *content, struct json_writer *json)
{
    REQUIRE(content != NULL);
    json_add_bool(json, STR("known_by_its_line_alone"), content->payout->head.version == 0);
    sums_json(content, json);
    lines_json(STR("own_lines"), content->own, content->own_count, json);
    lines_json(STR("newest_lines"), content->newest, content->newest_count, json);
}

/* --- all lines --- */

struct printing {
    struct payout_content content;
    enum payout_form form;
    struct buf text; /* of one line */
    char id[OWN_ID_TEXT_BYTES];
};

static void csv_amounts(struct buf *to, const struct group_sum *sum, struct currency currency)
{
    const int64_t minors[] = {sum->amount_minor, sum->fee_minor, sum->net_minor};
    char decimal[MONEY_TEXT_BYTES];
    csv_add(to, str_from(currency.code));
    for (int i = 0; i < 3; i++) {
        ledger_decimal(minors[i], currency, decimal);
        csv_add(to, str_from(decimal));
    }
    for (int i = 0; i < 3; i++) {
        csv_add_int(to, minors[i]);
    }
}

static void csv_line(struct buf *to, const char *payout, const struct payout_line *line)
{
    const struct statement_line *said = &line->kept->line;
    const struct group_sum sum = {1, said->amount_minor, said->fee_minor, said->net_minor};
    bool has_customer = said->customer_currency.code[0] != '\0';
    char text[OWN_ID_TEXT_BYTES];
    char decimal[MONEY_TEXT_BYTES] = "";
    csv_add(to, str_from(payout));
    subject_format(SUBJECT_LINE, said->id, text);
    csv_add(to, str_from(text));
    csv_add_said(to, line->kept->provider_id);
    csv_add(to, str_from(payout_group_word(line->group)));
    csv_add(to, str_from(line_kind_word(said->kind)));
    csv_add_time(to, said->created_us);
    csv_add_time(to, said->available_us);
    own_text(line, text);
    csv_add(to, str_from(text));
    csv_add_said(to, line->name);
    csv_add(to, str_from(said->customer_currency.code));
    if (has_customer) {
        ledger_decimal(said->customer_minor, said->customer_currency, decimal);
    }
    csv_add(to, str_from(decimal));
    csv_amounts(to, &sum, said->currency);
    csv_end(to);
}

static void csv_remainder(struct printing *printing)
{
    const struct payout_content *content = &printing->content;
    const struct group_sum sum = {1, content->remainder_minor, 0, content->remainder_minor};
    struct buf *to = &printing->text;
    if (content->remainder_minor == 0) {
        return;
    }
    buf_clear(to);
    csv_add(to, str_from(printing->id));
    csv_add(to, STR_NONE);
    csv_add(to, STR_NONE);
    csv_add(to, STR("remainder"));
    csv_add(to, str_from(remainder_word(content->remainder)));
    for (int i = 0; i < 6; i++) {
        csv_add(to, STR_NONE);
    }
    csv_amounts(to, &sum, content->payout->currency);
    csv_end(to);
    out(buf_str(to));
}

static void json_line(struct printing *printing, const struct payout_line *line)
{
    struct json_writer json;
    json_writer_init(&json, &printing->text);
    json_begin_object(&json, STR_NONE);
    payout_line_json(line, &json);
    json_end_object(&json);
}

static enum err print_lines(
    void *context, const struct payout_line *lines, uint32_t count, struct err_info *reterr)
{
    struct printing *printing = context;
    for (uint32_t i = 0; i < count && !output_is_gone(); i++) {
        buf_clear(&printing->text);
        if (payout_content_add(&printing->content, &lines[i]) != ERR_OK) {
            return err_set(reterr, ERR_OVERFLOW, "the lines' sum does not fit into 64 bits");
        }
        if (printing->form == PAYOUT_TEXT) {
            payout_line_text(&lines[i]);
        } else if (printing->form == PAYOUT_JSON) {
            json_line(printing, &lines[i]);
            out_json(&printing->text);
        } else {
            csv_line(&printing->text, printing->id, &lines[i]);
            out(buf_str(&printing->text));
        }
    }
    return ERR_OK;
}

static void print_end(struct printing *printing)
{
    struct json_writer json;
    if (printing->form == PAYOUT_CSV) {
        csv_remainder(printing);
    } else if (printing->form == PAYOUT_TEXT) {
        out(STR("\n"));
        print_groups(&printing->content);
        print_remainder(&printing->content);
        print_own(&printing->content);
    } else {
        buf_clear(&printing->text);
        json_writer_init(&json, &printing->text);
        json_begin_object(&json, STR_NONE);
        json_add_string(&json, STR("payout"), str_from(printing->id));
        sums_json(&printing->content, &json);
        json_end_object(&json);
        out_json(&printing->text);
    }
}

enum err payout_print_all(struct store *store,
    const struct payout *payout,
    enum payout_form form,
    struct err_info *reterr)
{
    struct printing printing = {.content = {.payout = payout}, .form = form};
    buf_init(&printing.text, JSON_BYTES_MAX);
    own_id_format(ID_PAYOUT, payout->head.id, printing.id);
    if (form == PAYOUT_CSV) {
        out(STR("payout,line,provider_id,group,kind,created,available,object,provider_object,"
                "customer_currency,customer_amount,currency,amount,fee,net,amount_minor,"
                "fee_minor,net_minor\r\n"));
    }
    enum err err = payout_lines_walk(store, payout, print_lines, &printing, reterr);
    if (err == ERR_OK) {
        err = payout_content_conclude(store, &printing.content, reterr);
    }
    if (err == ERR_OK) {
        print_end(&printing);
    }
    buf_fini(&printing.text);
    return err;
}
