// Two processes with one shared store: two struct store, one after the other or at once.
#ifndef LIB_STORE_TESTING_PAIR_H
#define LIB_STORE_TESTING_PAIR_H

#include "lib/store/testing/world.h"

struct pair {
    struct world *a, b; // b shares a's folder and URL
};

static inline int pair_up(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    set_up((void **)&pair->a);
    pair->b = *pair->a;
    pair->a->self = "a";
    pair->b.self = "b";
    world_reopen(pair->a, TABLES);
    arena_init(&pair->b.arena, 64 << 20);
    must(&pair->b, world_open(&pair->b, TABLES));
    *state = pair;
    return 0;
}

static inline int pair_down(void **state)
{
    struct pair *pair = *state;
    void *world = pair->a;
    store_close(pair->b.store);
    arena_finish(&pair->b.arena);
    tear_down(&world);
    free(pair);
    return 0;
}

#define PAIR(name) cmocka_unit_test_setup_teardown(name, pair_up, pair_down)

// At most three entries.
static inline uint64_t append_many(struct world *world, const char *stream, uint64_t seq, size_t count,
                                   const char *text, const struct store_write *write)
{
    const ProtobufCBinaryData entry = {strlen(text), (uint8_t *)text}, entries[] = {entry, entry, entry};
    return store_append(world->store, stream, seq, entries, count, write);
}

#endif
