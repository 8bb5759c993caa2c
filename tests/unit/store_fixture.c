/* Migrating costs more than most tests do, so each fixture is a copy of a store that was migrated
 * before: SQLite's is this process's own, PostgreSQL's is the cluster's and is named after the
 * migrations. store_migrate on the copy proves that it is this program's. */
#include "store_fixture.h"
#include "base/check.h"
#include "store/engines.h"
#include "store/postgres/engine.h"
#include "store/sqlite/engine.h"
#include "testing.h"
#include <fcntl.h>
#include <ftw.h>
#include <glib.h>
#include <libpq-fe.h>

extern const struct sql_migration postgres_migrations[]; /* generated from sql/postgres */

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

static PGconn *connect_to_cluster(void)
{
    PGconn *connection = PQconnectdb(cluster());
    if (PQstatus(connection) != CONNECTION_OK) {
        print_error("%s: %s\n", cluster(), PQerrorMessage(connection));
        fail();
    }
    return connection;
}

/* The rows that came back. */
static int run_on(PGconn *connection, const char *text)
{
    PGresult *result = PQexec(connection, text);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        print_error("%s: %s\n", text, PQerrorMessage(connection));
        fail();
    }
    int rows = PQntuples(result);
    PQclear(result);
    return rows;
}

/* The cluster's URL with another database: postgresql://user@host:port/HERE?options */
static void url_of_database(const char *database, char *url, size_t size)
{
    struct str rest = str_from(cluster());
    struct str scheme = str_cut(&rest, ':');
    rest = (struct str){rest.data + 2, rest.len - 2};
    struct str options = rest;
    struct str path = str_cut(&options, '?');
    struct str server = str_cut(&path, '/');
    (void)snprintf(url, size, STR_FMT "://" STR_FMT "/%s%s" STR_FMT, STR_ARG(scheme),
        STR_ARG(server), database, options.len > 0 ? "?" : "", STR_ARG(options));
}

static struct store *open_migrated(const char *url)
{
    struct store *store = NULL;
    struct err_info info = {{0}};
    if (store_open(str_from(url), STORE_WRITE, env_system(), &store, &info) != ERR_OK ||
        store_migrate(store, NULL, NULL, &info) != ERR_OK) {
        print_error("%s: %s\n", url, info.text);
        fail();
    }
    return store;
}

/* ---- PostgreSQL ----------------------------------------------------------------------------- */

#define NAME_BYTES 64

static void name_of_template(char name[static NAME_BYTES])
{
    uint64_t number = 0;
    for (const struct sql_migration *row = postgres_migrations; row->version != 0; row++) {
        number = hash_bytes(row->sha256, strlen(row->sha256), number);
    }
    (void)snprintf(name, NAME_BYTES, "template_%" PRIx64, number);
}

/* It gets its name when it is whole, so one that was left by a process that died is no template. */
static void make_template(PGconn *connection, const char *name)
{
    char text[2 * NAME_BYTES + 64];
    char url[512];
    char part[NAME_BYTES + 8];
    (void)snprintf(part, sizeof part, "%s_part", name);
    (void)snprintf(text, sizeof text, "DROP DATABASE IF EXISTS %s", part);
    (void)run_on(connection, text);
    (void)snprintf(text, sizeof text, "CREATE DATABASE %s", part);
    (void)run_on(connection, text);
    url_of_database(part, url, sizeof url);
    (void)store_close(open_migrated(url));
    (void)snprintf(text, sizeof text, "ALTER DATABASE %s RENAME TO %s", part, name);
    (void)run_on(connection, text);
}

/* Of several processes that begin together the first makes the template. */
static void create_database(const char *database)
{
    char text[2 * NAME_BYTES + 64];
    char name[NAME_BYTES];
    name_of_template(name);
    PGconn *connection = connect_to_cluster();
    (void)run_on(connection, "SELECT pg_advisory_lock(20261122)");
    (void)snprintf(text, sizeof text, "SELECT 1 FROM pg_database WHERE datname = '%s'", name);
    if (run_on(connection, text) == 0) {
        make_template(connection, name);
    }
    (void)run_on(connection, "SELECT pg_advisory_unlock(20261122)");
    (void)snprintf(
        text, sizeof text, "CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", database, name);
    (void)run_on(connection, text);
    PQfinish(connection);
}

static void drop_database(const char *database)
{
    char text[NAME_BYTES + 64];
    (void)snprintf(text, sizeof text, "DROP DATABASE %s", database);
    PGconn *connection = connect_to_cluster();
    (void)run_on(connection, text);
    PQfinish(connection);
}

/* ---- SQLite --------------------------------------------------------------------------------- */

static gchar *template_file; /* what a migrated store is, once it was closed */
static gsize template_bytes;

static void create_file(const char *path, const char *url)
{
    if (template_file == NULL) {
        (void)store_close(open_migrated(url));
        assert_true(g_file_get_contents(path, &template_file, &template_bytes, NULL));
        return;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fdopen(fd, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(template_file, 1, template_bytes, file), template_bytes);
    assert_int_equal(fclose(file), 0);
}

/* ---- either --------------------------------------------------------------------------------- */

void store_fixture_open(struct store_fixture *fixture, const char *engine)
{
    use_engines();
    *fixture = (struct store_fixture){0};
    if (strcmp(engine, "sqlite") == 0) {
        const char *parent = getenv("TMPDIR");
        (void)snprintf(fixture->directory, sizeof fixture->directory, "%s/counterfoil-XXXXXX",
            parent != NULL ? parent : "/tmp");
        assert_non_null(mkdtemp(fixture->directory));
        char path[sizeof fixture->directory + 16];
        (void)snprintf(path, sizeof path, "%s/books.db", fixture->directory);
        (void)snprintf(fixture->url, sizeof fixture->url, "sqlite://%s", path);
        create_file(path, fixture->url);
    } else {
        uint64_t random = 0;
        env_random(env_system(), &random, sizeof random);
        (void)snprintf(
            fixture->database, sizeof fixture->database, "t_%llx", (unsigned long long)random);
        create_database(fixture->database);
        url_of_database(fixture->database, fixture->url, sizeof fixture->url);
    }
    fixture->store = open_migrated(fixture->url);
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
        drop_database(fixture->database);
    }
}
