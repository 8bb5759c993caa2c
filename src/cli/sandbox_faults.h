/* sandbox_faults: the faults that a sandbox was asked for, and the file that tells of them.
 *
 * Layer: cli.
 */
#pragma once

#include "cli/sandbox_options.h"

/* *ret_faults is NULL when none were asked for. ERR_BUSY: no memory. */
MUST_USE enum err sandbox_faults_open(
    const struct sandbox_options *options, struct faults **ret_faults, struct err_info *reterr);
/* Writes --faults-file, and says what nothing fitted. ERR_FILE_IO. */
MUST_USE enum err sandbox_faults_tell(const struct sandbox_options *options,
    const struct faults *faults,
    const struct merchant *merchant,
    const struct command_context *context,
    struct err_info *reterr);
