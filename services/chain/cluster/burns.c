#include "services/chain/cluster/burns.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/chain/cluster/forgotten_cards.h"
#include "services/chain/cluster/homecoming.h"
#include "services/chain/cluster/parts.h"
#include "services/chain/cluster/receipts.h"
#include "services/chain/cluster/records.h"

enum { PERIOD_MS = 1500, RETRY_MS = 30000, DEADLINE_MS = 4000, TRY_MS = 2000, ARENA = 64 << 20 };

// A list as it was when all of its burns had been read.
struct seen_list {
    uint64_t burned; // on the cluster
    uint32_t wanted;
    int64_t again_ms; // monotonic: something was missing, and is looked for then
};

struct burns {
    struct cluster *cluster;
    struct periodic *thread;
    struct solana_rpc *finalized;
    struct seen_list seen[LISTS_MOST]; // by number, less one
    struct forgotten_cards forgotten;
    struct homecoming_seen cards;
    bool complained;
};

// One look at lists.
struct looking {
    struct burns *burns;
    struct arena *arena;
    uint64_t slot; // finalized: what is read is not older
    struct records_list *lists;
    size_t count;
    struct records *records; // of one list after another
};

static bool begin_own(struct looking *looking, struct book_call *b, bool fresh, struct err *err)
{
    *b = (struct book_call){.chain = looking->burns->cluster->chain, .arena = looking->arena};
    return book_begin_own(b, clock_unix_ms(), fresh, err);
}

// ---- Which lists have news

static bool gather_lists(struct looking *looking, struct err *err)
{
    AUTO_BOOK struct book_call b;
    if (!begin_own(looking, &b, false, err)) return false;
    looking->lists = records_lists(b.book, looking->arena, &looking->count);
    return book_filled(looking->lists, err);
}

static bool has_news(const struct looking *looking, const struct records_list *list, uint64_t burned)
{
    const struct seen_list *seen = &looking->burns->seen[list->number - 1];
    if (burned == list->burned) return false; // all of them are on the list here
    bool same = seen->burned == burned && seen->wanted == list->wanted;
    return !same || (seen->again_ms && clock_mono_ms() >= seen->again_ms);
}

// ---- One list

static bool take_records(struct looking *looking, const struct records_list *list, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = NULL};
    const struct records *records = looking->records;
    if (!records->count) return true;
    if (!begin_own(looking, &b, true, err)) return false;
    for (size_t i = 0; i < records->count && !b.failed; i++) records_enter(&b, list, &records->all[i]);
    return book_commit(&b, NULL, err);
}

static bool look_at_list(struct looking *looking, const struct records_list *list, bool *whole,
                         struct err *err)
{
    const struct records_search search = {.rpc = looking->burns->finalized,
                                          .programs = &looking->burns->cluster->now.programs,
                                          .list = list,
                                          .min_slot = looking->slot};
    bool ok = true;
    *whole = true;
    for (size_t from = 0; ok && from < list->mints_count; from += RECORDS_AT_ONCE) {
        if (!records_read(&search, from, looking->records))
            return err_fail(err, CLUSTER_AWAY, "the node does not answer");
        *whole &= looking->records->whole;
        ok = take_records(looking, list, err);
    }
    return ok;
}

static bool fill_list(struct looking *looking, struct records_list *list, struct err *err)
{
    AUTO_BOOK struct book_call b;
    if (!begin_own(looking, &b, false, err)) return false;
    return records_fill(list, b.book, looking->arena) || book_filled(NULL, err);
}

static bool look_at_news(struct looking *looking, struct records_list *list, uint64_t burned, struct err *err)
{
    struct seen_list *seen = &looking->burns->seen[list->number - 1];
    bool whole;
    if (!fill_list(looking, list, err) || !look_at_list(looking, list, &whole, err)) return false;
    *seen = (struct seen_list){burned, list->wanted, whole ? 0 : clock_mono_ms() + RETRY_MS};
    return true;
}

// ---- All

