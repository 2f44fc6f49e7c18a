#include "services/chain/book/keeper.h"

#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/chain/book/call.h"
#include "services/chain/book/lead.h"
#include "services/chain/book/orders.h"
#include "services/chain/book/seal.h"
#include "services/chain/book/snapshot.h"

enum {
    PERIOD_MS = 50,
    FULL_PERIOD_MS = 5000,
    OPEN_MS = 250,
    ABANDONED_MS = 2000,
    SNAPSHOT_EVERY = 100000,
    SNAPSHOT_MS = 60000,
    SWEEP_MS = 60000,
    ARENA = 1 << 20,
    CANCELS_AT_ONCE = 4,
    TRIES = 500,
    AGAIN_MS = 10
};

struct keeper {
    struct chain *chain;
    struct periodic *thread;
    int64_t snapshot_ms; // monotonic, when the next may be taken
    int64_t sweep_ms;
    uint64_t open_first; // of the open block that was seen last
    int64_t open_ms;     // monotonic, since when
    bool unkept;         // the newest snapshot could not be stored
    bool complained;
};

// ---- The beginning

static void add_begun(struct book_call *b, uint32_t number, const struct ledger_account *authority)
{
    Ledger__Begun begun = LEDGER__BEGUN__INIT;
    uint8_t id[MERKLE_HASH_BYTES];
    randombytes_buf(id, sizeof id);
    begun.chain = (ProtobufCBinaryData){sizeof id, id};
    begun.authority = (ProtobufCBinaryData){sizeof *authority, (uint8_t *)authority->bytes};
    begun.key = number;
    begun.generation = store_generation(b->chain->store);
    book_add(b, LEDGER__ENTRY__BODY_BEGUN, &begun.base, NULL, 0);
}

// What was told of blocks above the height that is stored is void.
static void note_restore(struct book_call *b)
{
    Ledger__Restored restored = LEDGER__RESTORED__INIT;
    restored.generation = store_generation(b->chain->store);
    restored.height = b->book->blocks.height;
    if (restored.generation == b->book->generation) return;
    book_seal(b);
    book_add(b, LEDGER__ENTRY__BODY_RESTORED, &restored.base, NULL, 0);
    book_seal(b);
}

// The block that says so is the last one that the key before signs.
static void note_successor(struct book_call *b, uint32_t number, const struct ledger_account *authority)
{
    Ledger__Succeeded succeeded = LEDGER__SUCCEEDED__INIT;
    if (number <= b->book->authority_key || number <= b->book->successor_key) return;
    succeeded.authority = (ProtobufCBinaryData){sizeof *authority, (uint8_t *)authority->bytes};
    succeeded.key = number;
    book_add(b, LEDGER__ENTRY__BODY_SUCCEEDED, &succeeded.base, NULL, 0);
    book_seal(b);
}

static bool begin_once(struct chain *chain, struct arena *arena, uint64_t *ticket, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = chain, .arena = arena};
    struct ledger_account authority;
    uint32_t number = 0;
    *ticket = 0;
    if (!seal_authority(chain, &number, &authority, err) || !book_begin_own(&b, clock_unix_ms(), true, err))
        return false;
    if (!b.book->seq) {
        add_begun(&b, number, &authority);
    } else {
        note_restore(&b);
        note_successor(&b, number, &authority);
    }
    chain->id = b.book->blocks.chain;
    if (!b.count) return true;
    bool ok = book_commit(&b, NULL, err);
    *ticket = ok ? b.book->live.ticket : 0;
    return ok;
}

// Several processes may begin it at once; one of them does. The others see so when their own write has
// failed.
bool keeper_begin(struct chain *chain, struct err *err)
{
    struct arena arena;
    bool begun = false, again = true;
    arena_init(&arena, ARENA);
    for (int tries = 0; !begun && again && tries < TRIES; tries++) {
        uint64_t ticket;
        arena_reset(&arena);
        begun = begin_once(chain, &arena, &ticket, err) && (!ticket || store_wait(chain->store, ticket, err));
        again = err_is(err, CONFLICT) || err_is(err, SERVICE_BUSY);
        if (!begun && again) usleep(AGAIN_MS * 1000);
    }
    arena_finish(&arena);
    return begun;
}

// ---- Blocks, and times to cancel

// By the wall clock, or by how long it was seen: the entries' time stands still while a clock that was ahead
// is caught up with.
static int64_t open_age_ms(struct keeper *keeper, const struct book *book, int64_t now_ms)
{
    int64_t mono_ms = clock_mono_ms(), age_ms = now_ms - book->open_ms;
    if (keeper->open_first != book->open_first) keeper->open_ms = mono_ms;
    keeper->open_first = book->open_first;
    return age_ms > mono_ms - keeper->open_ms ? age_ms : mono_ms - keeper->open_ms;
}

