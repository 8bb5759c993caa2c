/* check: assertions, always on, for bugs of ours and never for bytes from outside.
 *
 *   REQUIRE(e)    the caller broke the contract; first thing in a function, one condition each
 *   ENSURE(e)     we broke our promise
 *   INVARIANT(e)  the structure is corrupt
 *   UNREACHABLE() the default of a switch over our own enum
 *
 * A failed check prints `file:line: require failed: expr` and aborts: the inbox is intact, the
 * service manager restarts. Coverage builds (CHECKS_OFF) compile them to nothing.
 *
 * Layer: base.
 */
#pragma once

#include <stdnoreturn.h>

noreturn void check_failed(const char *file, int line, const char *kind, const char *expression);

#if defined(CHECKS_OFF)
#define CHECK_THAT(kind, expression) ((void)(0 && (expression)))
#else
#define CHECK_THAT(kind, expression)                                                               \
    ((expression) ? (void)0 : check_failed(__FILE__, __LINE__, (kind), #expression))
#endif

#define REQUIRE(expression) CHECK_THAT("require", expression)
#define ENSURE(expression) CHECK_THAT("ensure", expression)
#define INVARIANT(expression) CHECK_THAT("invariant", expression)
#define UNREACHABLE() check_failed(__FILE__, __LINE__, "unreachable", "reached")

/* Whole-structure checks that cost more than the work they guard: debug and test builds only. */
#if defined(CHECKS_SLOW)
#define INVARIANT_SLOW(expression) INVARIANT(expression)
#else
#define INVARIANT_SLOW(expression) ((void)0)
#endif
