#include "store_fixture.h"
#include "base/check.h"
#include "store/engines.h"
#include "store/postgres/engine.h"
#include "store/sqlite/engine.h"
#include "testing.h"
#include <ftw.h>
#include <libpq-fe.h>

static void use_engines(void)
{
    static const struct sql_engine_opener *const engines[] = {
        &sqlite_engine_opener, &postgres_engine_opener};
    store_use_engines(engines, sizeof engines / sizeof engines[0]);
}

static const char *cluster(void)
{
    const char *url = getenv("COUNTERFOIL_TEST_POSTGRES");
    if (url == NULL || url[0] == '\0') {
        print_error(
            "COUNTERFOIL_TEST_POSTGRES is not set: run it through tests/with_postgres.sh\n");
        fail();
    }
    return url;
}

static void run_on_cluster(const char *command, const char *database)
{
    char text[160];
    (void)snprintf(text, sizeof text, "%s %s", command, database);
    PGconn *connection = PQconnectdb(cluster());
    PGresult *result = PQexec(connection, text);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        print_error("%s: %s\n", text, PQerrorMessage(connection));
        fail();
    }
    PQclear(result);
    PQfinish(connection);
}

/* The cluster's URL with another database: postgresql://user@host:port/HERE?options */
static void url_of_database(struct store_fixture *fixture)
{
    struct str rest = str_from(cluster());
    struct str scheme = str_cut(&rest, ':');
    rest = (struct str){rest.data + 2, rest.len - 2};
    struct str options = rest;
    struct str path = str_cut(&options, '?');
    struct str server = str_cut(&path, '/');
    (void)snprintf(fixture->url, sizeof fixture->url, STR_FMT "://" STR_FMT "/%s%s" STR_FMT,
        STR_ARG(scheme), STR_ARG(server), fixture->database, options.len > 0 ? "?" : "",
        STR_ARG(options));
}

void store_fixture_open(struct store_fixture *fixture, const char *engine)
{
    use_engines();
    *fixture = (struct store_fixture){0};
    if (strcmp(engine, "sqlite") == 0) {
        const char *parent = getenv("TMPDIR");
        (void)snprintf(fixture->directory, sizeof fixture->directory, "%s/counterfoil-XXXXXX",
            parent != NULL ? parent : "/tmp");
        assert_non_null(mkdtemp(fixture->directory));
        (void)snprintf(
            fixture->url, sizeof fixture->url, "sqlite://%s/books.db", fixture->directory);
    } else {
        uint64_t random = 0;
        env_random(env_system(), &random, sizeof random);
        (void)snprintf(
            fixture->database, sizeof fixture->database, "t_%llx", (unsigned long long)random);
        run_on_cluster("CREATE DATABASE", fixture->database);
        url_of_database(fixture);
    }
    struct err_info info = {{0}};
    if (store_open(str_from(fixture->url), STORE_WRITE, env_system(), &fixture->store, &info) !=
            ERR_OK ||
        store_migrate(fixture->store, NULL, NULL, &info) != ERR_OK) {
        print_error("%s: %s\n", fixture->url, info.text);
        fail();
    }
}

struct store *store_fixture_another(const struct store_fixture *fixture, enum store_access access)
{
    struct store *store = NULL;
    struct err_info info = {{0}};
    if (store_open(str_from(fixture->url), access, env_system(), &store, &info) != ERR_OK) {
        print_error("%s: %s\n", fixture->url, info.text);
        fail();
    }
    return store;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void store_fixture_close(struct store_fixture *fixture)
{
    fixture->store = store_close(fixture->store);
    if (fixture->directory[0] != '\0') {
        (void)nftw(fixture->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    }
    if (fixture->database[0] != '\0') {
        run_on_cluster("DROP DATABASE", fixture->database);
    }
}