// Who wrote last ends the block; after a while, who has the lease.
static bool may_end(struct keeper *keeper, const struct book *book, int64_t now_ms)
{
    int64_t age_ms = open_age_ms(keeper, book, now_ms);
    if (!book->open_first || age_ms < OPEN_MS) return false;
    bool own = !book->live.by[0];
    return own || (age_ms >= ABANDONED_MS && replica_holds(keeper->chain->replica, CHAIN_PROJECTS));
}

// One process takes them: each holds the ledger up for as long as it is copied. One soon after an erasure, or
// the one before would keep what was erased.
static bool snapshot_due(const struct keeper *keeper, const struct book *book)
{
    bool wanted = book->seq >= book->snapshot_seq + SNAPSHOT_EVERY || keeper->unkept ||
                  (book->erased && book->snapshot_seq);
    return wanted && !book->successor_key && clock_mono_ms() >= keeper->snapshot_ms &&
           replica_holds(keeper->chain->replica, CHAIN_PROJECTS) &&
           replica_all_know(keeper->chain->replica, WITHDRAWALS_SINCE);
}

// Orders of who wanted them withdrawn by now.
static void cancel_orders(struct book_call *b)
{
    if (!lead_is_ours(b->book)) return;
    for (int i = 0; i < CANCELS_AT_ONCE && book_cancel_due(b); i++) continue;
}

// A key that was rotated comes into use a while later, when every process has it.
static void follow_key(const struct keeper *keeper, struct book_call *b)
{
    struct ledger_account authority;
    struct err err = {0};
    uint32_t number = 0;
    if (lead_is_ours(b->book) && seal_authority(keeper->chain, &number, &authority, &err))
        note_successor(b, number, &authority);
}

static bool end_block(struct keeper *keeper, struct book_snapshot *snapshot, struct err *err)
{
    struct arena arena;
    arena_init(&arena, ARENA);
    struct book_call b = {.chain = keeper->chain, .arena = &arena};
    bool ok = book_begin_own(&b, clock_unix_ms(), false, err);
    if (ok) cancel_orders(&b);
    if (ok) follow_key(keeper, &b);
    if (ok && may_end(keeper, b.book, b.now_ms)) book_seal(&b);
    if (ok) ok = book_commit(&b, NULL, err);
    if (ok && snapshot_due(keeper, b.book) && book_snapshot_take(b.book, snapshot)) {
        b.book->snapshot_seq = b.book->seq;
        b.book->erased = false;
    }
    book_end(&b);
    arena_finish(&arena);
    return ok;
}

// ---- The thread

static bool keep_snapshot(struct keeper *keeper, struct book_snapshot *snapshot, struct err *err)
{
    if (!snapshot->bytes) return true;
    keeper->snapshot_ms = clock_mono_ms() + SNAPSHOT_MS;
    keeper->unkept = !book_snapshot_store(keeper->chain, snapshot, err);
    book_snapshot_drop(snapshot);
    return !keeper->unkept;
}

// What is old: parts of snapshots, and commands.
static bool sweep_store(struct keeper *keeper, struct err *err)
{
    bool due = clock_mono_ms() >= keeper->sweep_ms && replica_holds(keeper->chain->replica, CHAIN_PROJECTS) &&
               replica_clock_agrees(keeper->chain->replica);
    if (!due) return true;
    keeper->sweep_ms = clock_mono_ms() + SWEEP_MS;
    return book_snapshot_sweep(keeper->chain, clock_unix_ms(), err) &&
           store_expire_commands(keeper->chain->store, clock_unix_ms(), err);
}

static bool is_passing(const struct err *err)
{
    return err_is(err, SERVICE_BUSY) || err_is(err, STORE_AWAY) || err_is(err, STORE_FULL) ||
           err_is(err, CONFLICT);
}

int64_t keeper_look(struct keeper *keeper)
{
    struct book_snapshot snapshot = {.seq = 0};
    struct err err = {0};
    bool ok = end_block(keeper, &snapshot, &err) && keep_snapshot(keeper, &snapshot, &err) &&
              sweep_store(keeper, &err);
    if (!ok && !keeper->complained && !is_passing(&err)) log_err(LOG_ERROR, "chain.keeper", &err);
    keeper->complained = !ok;
    // After each write that fails the ledger is loaded again.
    return store_is_full(keeper->chain->store) ? FULL_PERIOD_MS : PERIOD_MS;
}

static int64_t keeper_work(void *keeper) { return keeper_look(keeper); }

bool keeper_start(struct keeper **out, struct chain *chain, struct err *err)
{
    struct keeper *keeper = *out = calloc(1, sizeof *keeper);
    if (!keeper) return err_fail(err, INTERNAL_ERROR, "out of memory");
    keeper->chain = chain;
    return periodic_start(&keeper->thread, "chain.keeper", PERIOD_MS, keeper_work, keeper, err);
}

void keeper_stop(struct keeper *keeper)
{
    if (!keeper) return;
    periodic_stop(keeper->thread);
    free(keeper);
}
