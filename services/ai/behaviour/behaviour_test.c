#include "services/ai/behaviour/behaviour.h"
#include "tests/test.h"

enum { ROOM = 4000, GAMES = 7, MOST_STEPS = 12, MOST_CHAINS = 3, MOST_BYTES = 1 << 18 };

static struct behaviour_id id_of(uint8_t number)
{
    struct behaviour_id id = {{0}};
    id.bytes[15] = number;
    return id;
}

static const struct behaviour_step *step_list(uint32_t count, const uint8_t (*parts_and_statuses)[2])
{
    static struct behaviour_step steps[MOST_STEPS];
    for (uint32_t i = 0; i < count; i++)
        steps[i] =
            (struct behaviour_step){id_of(1), id_of(2), parts_and_statuses[i][0], parts_and_statuses[i][1]};
    return steps;
}

static uint32_t count_of(const struct behaviour *graph, struct behaviour_key key, int which)
{
    const struct behaviour_entry *entry = behaviour_find(graph, &key);
    return entry ? entry->counts[which] : 0;
}

static struct behaviour_key key_of(enum behaviour_kind kind, uint8_t x, uint8_t y)
{
    return (struct behaviour_key){kind, id_of(1), id_of(2), x, y};
}

static void a_game_becomes_nodes_edges_and_results(void **state)
{
    (void)state;
    const uint8_t log[][2] = {{BEHAVIOUR_NIGHT, BEHAVIOUR_DEFAULT},
                              {BEHAVIOUR_DAY, BEHAVIOUR_SILENT_2_PHASES},
                              {BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD},
                              {BEHAVIOUR_DAY, BEHAVIOUR_DEAD}};
    const struct behaviour_id chains[] = {id_of(9), id_of(9)};
    const struct behaviour_game game = {.role = id_of(1),
                                        .side = id_of(2),
                                        .steps = step_list(4, log),
                                        .step_count = 4,
                                        .chains = chains,
                                        .chain_count = 2,
                                        .uses_left = 3,
                                        .first_use_day = 2,
                                        .first_use_part = BEHAVIOUR_NIGHT,
                                        .won = true};
    struct behaviour *graph = behaviour_create(ROOM);
    assert_int_equal(behaviour_add(graph, &game), BEHAVIOUR_OK);

    uint8_t dealt = behaviour_node(BEHAVIOUR_DEALT, BEHAVIOUR_DEFAULT);
    uint8_t night = behaviour_node(BEHAVIOUR_NIGHT, BEHAVIOUR_DEFAULT);
    uint8_t silent = behaviour_node(BEHAVIOUR_DAY, BEHAVIOUR_SILENT_2_PHASES);
    uint8_t killed = behaviour_node(BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD),
            dead = behaviour_node(BEHAVIOUR_DAY, BEHAVIOUR_DEAD);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_MOVE, dealt, night), 0), 1);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_MOVE, night, silent), 0), 1);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_MOVE, silent, killed), 0), 1);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_MOVE, killed, dead), 0), 0);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_END, BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD), 0), 1);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_LEFT_OVER, 0, 0), 1), 3);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_FIRST_USE, 2, BEHAVIOUR_NIGHT), 1), 1);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_RESULT, 0, 0), 1), 1);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_RESULT, 0, 0), 2), 0);
    assert_int_equal(count_of(graph, (struct behaviour_key){BEHAVIOUR_CHAIN, id_of(9), id_of(0), 0, 0}, 0),
                     2);
    behaviour_destroy(graph);
}

static void who_is_revived_has_not_ended(void **state)
{
    (void)state;
    const uint8_t log[][2] = {{BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD}, {BEHAVIOUR_DAY, BEHAVIOUR_DEFAULT}};
    const struct behaviour_game game = {
        .role = id_of(1), .side = id_of(2), .steps = step_list(2, log), .step_count = 2};
    struct behaviour *graph = behaviour_create(ROOM);
    assert_int_equal(behaviour_add(graph, &game), BEHAVIOUR_OK);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_END, BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD), 0), 0);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_RESULT, 0, 0), 2), 1);
    assert_int_equal(count_of(graph,
                              key_of(BEHAVIOUR_MOVE, behaviour_node(BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD),
                                     behaviour_node(BEHAVIOUR_DAY, BEHAVIOUR_DEFAULT)),
                              0),
                     1);
    behaviour_destroy(graph);
}

struct played {
    struct behaviour_game game;
    struct behaviour_step steps[MOST_STEPS];
    struct behaviour_id chains[MOST_CHAINS];
};

