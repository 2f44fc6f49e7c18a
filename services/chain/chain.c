// Opening and closing what the chain service owns, in the service and in tools that work on its files.
#include "services/chain/chain.h"

#include <stdio.h>

#include "lib/live/live.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "services/chain/book/call.h"
#include "services/chain/book/erase.h"
#include "services/chain/book/keeper.h"
#include "services/chain/certifier.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/rows/rows.h"
#include "services/chain/node/mirror.h"
#include "services/chain/node/node.h"
#include "services/chain/peers.h"
#include "services/chain/rewards/coins.h"
#include "services/chain/rewards/learn.h"
#include "services/chain/seats/due.h"
#include "services/chain/seats/learn.h"
#include "services/chain/tables.h"

static bool open_store(struct chain *chain, const struct chain_options *options, struct err *err)
{
    const struct store_options store = {.url = options->store_url,
                                        .tables = chain_tables,
                                        .ballast = true,
                                        .self = options->self,
                                        .metrics = options->metrics};
    return store_open(&chain->store, &store, err);
}

// A ledger whose key is lost can't be gone on with.
static bool expect_key(struct chain *chain, struct err *err)
{
    uint64_t head;
    return store_head(chain->store, BOOK_STREAM, &head, err) &&
           (!head ||
            keyring_expect(chain->keys, CHAIN_KEY_LEDGER, "the ledger's blocks are signed with it", err));
}

static bool open_keys(struct chain *chain, const struct chain_options *options, struct err *err)
{
    AUTO_KEYS struct key_set ledger = {.count = 0};
    char folder[1024];
    snprintf(folder, sizeof folder, "%s/keys", options->data_dir);
    const struct keyring_options keys = {.service = "chain",
                                         .folder = folder,
                                         .masters = options->master_keys,
                                         .store = chain->store,
                                         .table = &chain_tables[CHAIN_KEYS],
                                         .shared = store_is_shared(chain->store)};
    return keyring_open(&chain->keys, &keys, err) && expect_key(chain, err) &&
           keyring_load(chain->keys, CHAIN_KEY_LEDGER, &ledger, err);
}

static bool open_names(struct chain *chain, struct err *err)
{
    const struct names_options names = {chain->store, &chain_tables[CHAIN_NAMES],
                                        &chain_tables[CHAIN_CONSUMED], true};
    return names_open(&chain->names, &names, err);
}

static bool open_audit(struct chain *chain, const struct chain_options *options, struct err *err)
{
    const struct audit_options audit = {.service = "chain",
                                        .store = chain->store,
                                        .tables = chain_tables,
                                        .metrics = options->metrics,
                                        .files = !options->self};
    return audit_open(&chain->audit, &audit, err);
}

bool chain_open(struct chain *chain, const struct chain_options *options, struct err *err)
{
    *chain =
        (struct chain){.settings = *options->settings, .self = options->self, .metrics = options->metrics};
    pthread_mutex_init(&chain->rows_mutex, NULL);
    if (open_store(chain, options, err) && open_audit(chain, options, err) &&
        open_keys(chain, options, err) && open_names(chain, err) && books_open(chain, err)) {
        names_on_deletion(chain->names, erase_user, chain);
        return true;
    }
    chain_close(chain);
    return false;
}

// Without room it stays owed.
static bool collect_audit(struct chain *chain, struct err *err)
{
    return audit_collect(chain->audit, err) || err_is(err, STORE_FULL);
}

bool chain_start(struct chain *chain, struct err *err)
{
    return collect_audit(chain, err) && cluster_open(&chain->cluster, &chain->settings, err) &&
           keyring_follow(chain->keys, err) && replica_start(chain->replica, err) &&
           keeper_begin(chain, err) && book_tell_heads(chain, err) &&
           keeper_start(&chain->keeper, chain, err) && book_rows_start(&chain->rows, chain, err) &&
           seats_due_start(&chain->due, chain, err) && cluster_start(chain, err) && node_start(chain, err) &&
           mirror_start(&chain->mirror, chain, err);
}

// The store's last commits still use the ledger.
void chain_close(struct chain *chain)
{
    mirror_stop(chain->mirror);
    node_stop(chain->node);
    certifier_stop(chain->certifier);
    cluster_stop(chain->cluster);
    seats_unfollow(chain);
    rewards_unfollow(chain);
    coins_unfollow(chain);
    names_unfollow(chain->names);
    chain_peers_unfollow(chain);
    keyring_unfollow(chain->keys);
    keeper_stop(chain->keeper);
    book_rows_stop(chain->rows);
    seats_due_stop(chain->due);
    cluster_close(chain->cluster);
    replica_close(chain->replica);
    store_close(chain->store);
    bus_publisher_close(chain->publisher);
    live_close(chain->books);
    names_close(chain->names);
    keyring_close(chain->keys);
    audit_close(chain->audit);
    pthread_mutex_destroy(&chain->rows_mutex);
}
