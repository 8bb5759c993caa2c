/* The wrappers of the engine port, over an engine that does what the test says. */
#include "store/sql.h"
#include "testing.h"

struct scripted {
    struct sql_engine base; /* first member */
    enum err begin, run, commit;
    int begins, runs, commits, rollbacks;
    int rows; /* given to on_row by each run */
};

static enum err scripted_begin(struct sql_engine *engine, bool write, struct err_info *reterr)
{
    struct scripted *scripted = (struct scripted *)engine;
    (void)write;
    (void)reterr;
    scripted->begins++;
    return scripted->begin;
}

static enum err scripted_commit(struct sql_engine *engine, struct err_info *reterr)
{
    struct scripted *scripted = (struct scripted *)engine;
    (void)reterr;
    scripted->commits++;
    return scripted->commit;
}

static void scripted_rollback(struct sql_engine *engine)
{
    ((struct scripted *)engine)->rollbacks++;
}

static enum err scripted_run(struct sql_engine *engine,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    int64_t *ret_changed,
    struct err_info *reterr)
{
    struct scripted *scripted = (struct scripted *)engine;
    (void)statement;
    (void)parameters;
    (void)count;
    (void)reterr;
    scripted->runs++;
    if (scripted->run != ERR_OK) {
        return scripted->run;
    }
    for (int i = 0; i < scripted->rows && on_row != NULL; i++) {
        enum err err = on_row(context, 0, NULL, 0);
        if (err != ERR_OK) {
            return err;
        }
    }
    if (ret_changed != NULL) {
        *ret_changed = 7;
    }
    return ERR_OK;
}

static const struct sql_engine_ops scripted_ops = {
    .name = "scripted",
    .begin = scripted_begin,
    .commit = scripted_commit,
    .rollback = scripted_rollback,
    .run = scripted_run,
};

static struct scripted scripted_new(void)
{
    return (struct scripted){.base = {.ops = &scripted_ops}};
}

static const struct sql_statement one_integer = {.text = "x ?1", .parameters = "i"};

static enum err run_one(struct scripted *scripted, sql_row_fn *on_row)
{
    struct sql_value value = sql_int(1);
    return sql_run(&scripted->base, &one_integer, &value, 1, on_row, NULL, NULL, NULL);
}

static enum err refuse_row(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)context;
    (void)index;
    (void)columns;
    (void)column_count;
    return ERR_TOO_LARGE;
}

static void transaction_goes_through_the_engine_once(void **state)
{
    (void)state;
    struct scripted scripted = scripted_new();
    assert_err(sql_begin(&scripted.base, true, NULL), ERR_OK);
    assert_true(scripted.base.in_transaction && scripted.base.is_write);
    assert_err(run_one(&scripted, NULL), ERR_OK);
    assert_err(sql_commit(&scripted.base, NULL), ERR_OK);
    assert_false(scripted.base.in_transaction);
    sql_rollback(&scripted.base); /* nothing is left to roll back */
    assert_int_equal(scripted.begins, 1);
    assert_int_equal(scripted.commits, 1);
    assert_int_equal(scripted.rollbacks, 0);
}

static void transaction_that_could_not_begin_is_none(void **state)
{
    (void)state;
    struct scripted scripted = scripted_new();
    scripted.begin = ERR_BUSY;
    assert_err(sql_begin(&scripted.base, true, NULL), ERR_BUSY);
    sql_rollback(&scripted.base);
    assert_int_equal(scripted.rollbacks, 0);
    scripted.begin = ERR_OK;
    assert_err(sql_begin(&scripted.base, false, NULL), ERR_OK);
    assert_false(scripted.base.is_write);
    sql_rollback(&scripted.base);
    assert_int_equal(scripted.rollbacks, 1);
}

static void failed_statement_leaves_only_the_way_back(void **state)
{
    (void)state;
    struct scripted scripted = scripted_new();
    struct err_info info = {""};
    assert_err(sql_begin(&scripted.base, true, NULL), ERR_OK);
    scripted.run = ERR_INVALID;
    assert_err(run_one(&scripted, NULL), ERR_INVALID);
    scripted.run = ERR_OK;
    assert_err(run_one(&scripted, NULL), ERR_STORE_IO);
    assert_int_equal(scripted.runs, 1);
    assert_err(sql_commit(&scripted.base, &info), ERR_STORE_IO);
    assert_non_null(strstr(info.text, "earlier statement"));
    assert_int_equal(scripted.commits, 0);
    assert_int_equal(scripted.rollbacks, 1);
    assert_err(sql_begin(&scripted.base, true, NULL), ERR_OK);
    assert_err(run_one(&scripted, NULL), ERR_OK);
    assert_err(sql_commit(&scripted.base, NULL), ERR_OK);
}

static void row_that_the_caller_refuses_is_no_failure_of_the_engine(void **state)
{
    (void)state;
    struct scripted scripted = scripted_new();
    scripted.rows = 3;
    assert_err(sql_begin(&scripted.base, true, NULL), ERR_OK);
    assert_err(run_one(&scripted, refuse_row), ERR_TOO_LARGE);
    assert_err(run_one(&scripted, NULL), ERR_OK);
    assert_err(sql_commit(&scripted.base, NULL), ERR_OK);
}

static void commit_that_fails_is_rolled_back_and_over(void **state)
{
    (void)state;
    struct scripted scripted = scripted_new();
    assert_err(sql_begin(&scripted.base, true, NULL), ERR_OK);
    scripted.commit = ERR_STORE_FULL;
    assert_err(sql_commit(&scripted.base, NULL), ERR_STORE_FULL);
    assert_int_equal(scripted.rollbacks, 1);
    assert_false(scripted.base.in_transaction);
}

static void no_rows_do_not_reach_the_engine(void **state)
{
    (void)state;
    struct scripted scripted = scripted_new();
    int64_t changed = 5;
    assert_err(sql_begin(&scripted.base, true, NULL), ERR_OK);
    assert_err(sql_run(&scripted.base, &one_integer, NULL, 0, NULL, NULL, &changed, NULL), ERR_OK);
    assert_int64_equal(changed, 0);
    assert_int_equal(scripted.runs, 0);
    sql_rollback(&scripted.base);
}

static void broken_contract_stops_the_program(void **state)
{
    (void)state;
    struct scripted scripted = scripted_new();
    struct sql_value text = sql_text(STR("1"));
    assert_aborts(sql_rollback(NULL));
    assert_aborts((void)!run_one(&scripted, NULL));
    assert_aborts((void)!sql_commit(&scripted.base, NULL));
    assert_err(sql_begin(&scripted.base, false, NULL), ERR_OK);
    assert_aborts((void)!sql_begin(&scripted.base, false, NULL));
    assert_aborts((void)!sql_script(&scripted.base, "", NULL));
    assert_aborts((void)!sql_run(&scripted.base, &one_integer, &text, 1, NULL, NULL, NULL, NULL));
    sql_rollback(&scripted.base);
}

TESTS_MAIN("sql",
    TEST(transaction_goes_through_the_engine_once),
    TEST(transaction_that_could_not_begin_is_none),
    TEST(failed_statement_leaves_only_the_way_back),
    TEST(row_that_the_caller_refuses_is_no_failure_of_the_engine),
    TEST(commit_that_fails_is_rolled_back_and_over),
    TEST(no_rows_do_not_reach_the_engine),
    TEST(broken_contract_stops_the_program))
