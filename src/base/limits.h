/* limits: every bound of the program in one place.
 *
 * Hitting one is ERR_BUSY or ERR_TOO_LARGE, never growth.
 *
 * Layer: base.
 */
#pragma once

#define LIMIT_BODY_BYTES (1024 * 1024) /* a webhook body; providers' largest are some 100 kB */
#define LIMIT_HEADER_BYTES 16384       /* all headers of a request */
#define LIMIT_SIGNATURE_BYTES 8192     /* the header with the proof */
#define LIMIT_SIGNATURES 64            /* v1 values looked at in one header */
#define LIMIT_SECRETS 16               /* per account */
#define LIMIT_SECRET_BYTES 256
#define LIMIT_ACCOUNTS 256 /* in the configuration */
#define LIMIT_SCOPES 65536 /* remembered by the intake; there may be more */
#define LIMIT_JSON_DEPTH 64
#define LIMIT_JSON_MEMBERS 4096     /* of one object */
#define LIMIT_JSON_VALUES 400000    /* of one document; 1 MiB of "[0,0,..." has more */
#define LIMIT_PROVIDER_ID_BYTES 255 /* what providers promise */
#define LIMIT_EVENT_TYPE_BYTES 120
#define LIMIT_QUEUE_ROWS 8192 /* deliveries waiting for a commit */
#define LIMIT_QUEUE_BYTES (256 * 1024 * 1024)
#define LIMIT_INTAKE_BATCH 512                      /* deliveries in one commit */
#define LIMIT_CLAIM_BATCH 512                       /* inbox events in one projection batch */
#define LIMIT_CLAIM_BYTES (4 * 1024 * 1024)         /* their bodies, one event excepted */
#define LIMIT_BATCH_ARENA_BYTES (256 * 1024 * 1024) /* decoded documents of one batch */
#define LIMIT_NOTICES 1024                          /* from one inbox event */
#define LIMIT_TIE_EVENTS 32                         /* of one object in one second */
#define LIMIT_ATTEMPTS 1000                         /* charges of one payment */
#define LIMIT_LINKED 1000          /* records that name one object, where all count */
#define LIMIT_CRASHES 3            /* attempts that never ended, alone, before an event is dead */
#define LIMIT_REPLAY_PAGE 2048     /* events that are decided once more in one batch */
#define LIMIT_REPLAY_LATER 1000000 /* open and dead events that it comes back to */
#define LIMIT_WAL_BYTES (64 * 1024 * 1024)
#define LIMIT_API_ANSWER_BYTES (8 * 1024 * 1024) /* of a provider's API */
#define LIMIT_API_PAGE 100                       /* elements in a page of a list */
#define LIMIT_API_PAGES 10                       /* of one embedded list */
#define LIMIT_API_ATTEMPTS 5                     /* of one request */
#define LIMIT_REPORT_BYTES                                                                         \
    ((size_t)8 * 1024 * 1024 * 1024) /* of one file; some 30 million lines                         \
                                      */
#define LIMIT_CSV_FIELD_BYTES 65536
#define LIMIT_CSV_RECORD_BYTES (1024 * 1024)
#define LIMIT_CSV_FIELDS 512 /* columns; users add their own to reports */
