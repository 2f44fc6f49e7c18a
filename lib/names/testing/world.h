// A service that keeps names and nothing else: one process of it, or two at a shared store.
#ifndef LIB_NAMES_TESTING_WORLD_H
#define LIB_NAMES_TESTING_WORLD_H

#include "lib/names/testing/news.h"
#include "lib/store/testing/shared.h"
#include "tests/test.h"

#define MIRA "01890000-0000-7000-8000-000000000100"
#define LENA "01890000-0000-7000-8000-000000000101"

enum { PLACES, NAMES };
static const struct store_table tables[] = {[PLACES] = BUS_CONSUMED, [NAMES] = NAMES_TABLE, {0}};

struct process {
    struct store *store;
    struct names *names;
    bool wallets; // are kept
};

struct world {
    char folder[TEST_FOLDER_BYTES], url[64];
    struct process one, two; // two: at a shared store
    struct arena arena;
    struct err err;
};

#define must(world, ok)                                                                                      \
    do {                                                                                                     \
        if (!(ok)) fail_msg("%s", (world)->err.message);                                                     \
    } while (0)

static inline bool open_names(struct world *world, struct process *process)
{
    const struct names_options options = {process->store, &tables[NAMES], &tables[PLACES], process->wallets};
    return names_open(&process->names, &options, &world->err);
}

static inline struct process begin(struct world *world, const char *self)
{
    struct process process = {.wallets = false};
    const struct store_options options = {.url = world->url, .tables = tables, .self = self};
    must(world, store_open(&process.store, &options, &world->err));
    must(world, open_names(world, &process));
    return process;
}

static inline void end(struct process *process)
{
    names_unfollow(process->names);
    store_close(process->store);
    names_close(process->names);
    *process = (struct process){0};
}

static inline struct world *world_make(void)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    assert_true(sodium_init() >= 0);
    test_folder_make(world->folder);
    arena_init(&world->arena, 16 << 20);
    return world;
}

static inline int world_drop(void **state)
{
    struct world *world = *state;
    if (world->two.store) end(&world->two);
    if (world->one.store) end(&world->one);
    if (strncmp(world->url, "shared:", 7) == 0) shared_store_drop(world->url);
    test_folder_remove(world->folder);
    arena_finish(&world->arena);
    free(world);
    return 0;
}

static inline int world_alone(void **state)
{
    struct world *world = *state = world_make();
    snprintf(world->url, sizeof world->url, "sqlite:%s/names.db", world->folder);
    world->one = begin(world, NULL);
    return 0;
}

static inline int world_of_two(void **state)
{
    struct world *world = *state = world_make();
    shared_store_register();
    snprintf(world->url, sizeof world->url, "shared:%s", world->folder);
    world->one = begin(world, "ipc:///one");
    world->two = begin(world, "ipc:///two");
    return 0;
}

#define ALONE(name) cmocka_unit_test_setup_teardown(name, world_alone, world_drop)
#define TWO(name) cmocka_unit_test_setup_teardown(name, world_of_two, world_drop)

// One page; the last of them has the number.
static inline void learn_page(struct world *world, struct process *process, struct bus_place place,
                              const struct name_news *news, size_t count)
{
    const struct bus_batch batch = name_news_page(&world->arena, place, news, count);
    must(world, names_learn(process->names, &batch, &world->err));
}

#define LEARN(world, generation, seq, ...)                                                                   \
    learn_page(world, &(world)->one, (struct bus_place){generation, seq},                                    \
               (const struct name_news[]){__VA_ARGS__},                                                      \
               sizeof((const struct name_news[]){__VA_ARGS__}) / sizeof(struct name_news))

static inline void assert_called(struct process *process, const char *user_id, const char *username)
{
    struct name_told told;
    assert_true(names_get(process->names, user_id, &told));
    assert_string_equal(told.user_id.text, user_id);
    assert_string_equal(told.username, username);
}

// "" when nobody has it.
static inline struct uuid bearer_of(struct process *process, const char *username)
{
    struct name_told told = {.level = 0};
    return names_look_up(process->names, username, &told) ? told.user_id : (struct uuid){{0}};
}

#endif
