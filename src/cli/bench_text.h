/* bench_text: made lines as the provider writes them: records of its reports, and pages of its API.
 *
 * Layer: cli; for bench. Source of the shapes: docs/statement.md.
 */
#pragma once

#include "cli/bench_made.h"

#define BENCH_PAGE_LINES 100

void bench_activity_header(struct buf *to);
void bench_payouts_header(struct buf *to);
/* A record of the report that it belongs to: MADE_PAYOUT of payouts, any other of the activity. */
void bench_csv_record(const struct made_group *group, const struct made_line *line, struct buf *to);
/* A page of balance transactions with their sources expanded, in the order of `lines`. */
void bench_page(const struct made_line *const *lines, uint32_t count, bool more, struct buf *to);