static void random_game(struct played *played, unsigned *seed)
{
    uint32_t steps = rand_r(seed) % (MOST_STEPS + 1), chains = rand_r(seed) % (MOST_CHAINS + 1);
    for (uint32_t i = 0; i < steps; i++)
        played->steps[i] = (struct behaviour_step){id_of(rand_r(seed) % 3), id_of(rand_r(seed) % 2),
                                                   rand_r(seed) % 3, rand_r(seed) % BEHAVIOUR_STATUSES};
    for (uint32_t i = 0; i < chains; i++) played->chains[i] = id_of(rand_r(seed) % 5);
    played->game = (struct behaviour_game){.role = id_of(rand_r(seed) % 3),
                                           .side = id_of(rand_r(seed) % 2),
                                           .steps = played->steps,
                                           .step_count = steps,
                                           .chains = played->chains,
                                           .chain_count = chains,
                                           .uses_left = rand_r(seed) % 4,
                                           .first_use_day = rand_r(seed) % 80,
                                           .first_use_part = rand_r(seed) % 3,
                                           .won = rand_r(seed) % 2};
}

static size_t save(const struct behaviour *graph, uint8_t *bytes)
{
    size_t size = behaviour_saved_bytes(graph);
    assert_true(size <= MOST_BYTES);
    behaviour_save(graph, bytes);
    return size;
}

static uint8_t expected[MOST_BYTES], actual[MOST_BYTES];

static void assert_same_bytes(const struct behaviour *graph, size_t size)
{
    assert_int_equal(save(graph, actual), size);
    assert_memory_equal(actual, expected, size);
}

static void add_in_order(const struct played *games, const int *order, int count, size_t size)
{
    struct behaviour *graph = behaviour_create(ROOM);
    for (int i = 0; i < count; i++)
        assert_int_equal(behaviour_add(graph, &games[order[i]].game), BEHAVIOUR_OK);
    assert_same_bytes(graph, size);
    behaviour_destroy(graph);
}

// Heap's algorithm: all orders of `count` games.
static void check_orders(const struct played *games, int *order, int count, int all, size_t size)
{
    if (count == 1) {
        add_in_order(games, order, all, size);
        return;
    }
    for (int i = 0; i < count; i++) {
        check_orders(games, order, count - 1, all, size);
        int swap = count % 2 ? 0 : i, kept = order[swap];
        order[swap] = order[count - 1];
        order[count - 1] = kept;
    }
}

static void all_orders_of_games_give_the_same_bytes(void **state)
{
    (void)state;
    unsigned seed = 12;
    struct played games[GAMES];
    int order[GAMES];
    struct behaviour *graph = behaviour_create(ROOM);
    for (int i = 0; i < GAMES; i++) {
        random_game(&games[i], &seed);
        order[i] = i;
        assert_int_equal(behaviour_add(graph, &games[i].game), BEHAVIOUR_OK);
    }
    size_t size = save(graph, expected);
    behaviour_destroy(graph);
    check_orders(games, order, GAMES, GAMES, size);
}

// Games are spread over three graphs at random, saved and loaded on the way and merged in a random order.
static void any_split_merges_to_the_same_bytes(void **state)
{
    (void)state;
    unsigned seed = 13;
    for (int round = 0; round < 300; round++) {
        struct behaviour *whole = behaviour_create(ROOM), *parts[3], *loaded = behaviour_create(ROOM);
        for (int i = 0; i < 3; i++) parts[i] = behaviour_create(ROOM);
        for (int i = rand_r(&seed) % 40; i > 0; i--) {
            struct played played;
            random_game(&played, &seed);
            assert_int_equal(behaviour_add(whole, &played.game), BEHAVIOUR_OK);
            assert_int_equal(behaviour_add(parts[rand_r(&seed) % 3], &played.game), BEHAVIOUR_OK);
        }
        int first = rand_r(&seed) % 3;
        assert_true(behaviour_load(loaded, actual, save(parts[first], actual)));
        assert_int_equal(behaviour_merge(loaded, parts[(first + 1) % 3]), BEHAVIOUR_OK);
        assert_int_equal(behaviour_merge(loaded, parts[(first + 2) % 3]), BEHAVIOUR_OK);
        assert_same_bytes(loaded, save(whole, expected));
        for (int i = 0; i < 3; i++) behaviour_destroy(parts[i]);
        behaviour_destroy(whole);
        behaviour_destroy(loaded);
    }
}

static void counts_stop_at_their_maximum(void **state)
{
    (void)state;
    const struct behaviour_game game = {.role = id_of(1), .side = id_of(2), .uses_left = UINT32_MAX - 1};
    struct behaviour *graph = behaviour_create(ROOM);
    for (int i = 0; i < 3; i++) assert_int_equal(behaviour_add(graph, &game), BEHAVIOUR_OK);
    for (int i = 0; i < 40; i++) assert_int_equal(behaviour_merge(graph, graph), BEHAVIOUR_OK);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_LEFT_OVER, 0, 0), 1), UINT32_MAX);
    assert_int_equal(count_of(graph, key_of(BEHAVIOUR_RESULT, 0, 0), 0), UINT32_MAX);
    assert_true(behaviour_load(graph, actual, save(graph, actual)));
    behaviour_destroy(graph);
}

