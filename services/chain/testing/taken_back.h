// A ledger's entries folded in once more by tests, each taken back and applied again: it leaves what stood
// before it.
#ifndef CHAIN_TESTING_TAKEN_BACK_H
#define CHAIN_TESTING_TAKEN_BACK_H

#include "services/chain/book/walk.h"
#include "services/chain/testing/evening.h"
#include "services/chain/till/parts.h"

enum { TAKEN_BACK_ACCOUNTS = 32, TAKEN_BACK_HOLDS = 128 };

struct taken_back_standing {
    struct till_event event;
    struct till_payment payments[TAKEN_BACK_HOLDS];
    uint32_t owed[TAKEN_BACK_ACCOUNTS];
    uint64_t events, payments_there, owed_there, followed;
    int64_t due_ms;
};

static inline void taken_back_look(struct till *till, bool on_cluster, struct taken_back_standing *standing)
{
    const struct till_event *event = till_next_event(till, NULL);
    struct till_due due;
    memset(standing, 0, sizeof *standing);
    if (event) standing->event = *event;
    size_t count = 0;
    for (const struct till_payment *of = event ? event->first : NULL; of; of = of->next)
        standing->payments[count++] = *of;
    for (uint32_t i = 0; i < TAKEN_BACK_ACCOUNTS; i++) standing->owed[i] = till_owed(till, i);
    standing->events = till->events.count;
    standing->payments_there = till->payments.count;
    standing->owed_there = till->owed.count;
    standing->followed = till->followed_seq;
    if (till_first_due(till, on_cluster, INT64_MAX - 1, &due))
        standing->due_ms = due.payment ? till_payment_due(due.payment) : till_event_due(due.event);
}

// Its entries folded in once more, each of them taken back and applied again where it can be; how many can.
static inline size_t taken_back_each(struct chain *chain, bool on_cluster)
{
    struct taken_back_standing *before = malloc(sizeof *before), *after = malloc(sizeof *after);
    struct till till;
    struct till_before noted;
    struct arena arena;
    struct err err = {0};
    const Ledger__Entry *entry;
    size_t taken = 0;
    till_init(&till, (const uint8_t[16]){1});
    arena_init(&arena, 1 << 20);
    for (uint64_t number = 1; (entry = walk_read(chain, number, &arena, &err)); number++) {
        assert_true(till_reserve(&till));
        if (till_note(&till, entry, &noted)) {
            taken_back_look(&till, on_cluster, before);
            till_apply(&till, entry);
            assert_true(till_undo(&till, entry, &noted));
            taken_back_look(&till, on_cluster, after);
            assert_memory_equal(before, after, sizeof *before);
            assert_true(till_reserve(&till));
            taken++;
        }
        till_apply(&till, entry);
        arena_reset(&arena);
    }
    assert_int_equal(err.reason, 0);
    arena_finish(&arena);
    till_finish(&till);
    free(before);
    free(after);
    return taken;
}

#endif
