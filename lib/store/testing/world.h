// What the store's tests share: a store of its own for each test, users to put into it, and short forms of
// calls. What every kind of store promises is tested on each that CONSE_TEST_STORES names: URLs without the
// store's name, with commas between them ("sqlite:,shared:").
#ifndef LIB_STORE_TESTING_WORLD_H
#define LIB_STORE_TESTING_WORLD_H

#include <stdatomic.h>

#include "auth.pb-c.h"
#include "bus.pb-c.h"
#include "lib/store/store.h"
#include "lib/store/testing/shared.h"
#include "tests/test.h"

#define REASON(err) ((err).reason)

static const struct store_table TABLES[] = {
    {.name = "user",
     .type = &auth__user__descriptor,
     .key = "id",
     .indexes = {{"by_username", true, {"username"}, IS(USERNAME_TAKEN)},
                 {"by_phone", true, {"phone"}, IS(PHONE_TAKEN)},
                 {"by_wallet", true, {"wallet"}, 0},
                 {"by_level", false, {"level", "created_at"}, 0}},
     .version = 1},
    {.name = "notice",
     .type = &bus__notice__descriptor,
     .key = "stream",
     .indexes = {{"by_payload", false, {"payload"}, 0},
                 {"by_seq", false, {"seq"}, 0},
                 {"by_kind", true, {"kind", "seq"}, 0}},
     .version = 1},
    {0},
};
static const struct store_table *const USERS = &TABLES[0];
static const struct store_table *const NOTICES = &TABLES[1];

struct world {
    struct store *store;
    const char *self; // see store_options
    struct metrics *metrics;
    struct arena arena;
    struct err err;
    char folder[64], path[96], url[512];
};

#define must(world, ok)                                                                                      \
    do {                                                                                                     \
        if (!(ok)) fail_msg("%s", (world)->err.message);                                                     \
    } while (0)

// The kind of store that tests are run on.
static char world_kind[256] = "sqlite:";

// What a test may look for in the options of a URL stays behind the name.
static inline void world_name_store(struct world *world)
{
    static unsigned count;
    size_t len = strcspn(world_kind, "?");
    if (strcmp(world_kind, "sqlite:") == 0)
        snprintf(world->url, sizeof world->url, "sqlite:%s", world->path);
    else
        snprintf(world->url, sizeof world->url, "%.*sconse_test_%d_%u_%s%s", (int)len, world_kind,
                 (int)getpid(), count++, world->folder + strlen(world->folder) - 6, world_kind + len);
}

static inline bool world_open(struct world *world, const struct store_table *tables)
{
    struct store_options options = {
        .url = world->url, .tables = tables, .self = world->self, .metrics = world->metrics};
    return store_open(&world->store, &options, &world->err);
}

static inline void world_close(struct world *world)
{
    store_close(world->store);
    world->store = NULL;
}

// The content of another kind of server is left to the servers.
static inline void world_forget(struct world *world)
{
    world_close(world);
    if (strncmp(world->url, "shared:", 7) == 0) shared_store_drop(world->url);
}

static inline void world_reopen(struct world *world, const struct store_table *tables)
{
    world_close(world);
    must(world, world_open(world, tables));
}

static inline int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    shared_store_register();
    test_folder_make(world->folder);
    snprintf(world->path, sizeof world->path, "%s/store.db", world->folder);
    world_name_store(world);
    arena_init(&world->arena, 64 << 20);
    must(world, world_open(world, TABLES));
    *state = world;
    return 0;
}

static inline int tear_down(void **state)
{
    struct world *world = *state;
    world_forget(world);
    arena_finish(&world->arena);
    test_folder_remove(world->folder);
    free(world);
    return 0;
}

// Runs a table of tests on each kind of store, or on those of them that are shared; the number of failures.
static inline int world_run(const char *name, bool shared, const struct CMUnitTest *tests, size_t count)
{
    const char *kinds = getenv("CONSE_TEST_STORES");
    int failed = 0;
    if (!kinds || !*kinds) kinds = "sqlite:,shared:";
    while (*kinds) {
        char title[400];
        size_t len = strcspn(kinds, ",");
        snprintf(world_kind, sizeof world_kind, "%.*s", (int)len, kinds);
        snprintf(title, sizeof title, "%s on %s", name, world_kind);
        bool wanted = !shared || strncmp(world_kind, "sqlite:", 7) != 0;
        failed += wanted ? _cmocka_run_group_tests(title, tests, count, NULL, NULL) : 0;
        kinds += len + (kinds[len] == ',');
    }
    return failed;
}
#define WORLD_RUN(name, tests) world_run(name, false, tests, sizeof(tests) / sizeof *(tests))
#define WORLD_RUN_SHARED(name, tests) world_run(name, true, tests, sizeof(tests) / sizeof *(tests))

struct person {
    const char *id, *username, *phone, *wallet;
    Auth__Level__Value level;
    int64_t created_s;
};

static inline uint64_t person_put(struct world *world, struct person person, uint64_t version,
                                  const struct store_write *write)
{
    Auth__User user = AUTH__USER__INIT;
    Google__Protobuf__Timestamp created = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    created.seconds = person.created_s;
    user.id = person.id;
    user.username = person.username ? person.username : "";
    user.phone = person.phone ? person.phone : "";
    user.wallet = person.wallet ? person.wallet : "";
    user.level = person.level;
    user.created_at = &created;
    return store_put(world->store, USERS, &user.base, version, write);
}

static inline const Auth__User *person_get(struct world *world, const char *id, uint64_t *version)
{
    ProtobufCMessage *message;
    must(world, store_get(world->store, USERS, id, &world->arena, &message, version, &world->err));
    return (const Auth__User *)message;
}

static inline bool wait_for(struct world *world, uint64_t ticket)
{
    return store_wait(world->store, ticket, &world->err);
}

static inline void assert_durable(struct world *world, uint64_t ticket)
{
    must(world, wait_for(world, ticket));
}

static inline void assert_failed(struct world *world, uint64_t ticket, Conse__Reason__Value reason)
{
    assert_false(wait_for(world, ticket));
    assert_int_equal(world->err.reason, reason);
}

static inline uint64_t append(struct world *world, const char *stream, uint64_t seq, const char *text)
{
    ProtobufCBinaryData entry = {strlen(text), (uint8_t *)text};
    return store_append(world->store, stream, seq, &entry, 1, NULL);
}

// The stream's entries from a sequence on as one text: "one two three".
static inline const char *stream_text(struct world *world, const char *stream, uint64_t from, size_t limit)
{
    struct store_entries entries;
    must(world, store_read(world->store, stream, from, limit, &world->arena, &entries, &world->err));
    const char *text = "";
    for (size_t i = 0; i < entries.count; i++)
        text = arena_printf(&world->arena, "%s%s%.*s", text, i ? " " : "", (int)entries.entries[i].len,
                            (const char *)entries.entries[i].data);
    return text;
}

static inline uint64_t head(struct world *world, const char *stream)
{
    uint64_t seq;
    must(world, store_head(world->store, stream, &seq, &world->err));
    return seq;
}

#endif