static void a_full_graph_refuses_and_stays(void **state)
{
    (void)state;
    unsigned seed = 14;
    struct behaviour *graph = behaviour_create(40), *other = behaviour_create(ROOM);
    int refused = 0;
    for (int i = 0; i < 50; i++) {
        struct played played;
        random_game(&played, &seed);
        size_t size = save(graph, expected);
        if (behaviour_add(graph, &played.game) == BEHAVIOUR_NO_ROOM) {
            refused++;
            assert_same_bytes(graph, size);
        }
        assert_int_equal(behaviour_add(other, &played.game), BEHAVIOUR_OK);
    }
    assert_true(refused > 0);
    size_t size = save(graph, expected);
    assert_int_equal(behaviour_merge(graph, other), BEHAVIOUR_NO_ROOM);
    assert_false(behaviour_load(graph, actual, save(other, actual)));
    assert_same_bytes(graph, size);
    behaviour_destroy(graph);
    behaviour_destroy(other);
}

static void impossible_games_are_refused(void **state)
{
    (void)state;
    const uint8_t bad_part[][2] = {{BEHAVIOUR_DEALT, 0}}, bad_status[][2] = {{0, BEHAVIOUR_STATUSES}};
    const struct behaviour_game too_long = {.step_count = BEHAVIOUR_MAX_STEPS + 1};
    const struct behaviour_game too_linked = {.chain_count = BEHAVIOUR_MAX_CHAINS + 1};
    const struct behaviour_game odd_use = {.first_use_day = 1, .first_use_part = BEHAVIOUR_DEALT};
    struct behaviour *graph = behaviour_create(ROOM);
    struct behaviour_game game = {.steps = step_list(1, bad_part), .step_count = 1};
    assert_int_equal(behaviour_add(graph, &game), BEHAVIOUR_BAD_GAME);
    game.steps = step_list(1, bad_status);
    assert_int_equal(behaviour_add(graph, &game), BEHAVIOUR_BAD_GAME);
    assert_int_equal(behaviour_add(graph, &too_long), BEHAVIOUR_BAD_GAME);
    assert_int_equal(behaviour_add(graph, &too_linked), BEHAVIOUR_BAD_GAME);
    assert_int_equal(behaviour_add(graph, &odd_use), BEHAVIOUR_BAD_GAME);
    uint32_t count;
    behaviour_entries(graph, &count);
    assert_int_equal(count, 0);
    behaviour_destroy(graph);
}

// Every single changed byte either gives another valid graph, which saves to exactly those bytes, or is
// refused.
static void changed_bytes_are_refused_or_canonical(void **state)
{
    (void)state;
    unsigned seed = 15;
    struct behaviour *graph = behaviour_create(ROOM), *loaded = behaviour_create(ROOM);
    for (int i = 0; i < 4; i++) {
        struct played played;
        random_game(&played, &seed);
        assert_int_equal(behaviour_add(graph, &played.game), BEHAVIOUR_OK);
    }
    size_t size = save(graph, expected);
    for (size_t at = 0; at < size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            expected[at] ^= 1 << bit;
            if (behaviour_load(loaded, expected, size)) assert_same_bytes(loaded, size);
            expected[at] ^= 1 << bit;
        }
        assert_false(behaviour_load(loaded, expected, at));
    }
    assert_false(behaviour_load(loaded, expected, size + 1));
    assert_true(behaviour_load(loaded, expected, size));
    behaviour_destroy(graph);
    behaviour_destroy(loaded);
}

static void swapped_or_doubled_entries_are_refused(void **state)
{
    (void)state;
    enum { HEAD = 8, ENTRY = 47 };
    const uint8_t log[][2] = {{BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD}};
    const struct behaviour_game game = {
        .role = id_of(1), .side = id_of(2), .steps = step_list(1, log), .step_count = 1};
    struct behaviour *graph = behaviour_create(ROOM);
    assert_int_equal(behaviour_add(graph, &game), BEHAVIOUR_OK);
    size_t size = save(graph, expected);
    assert_int_equal(size, HEAD + 4 * ENTRY);
    memcpy(actual, expected, size);
    memcpy(actual + HEAD, expected + HEAD + ENTRY, ENTRY);
    assert_false(behaviour_load(graph, actual, size));
    memcpy(actual + HEAD + ENTRY, expected + HEAD, ENTRY);
    assert_false(behaviour_load(graph, actual, size));
    assert_same_bytes(graph, size);
    behaviour_destroy(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_game_becomes_nodes_edges_and_results),
        cmocka_unit_test(who_is_revived_has_not_ended),
        cmocka_unit_test(all_orders_of_games_give_the_same_bytes),
        cmocka_unit_test(any_split_merges_to_the_same_bytes),
        cmocka_unit_test(counts_stop_at_their_maximum),
        cmocka_unit_test(a_full_graph_refuses_and_stays),
        cmocka_unit_test(impossible_games_are_refused),
        cmocka_unit_test(changed_bytes_are_refused_or_canonical),
        cmocka_unit_test(swapped_or_doubled_entries_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
