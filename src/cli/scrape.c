#include "cli/scrape.h"
#include "base/check.h"
#include "net/client.h"
#include "cli/config.h"
#include <stdio.h>

#define ANSWER_BYTES_MAX ((size_t)256 * 1024)

static const struct {
    const char *family, *labels;
} metric_names[] = {
#define METRIC(name, kind, family, labels, help) {family, labels},
#include "base/metrics.def"
#undef METRIC
};
_Static_assert(sizeof metric_names / sizeof metric_names[0] == METRIC_COUNT, "one row a metric");

/* `name{labels}`, as metrics_format writes it. */
static bool is_metric(struct str name, enum metric metric)
{
    char full[200];
    const char *labels = metric_names[metric].labels;
    bool bare = labels[0] == '\0';
    (void)snprintf(full, sizeof full, "%s%s%s%s", metric_names[metric].family, bare ? "" : "{",
        labels, bare ? "" : "}");
    return str_eq(name, str_from(full));
}

void scrape_read(struct str text, struct scrape *ret_scrape)
{
    REQUIRE(ret_scrape != NULL);
    *ret_scrape = (struct scrape){0};
    while (text.len > 0) {
        struct str value = str_trim(str_cut(&text, '\n'));
        size_t blank = value.len;
        while (blank > 0 && value.data[blank - 1] != ' ') {
            blank--;
        }
        if (blank == 0 || value.data[0] == '#') {
            continue;
        }
        struct str name = str_trim((struct str){value.data, blank});
        value = (struct str){value.data + blank, value.len - blank};
        for (int metric = 0; metric < METRIC_COUNT; metric++) {
            if (is_metric(name, (enum metric)metric)) {
                ret_scrape->known[metric] =
                    str_to_int64(value, &ret_scrape->values[metric]) == ERR_OK;
                break;
            }
        }
    }
}

/* An address to listen on may mean "every interface"; to connect it is the loopback. */
static enum err url_of(
    struct str address, const char *path, char *to, size_t size, struct err_info *reterr)
{
    bool loopback = false;
    int64_t port = 0;
    if (config_address_check(address, &loopback, &port) != ERR_OK || port == 0) {
        return err_set(reterr, ERR_NOT_FOUND, "the port is chosen when serve starts");
    }
    if (str_starts_with(address, STR("0.0.0.0:"))) {
        (void)snprintf(to, size, "http://127.0.0.1:%lld%s", (long long)port, path);
    } else if (str_starts_with(address, STR("[::]:"))) {
        (void)snprintf(to, size, "http://[::1]:%lld%s", (long long)port, path);
    } else {
        (void)snprintf(to, size, "http://" STR_FMT "%s", STR_ARG(address), path);
    }
    return ERR_OK;
}

struct answer {
    struct buf text;
    int status;
};

static void keep_answer(struct net_request *request, enum err err)
{
    struct answer *answer = request->context;
    if (err == ERR_OK) {
        answer->status = request->status;
        buf_add(&answer->text, request->response);
    }
}

static enum err get(struct str address,
    const char *path,
    int64_t timeout_us,
    struct answer *answer,
    struct err_info *reterr)
{
    char url[160];
    TRY(url_of(address, path, url, sizeof url, reterr));
    struct net_request request = {
        .url = str_from(url), .timeout_us = timeout_us, .done = keep_answer, .context = answer};
    return net_fetch(&request, reterr);
}

enum err scrape_fetch(struct str private_address,
    int64_t timeout_us,
    struct scrape *ret_scrape,
    struct err_info *reterr)
{
    struct answer answer = {.status = 0};
    buf_init(&answer.text, ANSWER_BYTES_MAX);
    enum err err = get(private_address, "/metrics", timeout_us, &answer, reterr);
    if (err == ERR_OK && answer.status != 200) {
        err = err_set(reterr, ERR_NET_IO, "/metrics answered %d", answer.status);
    }
    if (err == ERR_OK) {
        scrape_read(buf_str(&answer.text), ret_scrape);
    }
    buf_fini(&answer.text);
    return err;
}

enum err scrape_ready(
    struct str private_address, int64_t timeout_us, bool *ret_ready, struct err_info *reterr)
{
    struct answer answer = {.status = 0};
    buf_init(&answer.text, ANSWER_BYTES_MAX);
    enum err err = get(private_address, "/readyz", timeout_us, &answer, reterr);
    *ret_ready = answer.status == 200;
    buf_fini(&answer.text);
    return err;
}
