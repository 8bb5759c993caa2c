#include "cli/nearest.h"
#include "base/check.h"

#define WORD_BYTES_MAX 48

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swapped neighbours, one point each (Damerau-Levenshtein
 * over adjacent swaps), row by row; only the last three rows are needed. */
static size_t distance(struct str a, struct str b)
{
    size_t rows[3][WORD_BYTES_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    REQUIRE(a.len <= WORD_BYTES_MAX);
    REQUIRE(b.len <= WORD_BYTES_MAX);
    for (size_t j = 0; j <= b.len; j++) {
        above[j] = j;
        before[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = lower(a.data[i - 1]) == lower(b.data[j - 1]);
            row[j] = least(above[j - 1] + (same ? 0 : 1), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a.data[i - 1]) == lower(b.data[j - 2]) &&
                lower(a.data[i - 2]) == lower(b.data[j - 1])) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        size_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b.len];
}

const char *nearest(struct str word, const char *const *candidates, size_t count)
{
    REQUIRE(candidates != NULL || count == 0);
    if (word.len == 0 || word.len > WORD_BYTES_MAX) {
        return NULL;
    }
    const char *best = NULL;
    size_t best_distance = 1 + word.len / 3; /* one error in three characters is still a typo */
    for (size_t i = 0; i < count; i++) {
        struct str candidate = str_from(candidates[i]);
        if (candidate.len > WORD_BYTES_MAX) {
            continue;
        }
        size_t d = distance(word, candidate);
        if (d <= best_distance) {
            best_distance = d - (d > 0 ? 1 : 0); /* the next one must be strictly better */
            best = candidates[i];
        }
    }
    return best;
}
