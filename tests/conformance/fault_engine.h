/* fault_engine: a decorator around any engine that counts the calls of the port and fails one of
 * them; also a tracer. A store is opened with "fault:" before its URL.
 *
 * Layer: tests.
 */
#pragma once

#include "store/engines.h"

extern const struct sql_engine_opener fault_engine_opener;

/* Shared by all of them; not thread-safe. */
struct fault_plan {
    int64_t fail_at; /* the call that fails, counted from 1; 0: none */
    bool after;      /* the call is done and then said to have failed: for commits */
    bool commits;    /* only commits are counted */
    int64_t calls;   /* so far */
    bool failed;     /* the one to fail has come */
    void (*on_statement)(void *context); /* may be NULL: called before each */
    void *context;
    bool trace; /* each call to standard error; or COUNTERFOIL_TRACE=1 */
};
extern struct fault_plan fault_plan;

/* Statements that were run since the program began, each once. */
#define FAULT_STATEMENTS_MAX 512
extern const struct sql_statement *fault_statements[FAULT_STATEMENTS_MAX];
extern uint32_t fault_statement_count;
