#include "base/check.h"
#include "store/inbox.h"

static const char *const status_words[] = {
    [WORK_NEW] = "new",
    [WORK_CLAIMED] = "claimed",
    [WORK_WAITING] = "waiting",
    [WORK_APPLIED] = "applied",
    [WORK_STALE] = "stale",
    [WORK_RECORDED] = "recorded",
    [WORK_DEAD] = "dead",
};
_Static_assert(
    sizeof status_words / sizeof status_words[0] == WORK_STATUS_COUNT, "each has a word");

static const char *const channel_words[] = {
    [CHANNEL_WEBHOOK] = "webhook",
    [CHANNEL_BACKFILL] = "backfill",
    [CHANNEL_FETCH] = "fetch",
    [CHANNEL_IMPORT] = "import",
};
_Static_assert(sizeof channel_words / sizeof channel_words[0] == CHANNEL_COUNT, "each has a word");

const char *work_status_word(enum work_status status)
{
    REQUIRE((unsigned)status < WORK_STATUS_COUNT);
    return status_words[status];
}

bool work_status_parse(struct str word, enum work_status *ret_status)
{
    for (int i = 0; i < WORK_STATUS_COUNT; i++) {
        if (str_eq(word, str_from(status_words[i]))) {
            *ret_status = (enum work_status)i;
            return true;
        }
    }
    return false;
}

const char *channel_word(enum channel channel)
{
    REQUIRE((unsigned)channel < CHANNEL_COUNT);
    return channel_words[channel];
}

bool channel_parse(struct str word, enum channel *ret_channel)
{
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        if (str_eq(word, str_from(channel_words[i]))) {
            *ret_channel = (enum channel)i;
            return true;
        }
    }
    return false;
}
