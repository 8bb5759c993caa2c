#include "base/check.h"
#include "base/limits.h"
#include "provider/stripe/stripe.h"
#include "cli/config_table.h"
#include "cli/secret.h"
#include <stdio.h>

/* What all accounts share while they are judged. */
struct judge {
    const struct config_text *text;
    struct str folder;
    struct secret_vault *vault;
    enum config_secrets secrets;
    struct config *config;
    struct err_info *reterr;
};

static const struct config_row *row_of(const char *key)
{
    const struct config_row *row = config_row_find(STR("account"), str_from(key));
    ENSURE(row != NULL);
    return row;
}

static enum err complain(
    const struct judge *judge, uint32_t index, const char *key, const char *words)
{
    const struct account_settings *account = &judge->text->accounts[index];
    const struct config_row *row = row_of(key);
    return config_complain(judge->text, account, row, &account->settings[row - config_rows],
        ERR_CONFIG, words, judge->reterr);
}

/* --- plain values --- */

static enum err store_rows(struct judge *judge, uint32_t index)
{
    const struct account_settings *account = &judge->text->accounts[index];
    struct config_account *details = &judge->config->details[index];
    struct err_info info;
    details->label = account->label;
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        const struct setting *setting = &account->settings[i];
        if (!config_row_is_of_account(row)) {
            continue;
        }
        struct str value = setting->value.data != NULL ? setting->value : str_from(row->otherwise);
        if (value.data == NULL) {
            return complain(judge, index, row->key, "must be given");
        }
        if (setting->value.data == NULL && value.len == 0) {
            continue; /* no default: the member stays empty */
        }
        if (config_row_store(row, value, details, &info) != ERR_OK) {
            return complain(judge, index, row->key, info.text);
        }
    }
    return ERR_OK;
}

/* Two accounts with one key would share a scope, and each would prove the other's events. */
static enum err check_unique(struct judge *judge, uint32_t index)
{
    const struct account *account = &judge->config->accounts[index];
    for (uint32_t i = 0; i < index; i++) {
        const struct account *other = &judge->config->accounts[i];
        if (other->provider == account->provider && other->says.live == account->says.live &&
            str_eq(other->says.account_key, account->says.account_key)) {
            char words[160];
            (void)snprintf(words, sizeof words,
                "[account " STR_FMT "] has the same account and environment already",
                STR_ARG(other->says.name));
            return complain(judge, index, "account_id", words);
        }
    }
    return ERR_OK;
}

/* --- secrets --- */

static enum err resolve(
    struct judge *judge, uint32_t index, const char *key, struct config_secret *secret)
{
    struct err_info info;
    if (secret_reference_check(secret->reference, &info) != ERR_OK) {
        return complain(judge, index, key, info.text);
    }
    if (judge->secrets == CONFIG_SECRETS_LEFT) {
        return ERR_OK;
    }
    enum err err =
        secret_resolve(judge->vault, secret->reference, judge->folder, &secret->value, &info);
    if (err == ERR_OK) {
        return ERR_OK;
    }
    if (judge->secrets == CONFIG_SECRETS_TRIED) {
        secret->problem = info;
        return ERR_OK;
    }
    return complain(judge, index, key, info.text);
}

static struct str next_word(struct str *rest)
{
    *rest = str_trim(*rest);
    size_t len = 0;
    while (len < rest->len && rest->data[len] != ' ' && rest->data[len] != '\t') {
        len++;
    }
    struct str word = {rest->data, len};
    *rest = (struct str){rest->data + len, rest->len - len};
    return word;
}

static enum err webhook_secrets(struct judge *judge, uint32_t index)
{
    struct config_account *details = &judge->config->details[index];
    struct provider_account *says = &judge->config->accounts[index].says;
    details->secrets = arena_new_array(judge->text->arena, struct config_secret, LIMIT_SECRETS);
    struct str *values = arena_new_array(judge->text->arena, struct str, LIMIT_SECRETS);
    if (details->secrets == NULL || values == NULL) {
        return err_set(judge->reterr, ERR_BUSY, "out of memory");
    }
    struct str rest = details->webhook_secret;
    for (struct str word = next_word(&rest); word.len > 0; word = next_word(&rest)) {
        if (details->secret_count == LIMIT_SECRETS) {
            char words[80];
            (void)snprintf(words, sizeof words, "more than %d secrets", LIMIT_SECRETS);
            return complain(judge, index, "webhook_secret", words);
        }
        struct config_secret *secret = &details->secrets[details->secret_count++];
        secret->reference = word;
        TRY(resolve(judge, index, "webhook_secret", secret));
        if (secret->value.len > 0) {
            values[says->secret_count++] = secret->value;
        }
    }
    says->secrets = values;
    ENSURE(details->secret_count > 0); /* an empty value was refused before */
    return ERR_OK;
}

static enum err check_key(struct judge *judge, uint32_t index)
{
    struct config_account *details = &judge->config->details[index];
    struct account *account = &judge->config->accounts[index];
    struct err_info info = {""};
    if (stripe_key_check(details->key.value, account->says.live, details->allow_full_key, &info) !=
        ERR_OK) {
        if (judge->secrets == CONFIG_SECRETS_TRIED) {
            details->key.problem = info;
            return ERR_OK;
        }
        return complain(judge, index, "key.read", info.text);
    }
    account->reads = (struct account_reading){
        .key = details->key.value,
        .base_url = details->api_base,
        .account_id = details->account_id,
        .full_key_allowed = details->allow_full_key,
        .requests_per_s = judge->config->scan_requests_per_s,
    };
    return ERR_OK;
}

static enum err read_key(struct judge *judge, uint32_t index)
{
    struct config_account *details = &judge->config->details[index];
    details->key.reference = details->read_key;
    if (details->read_key.len == 0) {
        return ERR_OK;
    }
    TRY(resolve(judge, index, "key.read", &details->key));
    return details->key.value.len == 0 ? ERR_OK : check_key(judge, index);
}

/* --- all of them --- */

static enum err judge_account(struct judge *judge, uint32_t index)
{
    struct config_account *details = &judge->config->details[index];
    struct account *account = &judge->config->accounts[index];
    TRY(store_rows(judge, index));
    account->provider = &stripe_provider; /* the only word that the row of `provider` allows */
    account->says.name = details->label;
    account->says.account_key = details->account_id.len > 0 ? details->account_id : details->label;
    account->says.live = str_eq(details->environment, STR("live"));
    account->books = (struct books_policy){
        .target = {.hold_unlinked = details->hold_unlinked, .bank_unknown = details->bank_unknown},
        .line = {.fee_tax_is_input = details->fee_tax_is_input},
    };
    account->zone = details->timezone;
    TRY(check_unique(judge, index));
    TRY(webhook_secrets(judge, index));
    return read_key(judge, index);
}

enum err config_accounts(const struct config_text *text,
    struct str folder,
    struct secret_vault *vault,
    enum config_secrets secrets,
    struct config *config,
    struct err_info *reterr)
{
    REQUIRE(text != NULL);
    REQUIRE(vault != NULL);
    REQUIRE(config != NULL);
    struct judge judge = {text, folder, vault, secrets, config, reterr};
    config->accounts = arena_new_array(text->arena, struct account, LIMIT_ACCOUNTS);
    config->details = arena_new_array(text->arena, struct config_account, LIMIT_ACCOUNTS);
    if (config->accounts == NULL || config->details == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    for (uint32_t i = 0; i < text->account_count; i++) {
        TRY(judge_account(&judge, i));
    }
    config->account_count = text->account_count;
    return ERR_OK;
}
