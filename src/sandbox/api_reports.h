/* api_reports: runs of reports that were asked for, as the API keeps them; included by api*.c only.
 *
 * Layer: sandbox.
 */
#pragma once

#include "base/json.h"
#include "sandbox/api_internal.h"
#include "sandbox/report.h"

#define REPORT_RUNS_MAX 1000 /* the oldest make room */
#define REPORT_KEY_BYTES_MAX 255
#define REPORT_LOOKS 2 /* at a run, until it has ended */

struct report_run {
    char id[OBJECT_ID_BYTES], file[OBJECT_ID_BYTES];
    int64_t created_s, ended_s; /* 0: it has not ended */
    struct report_order order;  /* its texts point into what follows */
    char currency[4], category[64], zone_name[64];
    struct zone *zone; /* NULL: UTC */
    bool has_columns;
    uint32_t looks;
    bool fails;
    size_t file_bytes;
    char key[REPORT_KEY_BYTES_MAX + 1]; /* Idempotency-Key; "": none */
    uint64_t form_hash;                 /* of what was asked for under it */
};

/* What data the reports have: by the shop's clock in half days, half a day later, unless the option
 * says how much later. Both are seconds. */
int64_t api_reports_start(const struct api *api);
int64_t api_reports_end(const struct api *api);

/* --- api_report_form.c --- */
/* Reads what a run is asked for; the texts of its order point into *run. False: it was refused.
 * Whatever it gives, the zone of *run is to be closed. */
bool api_report_form_read(const struct api_call *call, struct report_run *run);

/* --- api_report_json.c: each writes an object; of a file its members only --- */
void api_report_write_type(
    const struct api_call *call, enum report_type type, struct json_writer *writer);
void api_report_write_file(
    const struct api_call *call, const struct report_run *run, struct json_writer *writer);
/* `as_begun`: as it was when it was asked for. */
void api_report_write_run(const struct api_call *call,
    const struct report_run *run,
    bool as_begun,
    struct json_writer *writer);
