/* secret: values that the configuration refers to and never holds: `env:NAME`, `file:PATH`,
 * `credential:NAME`.
 *
 * Values live in one mapping that core dumps leave out and that is wiped when the vault goes. No
 * function here ever writes a value into an error text.
 *
 * Layer: cli.
 */
#pragma once

#include "base/str.h"

struct secret_vault;

struct secret_vault *secret_vault_new(void); /* NULL without memory */
struct secret_vault *secret_vault_free(
    struct secret_vault *vault); /* NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct secret_vault *, secret_vault_free);

/* Is `reference` one of the three forms? ERR_CONFIG says what is wrong, without repeating the text:
 * it may be a secret that somebody wrote where a reference belongs. */
MUST_USE enum err secret_reference_check(struct str reference, struct err_info *reterr);

/* Reads what `reference` names, without the white space around it: 1 to LIMIT_SECRET_BYTES
 * printable ASCII characters. *ret_value lives in the vault. A relative file: path starts at
 * `folder` ("" is the working directory). ERR_CONFIG, ERR_BUSY when the vault is full. */
MUST_USE enum err secret_resolve(struct secret_vault *vault,
    struct str reference,
    struct str folder,
    struct str *ret_value,
    struct err_info *reterr);

/* The path that a file: or credential: reference names; "" for env:. ERR_CONFIG as above. */
MUST_USE enum err secret_path(
    struct str reference, struct str folder, char *to, size_t to_size, struct err_info *reterr);

/* Does it look like a secret or key of a provider, or hold one? Such text is never repeated to
 * anybody. */
bool secret_looks_like_one(struct str text);
