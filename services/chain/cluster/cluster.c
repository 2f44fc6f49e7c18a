#include "services/chain/cluster/cluster.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "services/chain/cluster/blocks.h"
#include "services/chain/cluster/burns.h"
#include "services/chain/cluster/key_file.h"
#include "services/chain/cluster/sender.h"
#include "services/chain/cluster/watch.h"

// ---- Settings

static bool read_wallet(struct solana_key *key, const char *text, const char *name, struct err *err)
{
    return (solana_key_parse(key, text) && solana_key_on_curve(key)) ||
           err_fail(err, INVALID_FIELD, "%s: with a cluster it names a wallet, in base58", name);
}

static bool read_program(struct solana_key *key, const char *text, const char *name, struct err *err)
{
    return solana_key_parse(key, text) || err_fail(err, INVALID_FIELD, "%s: it is no address", name);
}

static bool read_places(struct cluster *cluster, const struct chain_settings *settings, struct err *err)
{
    struct cluster_now *now = &cluster->now;
    return read_program(&now->programs.ticket, settings->ticket_program, "CONSE_SOLANA_TICKET_PROGRAM",
                        err) &&
           read_program(&now->programs.whitelist, settings->whitelist_program,
                        "CONSE_SOLANA_WHITELIST_PROGRAM", err) &&
           read_wallet(&now->pool, settings->solana_pool, "CONSE_SOLANA_POOL", err) &&
           read_wallet(&now->revenue, settings->solana_revenue, "CONSE_SOLANA_REVENUE", err);
}

// What comes to the authority's wallet pays for rents and fees: nobody could tell it from what is others'.
static bool check_wallets(const struct cluster_now *now, struct err *err)
{
    return (!solana_key_equal(&now->pool, &now->authority) &&
            !solana_key_equal(&now->revenue, &now->authority)) ||
           err_fail(err, INVALID_FIELD,
                    "CONSE_SOLANA_POOL and CONSE_SOLANA_REVENUE are other wallets than the authority's");
}

static bool read_key(struct cluster *cluster, const struct chain_settings *settings, struct err *err)
{
    if (!*settings->solana_key_file)
        return err_fail(err, INVALID_FIELD, "CONSE_SOLANA_KEY_FILE: with a cluster it names a file");
    if (!signer_read(&cluster->signer, settings->solana_key_file, err))
        return err_wrap(err, "CONSE_SOLANA_KEY_FILE");
    cluster->now.authority = solana_signer_key(&cluster->signer);
    return check_wallets(&cluster->now, err);
}

bool cluster_open(struct cluster **out, const struct chain_settings *settings, struct err *err)
{
    *out = NULL;
    if (!settings->solana_rpc || !*settings->solana_rpc) return true;
    struct cluster *cluster = calloc(1, sizeof *cluster);
    if (!cluster) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&cluster->lock, NULL);
    strangers_init(&cluster->strangers);
    *out = cluster;
    return read_places(cluster, settings, err) && read_key(cluster, settings, err);
}

// ---- The threads

bool cluster_start(struct chain *chain, struct err *err)
{
    struct cluster *cluster = chain->cluster;
    if (!cluster) return true;
    cluster->chain = chain;
    return watch_start(&cluster->watch, cluster, err) && sender_start(&cluster->sender, cluster, err) &&
           blocks_start(&cluster->blocks, cluster, err) && burns_start(&cluster->burns, cluster, err);
}

void cluster_stop(struct cluster *cluster)
{
    if (!cluster) return;
    burns_stop(cluster->burns);
    blocks_stop(cluster->blocks);
    sender_stop(cluster->sender);
    watch_stop(cluster->watch);
    cluster->burns = NULL;
    cluster->blocks = NULL;
    cluster->sender = NULL;
    cluster->watch = NULL;
}

void cluster_close(struct cluster *cluster)
{
    if (!cluster) return;
    cluster_stop(cluster);
    solana_signer_wipe(&cluster->signer);
    strangers_finish(&cluster->strangers);
    pthread_mutex_destroy(&cluster->lock);
    free(cluster);
}

// ---- What is known

void cluster_now(const struct cluster *cluster, struct cluster_now *now)
{
    *now = (struct cluster_now){.healthy = false};
    if (!cluster) return;
    pthread_mutex_lock((pthread_mutex_t *)&cluster->lock);
    *now = cluster->now;
    now->healthy = cluster->now.healthy && clock_mono_ms() - cluster->seen_ms < CLUSTER_FRESH_MS;
    pthread_mutex_unlock((pthread_mutex_t *)&cluster->lock);
    now->takes_money = now->healthy && cluster_is_read_back(cluster);
}

bool cluster_is_read_back(const struct cluster *cluster) { return atomic_load(&cluster->read_back); }

bool cluster_has_stranger(const struct cluster *cluster, const struct payment_key *reference)
{
    return strangers_have((struct strangers *)&cluster->strangers, reference);
}

bool cluster_knows_cards(const struct cluster *cluster) { return atomic_load(&cluster->cards_read); }

bool cluster_has_found_cards(const struct cluster *cluster)
{
    return cluster_knows_cards(cluster) || atomic_load(&cluster->cards_known);
}

struct payment_key cluster_reference(const struct cluster *cluster, const uint8_t event[TILL_ID_BYTES],
                                     const uint8_t hold[TILL_ID_BYTES], uint32_t attempt)
{
    static const char WHAT[] = "conse ticket reference";
    struct payment_key reference;
    const uint8_t number[] = {(uint8_t)attempt, (uint8_t)(attempt >> 8), (uint8_t)(attempt >> 16),
                              (uint8_t)(attempt >> 24)};
    crypto_generichash_state state;
    crypto_generichash_init(&state, cluster->signer.secret, crypto_sign_SEEDBYTES, sizeof reference.bytes);
    crypto_generichash_update(&state, (const uint8_t *)WHAT, sizeof WHAT);
    crypto_generichash_update(&state, event, TILL_ID_BYTES);
    crypto_generichash_update(&state, hold, TILL_ID_BYTES);
    crypto_generichash_update(&state, number, sizeof number);
    crypto_generichash_final(&state, reference.bytes, sizeof reference.bytes);
    sodium_memzero(&state, sizeof state);
    return reference;
}

const struct solana_signer *cluster_signer(const struct cluster *cluster) { return &cluster->signer; }