static bool look_at_some(struct looking *looking, struct records_list *lists, size_t count, struct err *err)
{
    struct reading *reading = arena_new(looking->arena, struct reading);
    struct solana_key keys[READING_KEYS_MAX];
    struct solana_list found;
    struct solana_fault fault;
    bool ok = true;
    if (!reading) return book_filled(NULL, err);
    for (size_t i = 0; i < count; i++) keys[i] = lists[i].address;
    if (!reading_accounts(looking->burns->finalized, keys, count, looking->slot, reading, &fault))
        return err_fail(err, CLUSTER_AWAY, "%s", fault.message);
    for (size_t i = 0; ok && i < count; i++)
        if (solana_list_read(&found, &reading->accounts[i], &looking->burns->cluster->now.programs) &&
            has_news(looking, &lists[i], found.burned))
            ok = look_at_news(looking, &lists[i], found.burned, err);
    reading_finish(reading);
    return ok;
}

static bool look_at_all(struct looking *looking, struct err *err)
{
    looking->records = arena_new(looking->arena, struct records);
    bool ok = book_filled(looking->records, err) && gather_lists(looking, err);
    for (size_t from = 0; ok && from < looking->count; from += READING_KEYS_MAX) {
        size_t left = looking->count - from;
        ok = look_at_some(looking, looking->lists + from, left < READING_KEYS_MAX ? left : READING_KEYS_MAX,
                          err);
    }
    return ok;
}

static bool look_for_burns(struct looking *looking, struct err *err)
{
    struct cluster *cluster = looking->burns->cluster;
    struct cluster_now now;
    cluster_now(cluster, &now);
    pthread_mutex_lock(&cluster->lock);
    looking->slot = cluster->finalized_slot;
    const struct mintings_look mintings = {cluster->chain, looking->burns->finalized, looking->slot,
                                           cluster->now.finalized_height};
    pthread_mutex_unlock(&cluster->lock);
    if (!now.healthy) return true;
    if (!forgotten_cards_look(&mintings, &looking->burns->forgotten, looking->arena, err)) return false;
    if (!replica_holds(cluster->chain->replica, CHAIN_PROJECTS)) return true;
    return mintings_look(&mintings, looking->arena, err) &&
           homecoming_look(&mintings, &looking->burns->cards, looking->arena, err) &&
           look_at_all(looking, err) &&
           receipts_look(cluster->chain, looking->burns->finalized, now.clock_s, looking->arena, err);
}

// ---- The thread

static bool is_passing(const struct err *err)
{
    return err_is(err, CONFLICT) || err_is(err, STORE_AWAY) || err_is(err, STORE_FULL) ||
           err_is(err, SERVICE_BUSY) || err_is(err, CLUSTER_AWAY);
}

static int64_t burns_work(void *arg)
{
    struct burns *burns = arg;
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, ARENA);
    struct looking looking = {.burns = burns, .arena = &arena};
    bool ok = look_for_burns(&looking, &err);
    arena_finish(&arena);
    if (!ok && !burns->complained && !is_passing(&err)) log_err(LOG_ERROR, "chain.burns", &err);
    burns->complained = !ok;
    return PERIOD_MS;
}

bool burns_start(struct burns **out, struct cluster *cluster, struct err *err)
{
    struct burns *burns = *out = calloc(1, sizeof *burns);
    struct solana_fault fault;
    const struct solana_rpc_options options = {.url = cluster->chain->settings.solana_rpc,
                                               .commitment = SOLANA_FINALIZED,
                                               .deadline_ms = DEADLINE_MS,
                                               .try_ms = TRY_MS};
    if (!burns) return err_fail(err, INTERNAL_ERROR, "out of memory");
    burns->cluster = cluster;
    if (!forgotten_cards_open(cluster, err)) return false;
    if (!solana_rpc_create(&burns->finalized, &options, &fault)) return solana_fault_err(&fault, err);
    return periodic_start(&burns->thread, "chain.burns", PERIOD_MS, burns_work, burns, err);
}

void burns_stop(struct burns *burns)
{
    if (!burns) return;
    periodic_stop(burns->thread);
    solana_rpc_destroy(burns->finalized);
    free(burns);
}
