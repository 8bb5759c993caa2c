#include "base/timestamp.h"
#include "cli/config_table.h"

#define COMMAND_BYTES_MAX 1000
#define CLOCK_CHARS (sizeof "04:30" - 1)

static bool is_two_digits(const char *at, int below, int *ret)
{
    *ret = (at[0] - '0') * 10 + (at[1] - '0');
    return at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9' && *ret < below;
}

enum err config_clock_parse(struct str text, int64_t *ret_us)
{
    int hour = 0;
    int minute = 0;
    if (str_eq(text, STR("off"))) {
        *ret_us = -1;
        return ERR_OK;
    }
    if (text.len != CLOCK_CHARS || text.data[2] != ':' || !is_two_digits(text.data, 24, &hour) ||
        !is_two_digits(text.data + 3, 60, &minute)) {
        return ERR_MALFORMED;
    }
    *ret_us = hour * US_PER_HOUR + minute * US_PER_MINUTE;
    return ERR_OK;
}

bool config_command_is_good(struct str command)
{
    for (size_t i = 0; i < command.len; i++) {
        if ((unsigned char)command.data[i] < 0x20 || command.data[i] == 0x7f) {
            return false;
        }
    }
    return command.len > 0 && command.len <= COMMAND_BYTES_MAX && str_is_utf8(command);
}
