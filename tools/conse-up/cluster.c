#include "tools/conse-up/cluster.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/conse-up/ports.h"
#include "tools/conse-up/wallet.h"

enum { COLOR = 34, PATH = 1024 };

#define PORT "8899"
#define SLOT_MS "400"
#define LAMPORTS "1000000000000" // of each wallet: enough for the rents of thousands of events

static const char *set_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value && *value ? value : fallback;
}

bool cluster_is_wanted(void) { return !*set_or("CONSE_SOLANA_RPC", ""); }

static bool set_unless(const char *name, const char *value, struct err *err)
{
    if (*set_or(name, "")) return true;
    return setenv(name, value, 1) == 0 || err_fail(err, INTERNAL_ERROR, "out of memory");
}

// ---- Wallets

static bool load_authority(const char *folder, char address[BASE58_KEY_TEXT], struct err *err)
{
    char path[PATH];
    const char *named = set_or("CONSE_SOLANA_KEY_FILE", "");
    if (*named) return wallet_read(named, address, err) || err_wrap(err, "CONSE_SOLANA_KEY_FILE");
    snprintf(path, sizeof path, "%s/solana.json", folder);
    return wallet_load(path, address, err) && set_unless("CONSE_SOLANA_KEY_FILE", path, err);
}

static bool load_recipient(const char *folder, const char *name, const char *variable, struct err *err)
{
    char path[PATH], address[BASE58_KEY_TEXT];
    if (*set_or(variable, "")) return true;
    snprintf(path, sizeof path, "%s/%s.json", folder, name);
    return wallet_load(path, address, err) && set_unless(variable, address, err);
}

// ---- The child

static void add_word(struct child *child, const char *word)
{
    char *copy = strdup(word);
    if (!copy || child->words_count == CHILD_WORDS) abort();
    child->words[child->words_count++] = copy;
}

static void add_fund(struct child *child, const char *address)
{
    char fund[PATH];
    snprintf(fund, sizeof fund, "%s=" LAMPORTS, address);
    add_word(child, "--fund");
    add_word(child, fund);
}

static bool make_folder(const char *path, struct err *err)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST || err_errno(err, errno, path);
}

static bool load_wallets(struct child *child, const char *data, struct err *err)
{
    char keys[PATH], authority[BASE58_KEY_TEXT];
    snprintf(keys, sizeof keys, "%s/keys", data);
    if (!make_folder(data, err) || !make_folder(keys, err) || !load_authority(keys, authority, err) ||
        !load_recipient(keys, "solana-pool", "CONSE_SOLANA_POOL", err) ||
        !load_recipient(keys, "solana-revenue", "CONSE_SOLANA_REVENUE", err))
        return false;
    add_fund(child, authority);
    add_fund(child, getenv("CONSE_SOLANA_POOL"));
    add_fund(child, getenv("CONSE_SOLANA_REVENUE"));
    return true;
}

static bool settle_address(struct child *child, struct err *err)
{
    char wanted[PORTS_ADDRESS], url[PORTS_ADDRESS + 8];
    snprintf(wanted, sizeof wanted, "127.0.0.1:%s", set_or("CONSE_CLUSTER_PORT", PORT));
    if (!port_take_pair(wanted, child->admin, err)) return err_wrap(err, "CONSE_CLUSTER_PORT");
    snprintf(url, sizeof url, "http://%s", child->admin);
    add_word(child, "--port");
    add_word(child, strrchr(child->admin, ':') + 1);
    return set_unless("CONSE_SOLANA_RPC", url, err);
}

static bool check_built(const char *folder, struct err *err)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/conse-cluster", folder);
    return access(path, X_OK) == 0 || err_fail(err, NOT_FOUND,
                                               "there is no local Solana cluster beside conse-up: make "
                                               "cluster builds it, CONSE_SOLANA_RPC names "
                                               "another, --no-cluster does without");
}

bool cluster_settle(struct child *child, const char *folder, struct err *err)
{
    static const char *const words[] = {"--finality", "slots", "--slot-ms", SLOT_MS, "--state"};
    const char *data = set_or("CONSE_DATA", "./data");
    char state[PATH];
    child->lines.color = COLOR;
    child->probe = "/health";
    if (sodium_init() < 0) return err_fail(err, INTERNAL_ERROR, "libsodium does not start");
    if (!check_built(folder, err) || !settle_address(child, err)) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) add_word(child, words[i]);
    snprintf(state, sizeof state, "%s/cluster.json", data);
    add_word(child, state);
    return load_wallets(child, data, err);
}
