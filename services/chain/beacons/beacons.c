#include "services/chain/beacons/beacons.h"

#include <stdio.h>

#include "lib/base/clock.h"
#include "money.pb-c.h"
#include "services/chain/rows/rows.h"
#include "services/chain/tables.h"
#include "services/chain/till/told.h"

enum { WEEK_MS = 7 * 24 * 3600 * 1000, SOURCE_TEXT = 80, SAID_MOST = 256 };

static const struct store_table *const table = &chain_tables[CHAIN_BEACONS];

bool beacons_find(struct chain *chain, enum beacon_state state, struct arena *arena, struct beacons *found,
                  struct err *err)
{
    const struct store_query query = {
        .index = "by_state", .equal = {{.number = state}}, .equal_count = 1, .limit = BEACONS_AT_ONCE};
    struct store_rows rows;
    if (!store_find(chain->store, table, &query, arena, &rows, err)) return false;
    *found = (struct beacons){(Ledger__BeaconRow **)rows.messages, rows.versions, rows.count};
    return true;
}

// ---- Telling

// By its source the same is appended once, whoever repeats it.
static bool append_said(struct chain *chain, const Ledger__BeaconRow *row, uint64_t part,
                        Money__FromChain *said, struct err *err)
{
    uint8_t bytes[SAID_MOST];
    char source[SOURCE_TEXT];
    said->time_ms = clock_unix_ms();
    said->event_id = row->event_id;
    const ProtobufCBinaryData packed = {money__from_chain__get_packed_size(said), bytes};
    if (packed.len > sizeof bytes) return err_fail(err, INTERNAL_ERROR, "a beacon says too much");
    money__from_chain__pack(said, bytes);
    snprintf(source, sizeof source, "beacons.%s", row->id);
    const struct store_write write = {.source = {source, part, 0}};
    return store_wait(chain->store, store_append_next(chain->store, TOLD_STREAM, &packed, 1, &write), err) &&
           rows_tell_head(chain, err);
}

// The event's word may have come meanwhile, or another process have done the same: then that counts.
static bool change_row(struct chain *chain, const Ledger__BeaconRow *row, uint64_t version, struct err *err)
{
    const struct store_write write = {.done = NULL};
    return store_wait(chain->store, store_put(chain->store, table, &row->base, version, &write), err) ||
           err_is(err, CONFLICT);
}

bool beacons_offer(struct chain *chain, const struct beacons *of, size_t i, uint64_t slot, struct err *err)
{
    Ledger__BeaconRow row = *of->rows[i];
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__BeaconNamed named = MONEY__BEACON_NAMED__INIT;
    named.k = row.k;
    named.slot = slot;
    said.body_case = MONEY__FROM_CHAIN__BODY_BEACON_NAMED;
    said.beacon_named = &named;
    row.state = BEACON_OFFERED;
    return append_said(chain, &row, BEACON_OFFERED, &said, err) &&
           change_row(chain, &row, of->versions[i], err);
}

bool beacons_tell(struct chain *chain, const struct beacons *of, size_t i, const struct beacon_block *block,
                  struct err *err)
{
    Ledger__BeaconRow row = *of->rows[i];
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__BeaconFound found = MONEY__BEACON_FOUND__INIT;
    found.k = row.k;
    found.slot = row.slot;
    found.block_slot = block->slot;
    found.hash = (ProtobufCBinaryData){sizeof block->hash, (uint8_t *)block->hash};
    said.body_case = MONEY__FROM_CHAIN__BODY_BEACON_FOUND;
    said.beacon_found = &found;
    row.state = BEACON_TOLD;
    return append_said(chain, &row, BEACON_TOLD, &said, err) && change_row(chain, &row, of->versions[i], err);
}

bool beacons_lose(struct chain *chain, const struct beacons *of, size_t i, int64_t now_ms, bool *lost,
                  struct err *err)
{
    Ledger__BeaconRow row = *of->rows[i];
    *lost = now_ms - row.wanted_ms > WEEK_MS;
    row.state = BEACON_LOST;
    return !*lost || change_row(chain, &row, of->versions[i], err);
}
