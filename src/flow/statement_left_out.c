#include "flow/statement_inside.h"

bool statement_was_posted(const struct taken_line *line)
{
    return line->was.scope != 0 && (line->was.flaws & FLAW_UNPOSTED) == 0;
}

static uint64_t size_of(int64_t minor)
{
    return minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
}

static uint64_t line_size(const struct taken_line *line)
{
    uint64_t amount = size_of(line->now.line.amount_minor);
    uint64_t fee = size_of(line->now.line.fee_minor);
    return amount > fee ? amount : fee;
}

/* What was posted stands: it comes last. */
static bool is_before(const struct taken_line *line, const struct taken_line *other)
{
    bool was_posted = statement_was_posted(line);
    return was_posted != statement_was_posted(other) ? !was_posted
                                                     : line_size(line) > line_size(other);
}

void statement_leave_out(struct taken_line *const *lines, uint32_t count, uint32_t how_many)
{
    for (uint32_t done = 0; done < how_many; done++) {
        struct taken_line *first = NULL;
        for (uint32_t i = 0; i < count; i++) {
            if (!lines[i]->is_left_out && (first == NULL || is_before(lines[i], first))) {
                first = lines[i];
            }
        }
        if (first != NULL) {
            first->is_left_out = true;
        }
    }
}
