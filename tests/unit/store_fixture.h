/* store_fixture: a fresh, migrated store of either engine for one test.
 *
 *   struct store_fixture fixture;
 *   store_fixture_open(&fixture, "sqlite");        or "postgresql"
 *   ... fixture.store, fixture.url ...
 *   store_fixture_close(&fixture);
 *
 * PostgreSQL is the cluster of COUNTERFOIL_TEST_POSTGRES (tests/with_postgres.sh starts one); each
 * fixture has a database of its own there.
 *
 * Layer: tests. Needs store_engines.
 */
#pragma once

#include "store/store.h"

struct store_fixture {
    struct store *store;
    char url[512];
    char directory[256]; /* SQLite */
    char database[64];   /* PostgreSQL */
};

void store_fixture_open(struct store_fixture *fixture, const char *engine);
struct store *store_fixture_another(const struct store_fixture *fixture, enum store_access access);
void store_fixture_close(struct store_fixture *fixture);
