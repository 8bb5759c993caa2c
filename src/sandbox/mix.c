#include "sandbox/merchant.h"

static const struct {
    struct str name;
    uint32_t weight;
    int64_t events;
    size_t offset; /* in struct merchant_mix */
    bool in_all;
} rows[] = {
#define WHOLE_ALL true
#define WHOLE_NAMED false
#define MIX(name, whole, weight, events, help)                                                     \
    {{#name, sizeof(#name) - 1}, (weight), (events), offsetof(struct merchant_mix, name),          \
        WHOLE_##whole},
#include "sandbox/mix.def"
#undef MIX
};
#define ROW_COUNT (sizeof rows / sizeof *rows)

static uint32_t *weight_at(struct merchant_mix *mix, size_t row)
{
    return (uint32_t *)(void *)((char *)mix + rows[row].offset);
}

static uint32_t weight_of(const struct merchant_mix *mix, size_t row)
{
    return *(const uint32_t *)(const void *)((const char *)mix + rows[row].offset);
}

static enum err take(struct merchant_mix *mix, struct str word)
{
    int64_t weight = 0;
    struct str name = str_cut(&word, '=');
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!str_eq(str_trim(name), rows[i].name)) {
            continue;
        }
        if (word.len == 0) {
            weight = rows[i].weight;
        } else if (str_to_int64(word, &weight) != ERR_OK) {
            return ERR_INVALID;
        }
        if (weight < 1 || weight > MERCHANT_MIX_WEIGHT_MAX || weight_of(mix, i) != 0) {
            return ERR_INVALID;
        }
        *weight_at(mix, i) = (uint32_t)weight;
        return ERR_OK;
    }
    return ERR_INVALID;
}

enum err merchant_mix_parse(struct str text, struct merchant_mix *ret_mix)
{
    struct merchant_mix mix = {0};
    if (text.len > 0 && text.data[text.len - 1] == ',') {
        return ERR_INVALID; /* a word is missing */
    }
    if (str_eq(text, STR("all"))) {
        for (size_t i = 0; i < ROW_COUNT; i++) {
            *weight_at(&mix, i) = rows[i].in_all ? rows[i].weight : 0;
        }
        *ret_mix = mix;
        return ERR_OK;
    }
    do {
        TRY(take(&mix, str_cut(&text, ',')));
    } while (text.len > 0);
    *ret_mix = mix;
    return ERR_OK;
}

void merchant_mix_list(struct buf *to)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        buf_add(to, i > 0 ? STR(", ") : STR_NONE);
        buf_add(to, rows[i].name);
    }
}

int64_t merchant_mix_events(const struct merchant_mix *mix)
{
    int64_t weights = 0, events = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        weights += weight_of(mix, i);
        events += weight_of(mix, i) * rows[i].events;
    }
    return weights > 0 ? events / weights : rows[0].events;
}
