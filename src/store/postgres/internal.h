/* internal: what the files of this engine share. */
#pragma once

#include "base/check.h"
#include "store/postgres/engine.h"
#include "store/statement_table.h"
#include <libpq-fe.h>

#define POSTGRES_COLUMNS_MAX 64
#define POSTGRES_PARAMETERS_MAX 64

struct known_statement {
    char *text;      /* owned; with $1 for ?1; NULL: a free slot */
    uint32_t number; /* its slot, and its name on the server: "s17" */
    bool prepared;   /* in this session */
};

struct postgres_engine {
    struct sql_engine base; /* first member */
    PGconn *connection;     /* owned; always in pipeline mode; NULL: none */
    char *url;              /* owned; without a password */
    struct env *env;        /* borrowed */
    enum store_access access;
    bool lost;          /* the connection is not to be used any more */
    bool begin_pending; /* BEGIN goes out with the first statement */
    bool begin_writes;
    bool listening;
    bool migrating;                      /* this transaction may take as long as it likes */
    int64_t retry_at_us, retry_delay_us; /* monotonic; after a connection that failed */
    struct err_info retry_reason;
    struct buf sets; /* owned; the arrays of one message */
    struct statement_table statements;
    struct known_statement known[STATEMENT_SLOTS];
};

static inline struct postgres_engine *postgres_engine_of(struct sql_engine *engine)
{
    return (struct postgres_engine *)engine;
}

/* connect.c */
MUST_USE enum err postgres_check_url(struct str url, char **ret_url, struct err_info *reterr);
/* Connects, or connects again; ERR_STORE_IO at once while the time to try again has not come. */
MUST_USE enum err postgres_connect(struct postgres_engine *engine, struct err_info *reterr);
void postgres_disconnect(struct postgres_engine *engine);
bool postgres_is_usable(struct postgres_engine *engine); /* without a round trip */

/* statements.c */
MUST_USE enum err postgres_know(struct postgres_engine *engine,
    const struct sql_statement *statement,
    bool as_set,
    struct known_statement **ret_known,
    struct err_info *reterr);
void postgres_forget_prepared(struct postgres_engine *engine); /* a new session has none */
void postgres_forget_statements(struct postgres_engine *engine);

/* run.c */
MUST_USE enum err postgres_run(struct sql_engine *base,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    int64_t *ret_changed,
    struct err_info *reterr);
/* tell.c */
bool postgres_send_begin(struct postgres_engine *engine);
/* False when nothing has come for so long that the connection must be lost. */
bool postgres_wait_for_socket(struct postgres_engine *engine, bool to_send);
/* One statement without parameters; its result as text, to be cleared by the caller. Sends a
 * pending BEGIN first. */
MUST_USE enum err postgres_tell(struct postgres_engine *engine,
    const char *text,
    PGresult **ret_result,
    struct err_info *reterr);
/* Several statements, outside the pipeline. */
MUST_USE enum err postgres_script(
    struct sql_engine *base, const char *text, struct err_info *reterr);

/* shadow.c */
MUST_USE enum err postgres_shadow(struct sql_engine *base,
    const char *const *tables,
    struct sql_places *ret_places,
    struct err_info *reterr);

/* values.c */
struct wire_row { /* a row of parameters as libpq wants them */
    const char *values[POSTGRES_PARAMETERS_MAX];
    int lengths[POSTGRES_PARAMETERS_MAX];
    int formats[POSTGRES_PARAMETERS_MAX];
    int64_t integers[POSTGRES_PARAMETERS_MAX]; /* in network order */
};
void postgres_encode_row(const char *letters, const struct sql_value *row, struct wire_row *to);
/* An array of each column, made in `buffer`, which is emptied first. ERR_BUSY without memory. */
MUST_USE enum err postgres_encode_set(const char *letters,
    const struct sql_value *rows,
    uint32_t count,
    struct buf *buffer,
    struct wire_row *to);
Oid postgres_type(char letter, bool as_set);

struct postgres_taker { /* who gets the rows of a result */
    sql_row_fn *on_row;
    void *context;
    bool as_set;
    uint32_t first; /* index of the first parameter row of this result */
};
MUST_USE enum err postgres_give_rows(
    const PGresult *result, const struct postgres_taker *taker, struct err_info *reterr);
int64_t postgres_changed(PGresult *result); /* rows inserted, updated or deleted */

/* error.c: our error, with words for people; marks the connection when it is lost. */
MUST_USE enum err postgres_failure(
    struct postgres_engine *engine, const PGresult *result, struct err_info *reterr);
MUST_USE enum err postgres_lost(
    struct postgres_engine *engine, const char *doing, struct err_info *reterr);
