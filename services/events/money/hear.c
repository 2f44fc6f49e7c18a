#include "services/events/money/hear.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "services/events/game/rules/rules.h"
#include "services/events/live/command.h"
#include "services/events/live/commit.h"
#include "services/events/money/parts.h"
#include "services/events/tables.h"

enum {
    ARENA = 8 << 20,
    TRIES = 8,
    ANEW_SINCE = 14 // CONSE_FORMAT: older programs don't know of holds that begin anew
};

// An entry of the stream, with its place.
struct heard {
    struct events *events;
    const Money__FromChain *said;
    struct payments_told place;
    struct arena *arena;
    uint64_t undone; // a write that failed, and is being undone; 0: none
    bool unknown;    // nothing here is of this hold
};

static bool decide_locked(struct heard *heard, struct aggregate *aggregate, struct err *err)
{
    struct entries entries = {.arena = heard->arena,
                              .now_ms = aggregate_time(aggregate, clock_unix_ms()),
                              .actor = "",
                              .randomness = system_randomness()};
    if (!rules_payment(&aggregate->game, &entries, heard->said, &heard->place, err)) return false;
    if (!entries.count && !entries.failed) return true;
    return commit_queue(aggregate, &entries, commit_create(aggregate, &entries), NULL, err);
}

// What older programs can't read waits until there are none.
static bool may_hear(const struct events *events, const Money__FromChain *said, struct err *err)
{
    bool anew = said->body_case == MONEY__FROM_CHAIN__BODY_CLOSED &&
                said->closed->next == MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT;
    return !anew || replica_all_know(events->replica, ANEW_SINCE) ||
           err_fail(err, SERVICE_BUSY, "an older process does not know of holds that begin anew");
}

// Also what adds nothing rests on what is on its way.
static bool hear_once(struct heard *heard, struct err *err)
{
    struct live_need need = {.fresh_from_ns = clock_mono_ns()};
    struct aggregate *aggregate;
    bool entered = aggregate_enter_fresh(heard->events, heard->said->event_id, &need, &aggregate, err);
    heard->undone = need.undone;
    if (!entered) return false;
    bool ok = decide_locked(heard, aggregate, err);
    heard->unknown = *heard->said->hold_id && !game_hold(&aggregate->game, heard->said->hold_id);
    uint64_t ticket = aggregate->live.ticket;
    aggregate_leave(aggregate);
    return ok && (!ticket || store_wait(heard->events->store, ticket, err));
}

// It begins, or has money.
static bool is_begun(const Money__FromChain *said)
{
    return said->body_case == MONEY__FROM_CHAIN__BODY_OPENED ||
           said->body_case == MONEY__FROM_CHAIN__BODY_CONFIRMED ||
           said->body_case == MONEY__FROM_CHAIN__BODY_HELD_AGAIN;
}

// Chain hears of holds by entries alone: one that is not there any more was lost by a restore.
static bool end_unknown(const struct heard *heard, struct err *err)
{
    return !heard->unknown || !is_begun(heard->said) || money_end_unknown(heard->events, heard->said, err);
}

// Likewise; of an event that was deleted chain was told so.
static bool end_lost(const struct heard *heard, struct err *err)
{
    bool begun = is_begun(heard->said) || heard->said->body_case == MONEY__FROM_CHAIN__BODY_EVENT_PAYABLE;
    return !begun || money_end_unknown_event(heard->events, heard->said->event_id, err);
}

// An event that can't be read must not keep the others waiting for theirs.
static bool is_unreadable(const struct err *err)
{
    if (!err_is(err, STORE_CORRUPT) && !err_is(err, LIMIT_REACHED)) return false;
    log_err(LOG_ERROR, "events.payments", err);
    return true;
}

// Whatever came of it.
static bool is_decided(struct events *events, uint64_t ticket)
{
    struct err outcome = {0};
    return store_wait(events->store, ticket, &outcome) || outcome.reason;
}

static bool hear_one(struct heard *heard, struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        arena_reset(heard->arena);
        if (hear_once(heard, err)) return end_unknown(heard, err);
        if (err_is(err, NOT_FOUND)) return end_lost(heard, err);
        if (is_unreadable(err)) return true;
        bool again = err_is(err, CONFLICT) || (heard->undone && is_decided(heard->events, heard->undone));
        if (!again) return false;
    }
    return false;
}

// ---- What is of no event

static bool find_told(const struct events *events, struct arena *arena, Game__ToldRow **row,
                      uint64_t *version, struct err *err)
{
    return store_get(events->store, &events_tables[EVENTS_TOLD], "chain", arena, (ProtobufCMessage **)row,
                     version, err);
}

