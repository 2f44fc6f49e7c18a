// The sender's turns at the ledger, against a cluster of the test's own, in which transactions, answers and
// processes may be lost.
#ifndef CHAIN_TESTING_SENDING_H
#define CHAIN_TESTING_SENDING_H

#include "services/chain/testing/tickets.h"
#include "services/chain/wishes/land.h"

struct sending {
    struct lamports lamports;
    uint64_t height;
    uint32_t dice;
    bool loses;
    struct sight (*sight)(const struct wish *wish); // slot and height are filled in
    void (*take)(const struct wish *wish);          // a transaction lands
};

static inline void sending_open(struct sending *sending, uint32_t seed, bool loses)
{
    sending->height = 100;
    sending->dice = seed * 2654435761U + 1;
    sending->loses = loses;
    lamports_init(&sending->lamports, house_at(NULL));
}

// One in so many.
static inline bool it_befalls(struct sending *sending, uint32_t many)
{
    sending->dice = sending->dice * 1664525 + 1013904223;
    return sending->loses && (sending->dice >> 8) % many == 0;
}

static inline void send_bytes(struct sending *sending, const struct wish *wish, uint64_t last_valid_height)
{
    if (sending->height <= last_valid_height && !it_befalls(sending, 3)) sending->take(wish);
}

static inline void take_step(struct sending *sending, struct book_call *b, const struct wish *wish,
                             bool *stored)
{
    const struct cluster_now *now = &sending->lamports.cluster.now;
    const struct composed composed = {.bytes = {(uint8_t)wish->aim.kind, (uint8_t)sending->height}, .len = 2};
    struct sight sight = sending->sight(wish);
    sight.slot = sight.height = sending->height;
    enum step step = step_of(wish, &sight, b->now_ms);
    if (step == STEP_COMPOSE)
        *stored = land_composed(b, wish, &composed, now);
    else
        land_step(b, wish, &sight, now, step);
}

static inline void gather_wishes(struct sending *sending, struct wishes *wishes)
{
    struct book_call b;
    tickets_begin(&sending->lamports, &b);
    wishes_gather(wishes, b.book, &sending->lamports.cluster.now.authority, b.now_ms);
    assert_false(wishes->failed);
    tickets_end(&sending->lamports, &b);
}

// What waits in the ledger for bytes of before is sent; what is new is sent once it is stored, if the process
// lives.
static inline void send_wishes(struct sending *sending, const struct wishes *wishes, const bool *stored)
{
    for (size_t i = 0; i < wishes->count; i++) {
        const struct wish *wish = &wishes->all[i];
        if (stored[i])
            send_bytes(sending, wish, sending->lamports.cluster.now.last_valid_height);
        else if (wish->has_job && wish->job.state == OUTBOX_SENT)
            send_bytes(sending, wish, wish->job.last_valid_height);
    }
}

static inline void sending_turn(struct sending *sending)
{
    struct arena arena;
    struct book_call b;
    arena_init(&arena, 32 << 20);
    struct wishes wishes = {.arena = &arena};
    sending->height += it_befalls(sending, 4) ? 200 : 10;
    lamports_see(&sending->lamports, sending->height);
    gather_wishes(sending, &wishes);
    bool *stored = arena_array(&arena, wishes.count + 1, sizeof *stored);
    tickets_begin(&sending->lamports, &b);
    for (size_t i = 0; i < wishes.count && !b.failed; i++) take_step(sending, &b, &wishes.all[i], &stored[i]);
    tickets_end(&sending->lamports, &b);
    bool killed = it_befalls(sending, 5);
    if (!killed) send_wishes(sending, &wishes, stored);
    arena_finish(&arena);
    if (killed || it_befalls(sending, 6)) lamports_restart(&sending->lamports);
}

#endif
