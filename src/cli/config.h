/* config: the INI file, every key also by environment variable, secrets by reference only.
 *
 * Layer: cli. Table: config.def (section, key, type, default, bounds, member, help), from which
 * docs/config.md comes. The keys of [chart] are the accounts of ledger/chart.def.
 */
#pragma once

#include "base/log.h"
#include "store/store.h"
#include "flow/accounts.h"
#include "ledger/chart.h"

#define CONFIG_PATH_DEFAULT "/etc/counterfoil/counterfoil.ini"
#define CONFIG_LABEL_BYTES 40 /* longest account label */

/* One reference of the configuration and what came of it. */
struct config_secret {
    struct str reference;    /* "env:NAME": may be shown */
    struct str value;        /* empty when it was not read; never to be shown */
    struct err_info problem; /* CONFIG_SECRETS_TRIED: why it could not be read; "" otherwise */
};

/* What an account's section says beyond what the flow needs. */
struct config_account {
    struct str label;
    struct str provider, environment;    /* the words: "stripe", "live" */
    struct str account_id;               /* empty: none was given */
    struct str webhook_secret, read_key; /* the references; read_key is empty when none is given */
    struct str api_base;                 /* empty: the provider's own host */
    struct str timezone;                 /* empty: UTC */
    bool allow_full_key;
    bool hold_unlinked, bank_unknown, fee_tax_is_input; /* see flow/accounts.h: books_policy */
    struct config_secret *secrets;                      /* of webhook_secret, in their order */
    uint32_t secret_count;
    struct config_secret key; /* of key.read */
};

struct config {
    char path[4096]; /* where it was read from; "" if there was no file */
    struct str store_url;
    struct str listen_public, listen_private;
    enum log_level log_level;
    int64_t http_connections;
    int64_t http_timeout_us;
    int64_t workers; /* projecting threads on PostgreSQL */
    int64_t lease_us;
    int64_t scan_every_us, scan_lag_us, scan_overlap_us, scan_thin_wait_us;
    int64_t scan_requests_per_s;
    int64_t reconcile_every_us;         /* 0: never */
    int64_t reconcile_at_us;            /* since midnight; -1: never */
    int64_t reconcile_threshold_units;  /* of any currency */
    struct str reconcile_alert;         /* a command of the shell; empty: none */
    int64_t reconcile_alert_timeout_us; /* of it */
    int64_t batch_rows;                 /* of an intake commit; 0: by the number of connections */
    struct str chart[ACCOUNT_COUNT]; /* what exports call each account: [chart], or its own name */
    struct account *accounts;        /* secrets resolved */
    uint32_t account_count;
    struct config_account *details; /* of accounts[i], for doctor and what comes later */
};

/* Reads `path` (NULL: CONFIG_PATH_DEFAULT), then COUNTERFOIL_<SECTION>_<KEY> over it, resolves
 * `env:NAME`, `file:PATH` and `credential:NAME` (systemd's $CREDENTIALS_DIRECTORY) and checks every
 * bound. ERR_CONFIG names file, line, section and key; ERR_NOT_FOUND when there is no such file;
 * ERR_FILE_IO. Without the default file the environment alone is enough. */
MUST_USE enum err config_load(
    const char *path, struct config **ret_config, struct err_info *reterr);

/* The same for those who do not need the secrets, or want to report on each of them. */
enum config_secrets {
    CONFIG_SECRETS_RESOLVED, /* one that cannot be read is ERR_CONFIG: config_load */
    CONFIG_SECRETS_TRIED,    /* config_secret.problem says why one cannot be read */
    CONFIG_SECRETS_LEFT      /* none is read: for looking at the store as any other user */
};
MUST_USE enum err config_load_with(const char *path,
    enum config_secrets secrets,
    struct config **ret_config,
    struct err_info *reterr);

struct config *config_free(
    struct config *config); /* wipes secrets; NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct config *, config_free);

/* "127.0.0.1:8420", "[::1]:8420": numeric address and port. ERR_MALFORMED. */
MUST_USE enum err config_address_check(struct str address, bool *ret_loopback, int64_t *ret_port);

/* The page docs/config.md. */
void config_docs(struct buf *to);