// Several processes hear the same: who loses looks again.
static bool keep_offers(struct events *events, const Money__LamportsTaken *said, struct arena *arena,
                        struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        Game__ToldRow row = GAME__TOLD_ROW__INIT, *kept;
        uint64_t version;
        arena_reset(arena);
        if (!find_told(events, arena, &kept, &version, err)) return false;
        if (kept && kept->lamports == said->taken && kept->beacons == said->beacons) return true;
        row.id = "chain";
        row.lamports = said->taken;
        row.beacons = said->beacons;
        if (store_wait(events->store,
                       store_put(events->store, &events_tables[EVENTS_TOLD], &row.base, kept ? version : 0,
                                 &(struct store_write){0}),
                       err))
            return true;
        if (!err_is(err, CONFLICT)) return false;
    }
    return false;
}

bool payments_offers(const struct events *events, struct arena *arena, struct chain_offers *offers,
                     struct err *err)
{
    Game__ToldRow *row;
    uint64_t version;
    if (!find_told(events, arena, &row, &version, err)) return false;
    *offers = (struct chain_offers){row && row->lamports, row && row->beacons};
    return true;
}

// ---- A page

static bool hear_notice(struct events *events, const struct bus_batch *batch, const Bus__Notice *notice,
                        struct arena *arena, struct err *err)
{
    Money__FromChain *said = money__from_chain__unpack(NULL, notice->payload.len, notice->payload.data);
    if (!said) return err_fail(err, STORE_CORRUPT, "an entry of " PAYMENTS_STREAM " does not unpack");
    struct heard heard = {events, said, {batch->place.generation, notice->seq}, arena, 0, false};
    bool ok = true;
    if (said->body_case == MONEY__FROM_CHAIN__BODY_LAMPORTS_TAKEN)
        ok = keep_offers(events, said->lamports_taken, arena, err);
    else if (uuid_check(said->event_id))
        ok = may_hear(events, said, err) && hear_one(&heard, err);
    money__from_chain__free_unpacked(said, NULL);
    return ok;
}

// ---- The place

static bool is_reached(const Bus__Consumed *row, const struct bus_place *place)
{
    return row && row->generation == place->generation && row->seq >= place->seq;
}

static bool find_place(struct events *events, struct arena *arena, Bus__Consumed **row, uint64_t *version,
                       struct err *err)
{
    arena_reset(arena);
    return store_get(events->store, &events_tables[EVENTS_CONSUMED], PAYMENTS_STREAM, arena,
                     (ProtobufCMessage **)row, version, err);
}

// Several processes hear the same: who loses finds what the other has stored.
static bool keep_place(struct events *events, const struct bus_place *place, struct arena *arena,
                       struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        Bus__Consumed row = BUS__CONSUMED__INIT, *kept;
        uint64_t version;
        if (!find_place(events, arena, &kept, &version, err)) return false;
        if (is_reached(kept, place)) return true;
        row.stream = PAYMENTS_STREAM;
        row.generation = place->generation;
        row.seq = place->seq;
        if (store_wait(events->store,
                       store_put(events->store, &events_tables[EVENTS_CONSUMED], &row.base,
                                 kept ? version : 0, &(struct store_write){0}),
                       err))
            return true;
        if (!err_is(err, CONFLICT)) return false;
    }
    return false;
}

static bool hear_all(struct events *events, const struct bus_batch *batch, struct arena *arena,
                     struct err *err)
{
    Bus__Consumed *row;
    uint64_t version;
    if (!find_place(events, arena, &row, &version, err)) return false;
    if (is_reached(row, &batch->place)) return true;
    for (size_t i = 0; i < batch->count; i++)
        if (!hear_notice(events, batch, batch->notices[i], arena, err)) return false;
    return keep_place(events, &batch->place, arena, err);
}

bool payments_hear(struct events *events, const struct bus_batch *batch, struct err *err)
{
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = hear_all(events, batch, &arena, err);
    arena_finish(&arena);
    return ok;
}

// ---- Following chain

static bool on_payments(void *arg, const struct bus_batch *batch, struct err *err)
{
    return payments_hear(arg, batch, err);
}

bool payments_follow(struct events *events, const struct payments_source *source, struct err *err)
{
    struct arena arena;
    Bus__Consumed *row;
    uint64_t version;
    arena_init(&arena, ARENA);
    bool ok = find_place(events, &arena, &row, &version, err);
    struct bus_place from = {0};
    if (ok && row) from = (struct bus_place){row->generation, row->seq};
    arena_finish(&arena);
    const struct bus_consumer_options options = {.self = CONSE__ASKER__VALUE__EVENTS,
                                                 .stream = PAYMENTS_STREAM,
                                                 .address = source->bus,
                                                 .feed_service = "chain",
                                                 .feed_address = source->feed,
                                                 .bus_keys = source->bus_keys,
                                                 .from = from,
                                                 .apply = on_payments,
                                                 .arg = events};
    return ok && bus_consumer_start(&events->payments, &options, err);
}

void payments_unfollow(struct events *events)
{
    bus_consumer_stop(events->payments);
    events->payments = NULL;
}
