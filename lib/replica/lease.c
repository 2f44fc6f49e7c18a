#include "lib/replica/lease.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "replica.pb-c.h"

enum { ROW_ARENA = 64 << 10 };

void lease_init(struct lease *lease) { lease->seen_ms = clock_mono_ms(); }

bool lease_held(const struct lease *lease) { return clock_mono_ms() < atomic_load(&lease->until_ms); }

static void lease_write(struct lease *lease, const char *holder)
{
    Replica__Lease row = REPLICA__LEASE__INIT;
    row.id = lease->name;
    row.holder = holder;
    row.fence = lease->fence + 1;
    lease->sent_ms = clock_mono_ms();
    lease->ticket =
        store_put(lease->store, lease->table, &row.base, lease->version, &(struct store_write){0});
}

static void lease_won(struct lease *lease)
{
    if (!lease_held(lease))
        log_info("lease taken", F_STR("lease", lease->name), F_INT("fence", lease->fence + 1));
    lease->fence++;
    lease->version++;
    lease->mine = true;
    atomic_store(&lease->until_ms, lease->sent_ms + LEASE_HELD_MS);
}

// Another's write came between, and it is the holder now; anything else leaves the time that is left.
static void lease_lost(struct lease *lease, const struct err *err)
{
    lease->mine = false;
    if (err_is(err, CONFLICT)) atomic_store(&lease->until_ms, 0);
}

static void learn_outcome(struct lease *lease)
{
    struct err err = {0};
    enum store_outcome outcome = store_outcome(lease->store, lease->ticket, &err);
    if (outcome == STORE_PENDING) return;
    lease->ticket = 0;
    if (outcome == STORE_DURABLE)
        lease_won(lease);
    else
        lease_lost(lease, &err);
}

// What is first seen now may have been written just now, so the time is taken after the row was read.
static void see_row(struct lease *lease, const Replica__Lease *row, uint64_t version)
{
    bool same = version == lease->version && row && row->fence == lease->fence;
    lease->version = version;
    lease->fence = row ? row->fence : 0;
    snprintf(lease->holder, sizeof lease->holder, "%s", row ? row->holder : "");
    if (!same) lease->seen_ms = clock_mono_ms();
}

// A row of ours whose write we did not learn of is as free as none.
static bool may_take(const struct lease *lease)
{
    return !*lease->holder || strcmp(lease->holder, lease->self) == 0 ||
           clock_mono_ms() - lease->seen_ms >= LEASE_TAKE_MS;
}

static void lease_look(struct lease *lease)
{
    struct arena arena;
    struct err err;
    ProtobufCMessage *row;
    uint64_t version;
    arena_init(&arena, ROW_ARENA);
    bool ok = store_get(lease->store, lease->table, lease->name, &arena, &row, &version, &err);
    if (ok) see_row(lease, (const Replica__Lease *)row, version);
    arena_finish(&arena);
    if (ok && may_take(lease)) lease_write(lease, lease->self);
}

void lease_tend(struct lease *lease)
{
    if (lease->ticket) learn_outcome(lease);
    if (lease->ticket) return;
    if (!lease->mine)
        lease_look(lease);
    else if (clock_mono_ms() - lease->sent_ms >= LEASE_RENEW_MS)
        lease_write(lease, lease->self);
}

void lease_give_back(struct lease *lease)
{
    if (lease->ticket) learn_outcome(lease);
    atomic_store(&lease->until_ms, 0);
    if (lease->mine && !lease->ticket) lease_write(lease, "");
    lease->mine = false;
}
