/* cleanup: resources that die with their scope, and results that must be looked at.
 *
 *   DEFINE_CLEANUP(struct store *, store_close);       after the destructor's prototype
 *   CLEANUP(store_close) struct store *store = NULL;   closed on every way out
 *
 * A destructor takes NULL, survives half-built objects and returns NULL.
 *
 * Layer: base.
 */
#pragma once

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, arguments_at)                                                       \
    __attribute__((format(printf, format_at, arguments_at)))

#define DEFINE_CLEANUP(type, function)                                                             \
    static inline void function##_cleanup(type *value)                                             \
    {                                                                                              \
        (void)function(*value);                                                                    \
    }                                                                                              \
    struct function##_needs_a_semicolon

#define CLEANUP(function) __attribute__((cleanup(function##_cleanup)))

/* Returns the error upward: for functions that return enum err. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum err try_result_ = (call);                                                             \
        if (try_result_ != ERR_OK) {                                                               \
            return try_result_;                                                                    \
        }                                                                                          \
    } while (0)
