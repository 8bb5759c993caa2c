#include "domain/words.h"

#define WORDS(table, ...)                                                                          \
    static const char *const table##_words[] = {__VA_ARGS__};                                      \
    const struct word_table table = {table##_words, sizeof table##_words / sizeof table##_words[0]};
#include "domain/words.def"
#undef WORDS
