// What events say of the blocks that their deals wait for.
#include <inttypes.h>
#include <stdio.h>

#include "lib/base/ids.h"
#include "money.pb-c.h"
#include "services/chain/beacons/beacons.h"
#include "services/chain/tables.h"

enum { ARENA = 1 << 20, TRIES = 8, ID_TEXT = 64 };

static const struct store_table *const table = &chain_tables[CHAIN_BEACONS];

// A new row, or what it is from now on; false: it stays as it is.
static bool change_wanted(Ledger__BeaconRow *row, bool is_new, uint64_t slot)
{
    if (!is_new && (!slot || row->state > BEACON_OFFERED)) return false;
    row->slot = slot;
    row->state = slot ? BEACON_NAMED : BEACON_WANTED;
    return true;
}

static bool put_wanted(struct chain *chain, const Money__FromEvents *told, struct arena *arena,
                       struct err *err)
{
    const Money__BeaconWanted *wanted = told->beacon_wanted;
    const struct store_write write = {.done = NULL};
    Ledger__BeaconRow made = LEDGER__BEACON_ROW__INIT, *row;
    char id[ID_TEXT];
    uint64_t version;
    snprintf(id, sizeof id, "%s.%" PRIu32, told->event_id, wanted->k);
    if (!store_get(chain->store, table, id, arena, (ProtobufCMessage **)&row, &version, err)) return false;
    made.id = id;
    made.event_id = told->event_id;
    made.k = wanted->k;
    made.wanted_ms = told->time_ms;
    if (!change_wanted(row ? row : &made, !row, wanted->slot)) return true;
    return store_wait(
        chain->store,
        store_put(chain->store, table, row ? &row->base : &made.base, row ? version : 0, &write), err);
}

// Several processes learn the same: who loses looks again.
static bool learn_wanted(struct chain *chain, const Money__FromEvents *told, struct err *err)
{
    struct arena arena;
    bool ok = false;
    arena_init(&arena, ARENA);
    for (int i = 0; !ok && i < TRIES; i++) {
        arena_reset(&arena);
        ok = put_wanted(chain, told, &arena, err);
        if (!ok && !err_is(err, CONFLICT)) break;
    }
    arena_finish(&arena);
    return ok;
}

static bool is_wanted(const Money__FromEvents *told)
{
    return told && told->body_case == MONEY__FROM_EVENTS__BODY_BEACON_WANTED && uuid_check(told->event_id) &&
           told->beacon_wanted->k;
}

bool beacons_learn(struct chain *chain, const struct bus_batch *batch, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < batch->count; i++) {
        const ProtobufCBinaryData *payload = &batch->notices[i]->payload;
        Money__FromEvents *told = money__from_events__unpack(NULL, payload->len, payload->data);
        if (is_wanted(told)) ok = learn_wanted(chain, told, err);
        money__from_events__free_unpacked(told, NULL);
    }
    return ok;
}
