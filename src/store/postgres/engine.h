/* engine: the SQL port on PostgreSQL: one connection, statements in a pipeline, many writers.
 *
 * Layer: store (engine; named by the composition root only).
 */
#pragma once

#include "store/engines.h"

extern const struct sql_engine_opener postgres_engine_opener;
