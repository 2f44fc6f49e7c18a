#include "services/chain/cluster/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/chain/beacons/beacons.h"
#include "services/chain/cluster/parts.h"
#include "services/chain/solana/rpc_blocks.h"

enum { PERIOD_MS = 1000, DEADLINE_MS = 4000, TRY_MS = 2000, ARENA = 4 << 20 };

struct blocks {
    struct cluster *cluster;
    struct periodic *thread;
    struct solana_rpc *finalized, *confirmed;
    bool complained;
};

// ---- Slots to be named

// Chain's own word counts only from a node that is not behind.
static bool present_slot(struct blocks *blocks, uint64_t finalized_slot, uint64_t *slot)
{
    struct solana_fault fault = {.code = SOLANA_OK};
    return solana_rpc_slot(blocks->confirmed, slot, &fault) && *slot >= finalized_slot;
}

static bool name_slots(struct blocks *blocks, uint64_t finalized_slot, struct arena *arena, struct err *err)
{
    struct chain *chain = blocks->cluster->chain;
    struct beacons wanted;
    uint64_t slot;
    if (!beacons_find(chain, BEACON_WANTED, arena, &wanted, err)) return false;
    if (!wanted.count || !present_slot(blocks, finalized_slot, &slot)) return true;
    for (size_t i = 0; i < wanted.count; i++)
        if (!beacons_offer(chain, &wanted, i, slot + BEACONS_AHEAD, err)) return false;
    return true;
}

// ---- Blocks that were waited for

// What the node does not have now, it may have later.
static bool tell_block(struct blocks *blocks, const struct beacons *named, size_t i, struct err *err)
{
    struct solana_fault fault = {.code = SOLANA_OK};
    struct solana_block block;
    struct beacon_block found;
    if (!solana_rpc_first_block(blocks->finalized, named->rows[i]->slot, &block, &fault)) {
        log_warn("chain.blocks", F_STR("of", named->rows[i]->id), F_STR("not found", fault.message));
        return true;
    }
    if (!block.found) return true;
    found.slot = block.slot;
    memcpy(found.hash, block.hash.bytes, sizeof found.hash);
    return beacons_tell(blocks->cluster->chain, named, i, &found, err);
}

static bool tell_blocks(struct blocks *blocks, uint64_t finalized_slot, struct arena *arena, struct err *err)
{
    struct chain *chain = blocks->cluster->chain;
    struct beacons named;
    bool ok = beacons_find(chain, BEACON_NAMED, arena, &named, err);
    for (size_t i = 0; ok && i < named.count; i++) {
        bool lost;
        ok = beacons_lose(chain, &named, i, clock_unix_ms(), &lost, err);
        if (ok && !lost && named.rows[i]->slot <= finalized_slot) ok = tell_block(blocks, &named, i, err);
    }
    return ok;
}

// ---- The thread

static bool is_passing(const struct err *err)
{
    return err_is(err, CONFLICT) || err_is(err, STORE_AWAY) || err_is(err, STORE_FULL) ||
           err_is(err, SERVICE_BUSY);
}

static bool look_for_blocks(struct blocks *blocks, struct arena *arena, struct err *err)
{
    struct cluster *cluster = blocks->cluster;
    struct cluster_now now;
    cluster_now(cluster, &now);
    pthread_mutex_lock(&cluster->lock);
    const uint64_t finalized_slot = cluster->finalized_slot;
    pthread_mutex_unlock(&cluster->lock);
    if (!now.healthy || !replica_holds(cluster->chain->replica, CHAIN_PROJECTS)) return true;
    return name_slots(blocks, finalized_slot, arena, err) && tell_blocks(blocks, finalized_slot, arena, err);
}

static int64_t blocks_work(void *arg)
{
    struct blocks *blocks = arg;
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, ARENA);
    bool ok = look_for_blocks(blocks, &arena, &err);
    arena_finish(&arena);
    if (!ok && !blocks->complained && !is_passing(&err)) log_err(LOG_ERROR, "chain.blocks", &err);
    blocks->complained = !ok;
    return PERIOD_MS;
}

static bool open_clients(struct blocks *blocks, struct err *err)
{
    struct solana_fault fault;
    struct solana_rpc_options options = {.url = blocks->cluster->chain->settings.solana_rpc,
                                         .commitment = SOLANA_FINALIZED,
                                         .deadline_ms = DEADLINE_MS,
                                         .try_ms = TRY_MS};
    if (!solana_rpc_create(&blocks->finalized, &options, &fault)) return solana_fault_err(&fault, err);
    options.commitment = SOLANA_CONFIRMED;
    return solana_rpc_create(&blocks->confirmed, &options, &fault) || solana_fault_err(&fault, err);
}

bool blocks_start(struct blocks **out, struct cluster *cluster, struct err *err)
{
    struct blocks *blocks = *out = calloc(1, sizeof *blocks);
    if (!blocks) return err_fail(err, INTERNAL_ERROR, "out of memory");
    blocks->cluster = cluster;
    return open_clients(blocks, err) &&
           periodic_start(&blocks->thread, "chain.blocks", PERIOD_MS, blocks_work, blocks, err);
}

void blocks_stop(struct blocks *blocks)
{
    if (!blocks) return;
    periodic_stop(blocks->thread);
    solana_rpc_destroy(blocks->finalized);
    solana_rpc_destroy(blocks->confirmed);
    free(blocks);
}
