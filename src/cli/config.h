/* config: the INI file, every key also by environment variable, secrets by reference only.
 *
 * Layer: cli. Table: config.def (section, key, type, default, bounds, help), from which docs/config.md comes.
 */
#pragma once

#include "flow/accounts.h"
#include "base/log.h"
#include "store/store.h"

struct config {
    char path[4096];        /* where it was read from; "" if there was no file */
    struct str store_url;
    struct str listen_public, listen_private;
    enum log_level log_level;
    int64_t http_connections;
    int64_t http_timeout_us;
    int64_t workers;        /* projecting threads on PostgreSQL */
    int64_t lease_us;
    int64_t batch_rows;     /* of an intake commit; 0: by the number of connections */
    struct account *accounts; /* secrets resolved */
    uint32_t account_count;
};

/* Reads `path` (NULL: /etc/counterfoil/counterfoil.ini), then COUNTERFOIL_<SECTION>_<KEY> over it, resolves
 * `env:NAME`, `file:PATH` and `credential:NAME` (systemd's $CREDENTIALS_DIRECTORY) and checks every bound.
 * ERR_CONFIG names file, line, section and key; ERR_NOT_FOUND when there is no such file. */
MUST_USE enum err config_load(const char *path, struct config **ret_config, struct err_info *reterr);
struct config *config_free(struct config *config); /* wipes secrets; NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct config *, config_free);
