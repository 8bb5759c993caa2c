/* csv_text: writes comma-separated values, cell by cell.
 *
 * Layer: cli. Source: RFC 4180.
 */
#pragma once

#include "base/str.h"

/* A cell, quoted when it must be. */
void csv_add(struct buf *to, struct str cell);
/* The same of what somebody else said: none of it moves a terminal, and what a spreadsheet would
 * take for a formula gets a mark before it. */
void csv_add_said(struct buf *to, struct str cell);
void csv_add_int(struct buf *to, int64_t value);
void csv_add_time(struct buf *to, int64_t time_us); /* RFC 3339; empty when it is 0 */
/* Ends the record; behind at least one cell. */
void csv_end(struct buf *to);
