/* objects: the rows of objects.def: which field of which object becomes which field of ours.
 *
 * Layer: provider/stripe. Table: objects.def.
 */
#pragma once

#include "provider/stripe/decode.h"

struct stripe_object_row {
    enum stripe_object object;
    enum id_kind kind; /* of ours */
    const char *word;
    stripe_hook *hook; /* NULL: none */
};
const struct stripe_object_row *stripe_object_row(enum stripe_object object);

stripe_decoder *stripe_own_decoder(enum stripe_object object); /* NULL: its rows decode it */

/* Rows of one object stand together; `offset` and `size` are of the member in our record. */
const struct stripe_field *stripe_map_rows(enum stripe_object object, size_t *ret_count);

/* What says which one an object is; NULL: nothing does. *ret_path is where it stands, or should. */
const struct json *stripe_identity(
    enum stripe_object object, const struct json *from, struct str *ret_path);
/* The link that the object around it fills; false: none. */
bool stripe_parent_offset(enum stripe_object object, size_t *ret_offset);

bool stripe_is_older_form(enum stripe_object object);

struct stripe_embed {
    enum stripe_object object, child;
    const char *path, *note;
};
const struct stripe_embed *stripe_embeds(size_t *ret_count);

struct stripe_computed {
    enum stripe_object object;
    const char *target, *note;
};
const struct stripe_computed *stripe_computed_rows(size_t *ret_count);
