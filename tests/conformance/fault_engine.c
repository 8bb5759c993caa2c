#include "fault_engine.h"
#include "base/check.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fault_plan fault_plan;
const struct sql_statement *fault_statements[FAULT_STATEMENTS_MAX];
uint32_t fault_statement_count;

static void remember(const struct sql_statement *statement)
{
    for (uint32_t i = 0; i < fault_statement_count; i++) {
        if (fault_statements[i] == statement) {
            return;
        }
    }
    REQUIRE(fault_statement_count < FAULT_STATEMENTS_MAX);
    fault_statements[fault_statement_count++] = statement;
}

struct fault_engine {
    struct sql_engine base; /* first member */
    struct sql_engine_ops ops;
    struct sql_engine *inner; /* owned */
};

static struct sql_engine *inner_of(struct sql_engine *engine)
{
    return ((struct fault_engine *)engine)->inner;
}

/* True when this is the call that fails. */
static bool fault_comes(const char *what)
{
    if (fault_plan.commits && strcmp(what, "commit") != 0) {
        return false;
    }
    fault_plan.calls++;
    if (fault_plan.trace || getenv("COUNTERFOIL_TRACE") != NULL) {
        (void)fprintf(stderr, "# %" PRId64 " %s\n", fault_plan.calls, what);
    }
    if (fault_plan.calls != fault_plan.fail_at) {
        return false;
    }
    fault_plan.failed = true;
    return true;
}

static enum err fault(struct err_info *reterr)
{
    return err_set(reterr, ERR_STORE_IO, "the fault that was asked for");
}

static enum err fault_begin(struct sql_engine *engine, bool write, struct err_info *reterr)
{
    return fault_comes(write ? "begin write" : "begin read")
               ? fault(reterr)
               : sql_begin(inner_of(engine), write, reterr);
}

static enum err fault_commit(struct sql_engine *engine, struct err_info *reterr)
{
    if (!fault_comes("commit")) {
        return sql_commit(inner_of(engine), reterr);
    }
    if (fault_plan.after) {
        TRY(sql_commit(inner_of(engine), reterr));
    }
    return fault(reterr);
}

static void fault_rollback(struct sql_engine *engine)
{
    sql_rollback(inner_of(engine));
}

static enum err fault_run(struct sql_engine *engine,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    int64_t *ret_changed,
    struct err_info *reterr)
{
    remember(statement);
    if (fault_plan.on_statement != NULL) {
        fault_plan.on_statement(fault_plan.context);
    }
    bool fails = fault_comes(statement->text);
    if (!fails || fault_plan.after) {
        TRY(sql_run(
            inner_of(engine), statement, parameters, count, on_row, context, ret_changed, reterr));
    }
    return fails ? fault(reterr) : ERR_OK;
}

static enum err fault_script(struct sql_engine *engine, const char *text, struct err_info *reterr)
{
    return fault_comes("script") ? fault(reterr) : sql_script(inner_of(engine), text, reterr);
}

static enum err fault_lock_schema(struct sql_engine *engine, struct err_info *reterr)
{
    return fault_comes("lock schema") ? fault(reterr) : sql_lock_schema(inner_of(engine), reterr);
}

static enum err fault_notify(struct sql_engine *engine, struct err_info *reterr)
{
    struct sql_engine *inner = inner_of(engine);
    if (fault_comes("notify")) {
        return fault(reterr);
    }
    return inner->ops->notify == NULL ? ERR_OK : inner->ops->notify(inner, reterr);
}

static void fault_wait(struct sql_engine *engine, int wake_fd, int64_t timeout_us)
{
    inner_of(engine)->ops->wait(inner_of(engine), wake_fd, timeout_us);
}

static enum err fault_durability(struct sql_engine *engine,
    bool *ret_synced,
    char why[static SQL_WHY_BYTES],
    struct err_info *reterr)
{
    return inner_of(engine)->ops->durability(inner_of(engine), ret_synced, why, reterr);
}

static void fault_close(struct sql_engine *engine)
{
    inner_of(engine)->ops->close(inner_of(engine));
    free(engine);
}

static enum err fault_open(struct str url,
    enum store_access access,
    struct env *env,
    struct sql_engine **ret_engine,
    struct err_info *reterr)
{
    (void)str_cut(&url, ':');
    const struct sql_engine_opener *opener = store_engine_for(url);
    REQUIRE(opener != NULL && opener != &fault_engine_opener);
    struct fault_engine *engine = calloc(1, sizeof *engine);
    REQUIRE(engine != NULL);
    enum err err = opener->open(url, access, env, &engine->inner, reterr);
    if (err != ERR_OK) {
        free(engine);
        return err;
    }
    engine->ops = (struct sql_engine_ops){
        .name = engine->inner->ops->name,
        .has_row_locks = engine->inner->ops->has_row_locks,
        .migrations = engine->inner->ops->migrations,
        .begin = fault_begin,
        .commit = fault_commit,
        .rollback = fault_rollback,
        .run = fault_run,
        .script = fault_script,
        .lock_schema = fault_lock_schema,
        .notify = fault_notify,
        .wait = fault_wait,
        .durability = fault_durability,
        .close = fault_close,
    };
    engine->base.ops = &engine->ops;
    *ret_engine = &engine->base;
    return ERR_OK;
}

const struct sql_engine_opener fault_engine_opener = {"fault", NULL, fault_open};
