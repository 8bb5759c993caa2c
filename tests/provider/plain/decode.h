/* decode: a batch to notices. Private to this folder.
 *
 * Layer: tests. Needs domain.
 */
#pragma once

#include "provider/provider.h"

MUST_USE enum err plain_decode(const struct stored_event *event,
    struct arena *arena,
    struct notice_list *ret_notices,
    struct err_info *reterr);
