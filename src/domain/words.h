/* words: the word tables of ENUM fields that are no states.
 *
 * Layer: domain. Table: words.def.
 */
#pragma once

#include "domain/record.h"

#define WORDS(table, ...) extern const struct word_table table;
#include "domain/words.def"
#undef WORDS
