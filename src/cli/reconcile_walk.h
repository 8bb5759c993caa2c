/* reconcile_walk: takes a report apart into rows of cells, section by section.
 *
 * Layer: cli; private to reconcile_print.c.
 */
#pragma once

#include "cli/reconcile_writer.h"

void reconcile_walk(struct report_writer *writer);
