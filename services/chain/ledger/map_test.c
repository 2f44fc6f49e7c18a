#include "services/chain/ledger/map.h"

#include <sodium.h>

#include "tests/test.h"

struct item {
    uint64_t hash;
    uint32_t key;
    uint32_t number;
};

static const uint8_t SEED[16] = {7};

static int set_up(void **state)
{
    struct ledger_map *map = malloc(sizeof(*map));

    ledger_map_init(map, sizeof(struct item), sizeof(uint32_t), 3000, SEED);
    *state = map;
    return 0;
}

static int tear_down(void **state)
{
    ledger_map_finish(*state);
    free(*state);
    return 0;
}

static struct item *put(struct ledger_map *map, uint32_t key)
{
    assert_true(ledger_map_reserve(map, 1));
    return ledger_map_put(map, &key);
}

static void empty_map_has_nothing(void **state)
{
    uint32_t key = 1;

    assert_null(ledger_map_find(*state, &key));
}

static void room_ends_at_the_maximum(void **state)
{
    struct ledger_map *map = *state;

    for (uint32_t key = 0; key < 3000; key++) put(map, key);
    assert_false(ledger_map_reserve(map, 1));
    assert_false(ledger_map_reserve(map, UINT64_MAX));
    assert_true(ledger_map_reserve(map, 0));
    uint32_t last = 2999;
    ledger_map_remove(map, ledger_map_find(map, &last));
    assert_true(ledger_map_reserve(map, 1));
}

// Against an array with a place for every key.
static void puts_and_removes_keep_every_other_entry(void **state)
{
    enum { KEYS = 2000, STEPS = 400000 };
    struct ledger_map *map = *state;
    static uint32_t numbers[KEYS];
    uint32_t random = 1;
    uint64_t count = 0;

    for (uint32_t step = 1; step <= STEPS; step++) {
        random = random * 1664525u + 1013904223u;
        uint32_t key = (random >> 8) % (step < STEPS / 2 ? KEYS : KEYS / 8);
        struct item *item = ledger_map_find(map, &key);

        assert_int_equal(item ? item->number : 0, numbers[key]);
        if (item)
            ledger_map_remove(map, item);
        else
            put(map, key)->number = step;
        count += item ? (uint64_t)-1 : 1;
        numbers[key] = item ? 0 : step;
        assert_int_equal(map->count, count);
    }
    for (uint32_t key = 0; key < KEYS; key++) {
        struct item *item = ledger_map_find(map, &key);

        assert_int_equal(item ? item->number : 0, numbers[key]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(empty_map_has_nothing),
        TEST(room_ends_at_the_maximum),
        TEST(puts_and_removes_keep_every_other_entry),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
