// What lasts, in a file or a database: tables whose declaration changes, a walk over everything, and filling
// a store, all of it or nothing. On sqlite, and on what CONSE_TEST_STORES names.
#include <signal.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/store/testing/world.h"

static const struct person ADA = {.id = "u1", .username = "ada", .phone = "+11", .created_s = 7};

// ---- Changed declarations

static size_t count_found(struct world *world, const struct store_table *table, const char *index,
                          struct store_value value)
{
    struct store_rows rows;
    struct store_query query = {.index = index, .equal = {value}, .equal_count = 1};
    must(world, store_find(world->store, table, &query, &world->arena, &rows, &world->err));
    return rows.count;
}

static const struct store_table CHANGED[] = {
    {.name = "user",
     .type = &auth__user__descriptor,
     .key = "id",
     .indexes = {{"by_phone", false, {"phone"}, 0}, {"by_time", false, {"created_at"}, 0}},
     .version = 2},
    {0},
};

static void a_changed_index_is_built_anew(void **state)
{
    struct world *world = *state;
    static const struct store_table changed_back[] = {
        {.name = "user",
         .type = &auth__user__descriptor,
         .key = "id",
         .indexes = {{"by_username", true, {"username"}, IS(USERNAME_TAKEN)}},
         .version = 3},
        {0},
    };
    uint64_t version;
    person_put(world, (struct person){.id = "u2", .username = "bob"}, 0, NULL);
    person_put(world, ADA, 0, NULL);
    assert_durable(world, person_put(world, ADA, 1, NULL));
    world_reopen(world, CHANGED);
    assert_int_equal(count_found(world, CHANGED, "by_time", (struct store_value){.number = 7000000}), 1);
    assert_int_equal(count_found(world, CHANGED, "by_phone", (struct store_value){.text = ""}),
                     1); // unique no more
    world_reopen(world, changed_back);
    assert_int_equal(count_found(world, changed_back, "by_username", (struct store_value){.text = "ada"}), 1);
    ProtobufCMessage *ada;
    must(world, store_get(world->store, changed_back, "u1", &world->arena, &ada, &version, &world->err));
    assert_string_equal(((const Auth__User *)ada)->phone, "+11");
    assert_int_equal(version, 2);
    Auth__User second = AUTH__USER__INIT;
    second.id = "u3";
    second.username = "ada";
    uint64_t ticket = store_put(world->store, changed_back, &second.base, 0, &(struct store_write){0});
    assert_failed(world, ticket, IS(USERNAME_TAKEN));
}

static void an_index_that_can_t_be_built_stops_the_start(void **state)
{
    struct world *world = *state;
    static const struct store_table stricter[] = {
        {.name = "user",
         .type = &auth__user__descriptor,
         .key = "id",
         .indexes = {{"by_level", true, {"level"}, 0}},
         .version = 2},
        {0},
    };
    person_put(world, (struct person){.id = "u1", .username = "a", .level = AUTH__LEVEL__VALUE__GOD}, 0,
               NULL);
    uint64_t version,
        ticket = person_put(
            world, (struct person){.id = "u2", .username = "b", .level = AUTH__LEVEL__VALUE__GOD}, 0, NULL);
    assert_durable(world, ticket);
    world_close(world);
    assert_false(world_open(world, stricter));
    assert_non_null(strstr(world->err.message, "user"));
    must(world, world_open(world, TABLES)); // nothing was changed
    assert_string_equal(person_get(world, "u2", &version)->username, "b");
    assert_failed(world, person_put(world, (struct person){.id = "u3", .username = "b"}, 0, NULL),
                  IS(USERNAME_TAKEN));
}

static void a_table_may_come_later(void **state)
{
    struct world *world = *state;
    static const struct store_table more[] = {
        {.name = "user", .type = &auth__user__descriptor, .key = "id", .version = 1},
        {.name = "chat", .type = &bus__notice__descriptor, .key = "stream", .version = 1},
        {0},
    };
    Bus__Notice notice = BUS__NOTICE__INIT;
    uint64_t version;
    notice.stream = "c1";
    assert_durable(world, person_put(world, ADA, 0, NULL));
    world_reopen(world, more);
    assert_durable(world, store_put(world->store, &more[1], &notice.base, 0, NULL));
    ProtobufCMessage *message;
    must(world, store_get(world->store, &more[0], "u1", &world->arena, &message, &version, &world->err));
    assert_non_null(message);
}

// ---- A walk

struct walk {
    struct world *world;
    const char *text;
    size_t stop_at, count;
};

static bool walk_item(void *arg, const struct store_item *item, struct err *err)
{
    struct walk *walk = arg;
    if (++walk->count == walk->stop_at) return err_fail(err, LIMIT_REACHED, "enough");
    const char *body = item->table ? item->table->name
                       : item->ended
                           ? "ended"
                           : arena_strn(&walk->world->arena, (const char *)item->bytes.data, item->bytes.len);
    walk->text = arena_printf(&walk->world->arena, "%s%s/%llu=%s ", walk->text, item->id,
                              (unsigned long long)item->version, body);
    return true;
}

static void a_walk_sees_rows_then_streams_in_order(void **state)
{
    struct world *world = *state;
    struct walk walk = {world, "", 0, 0};
    ProtobufCBinaryData two[] = {{1, (uint8_t *)"x"}, {1, (uint8_t *)"y"}};
    append(world, "b", 1, "b1");
    store_append(world->store, "b", 2, two, 2, NULL);
    append(world, "a", 1, "a1");
    append(world, "a.b", 1, "ab1");
    append(world, "a/0000000001", 1, "as1");
    append(world, "aa", 1, "aa1");
    store_delete_stream(world->store, "aa", 1, NULL);
    person_put(world, (struct person){.id = "u2", .username = "bob"}, 0, NULL);
    assert_durable(world, person_put(world, ADA, 0, NULL));
    must(world, store_each(world->store, walk_item, &walk, &world->err));
    assert_string_equal(
        walk.text, "u1/1=user u2/1=user a/1=a1 a.b/1=ab1 a/0000000001/1=as1 aa/1=ended b/1=b1 b/2=x b/3=y ");
    walk = (struct walk){world, "", 3, 0};
    assert_false(store_each(world->store, walk_item, &walk, &world->err));
    assert_int_equal(world->err.reason, IS(LIMIT_REACHED));
    assert_int_equal(walk.count, 3);
}

// ---- Filling

struct filling {
    struct world *world;
    const char *fails; // "" : it does not
};

static bool fill(void *arg, struct store *store, struct err *err)
{
    const struct filling *filling = arg;
    struct world inside = {.store = store};
    uint64_t ticket = append(&inside, "a", 1, "one");
    int64_t at_ms;
    if (!store_wait(store, ticket, err) || !store_wait(store, person_put(&inside, ADA, 0, NULL), err) ||
        !store_barrier(store, clock_mono_ms(), &at_ms, err))
        return false;
    if (strcmp(filling->fails, "killed") == 0) kill(getpid(), SIGKILL);
    return !*filling->fails || err_fail(err, MALFORMED, "%s", filling->fails);
}

static bool fill_store(struct world *world, const char *fails)
{
    struct filling filling = {world, fails};
    const struct store_options options = {.url = world->url, .tables = TABLES};
    return store_fill(&options, fill, &filling, &world->err);
}

static void assert_filled(struct world *world)
{
    uint64_t version;
    must(world, world_open(world, TABLES));
    assert_string_equal(stream_text(world, "a", 1, 10), "one");
    assert_string_equal(person_get(world, "u1", &version)->username, "ada");
}

static void a_store_that_has_nothing_is_filled_and_is_another(void **state)
{
    struct world *world = *state;
    uint64_t before = store_generation(world->store);
    world_close(world);
    must(world, fill_store(world, ""));
    assert_filled(world);
    assert_true(store_generation(world->store) != before);
}

static void assert_nothing(struct world *world)
{
    uint64_t version;
    must(world, world_open(world, TABLES));
    assert_int_equal(head(world, "a"), 0);
    assert_null(person_get(world, "u1", &version));
    world_close(world);
}

static void what_fails_leaves_nothing_and_may_be_repeated(void **state)
{
    struct world *world = *state;
    world_close(world);
    assert_false(fill_store(world, "by half"));
    assert_string_equal(world->err.message, "by half");
    assert_nothing(world);
    must(world, fill_store(world, ""));
    assert_filled(world);
}

static void what_is_killed_leaves_nothing_and_may_be_repeated(void **state)
{
    struct world *world = *state;
    int status;
    world_close(world);
    pid_t child = fork();
    if (child == 0) _exit(fill_store(world, "killed") ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_nothing(world);
    must(world, fill_store(world, ""));
    assert_filled(world);
}

static void what_a_store_has_is_not_filled_over(void **state)
{
    struct world *world = *state;
    assert_durable(world, append(world, "b", 1, "mine"));
    world_close(world);
    assert_false(fill_store(world, ""));
    assert_int_equal(world->err.reason, IS(CONFLICT));
    must(world, world_open(world, TABLES));
    assert_string_equal(stream_text(world, "b", 1, 10), "mine");
    assert_int_equal(head(world, "a"), 0);
    assert_durable(world, store_delete_stream(world->store, "b", 1, NULL));
    assert_durable(world, person_put(world, ADA, 0, NULL));
    world_close(world);
    assert_false(fill_store(world, ""));
    assert_int_equal(world->err.reason, IS(CONFLICT));
    assert_non_null(strstr(world->err.message, "user"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_changed_index_is_built_anew),
        TEST(an_index_that_can_t_be_built_stops_the_start),
        TEST(a_table_may_come_later),
        TEST(a_walk_sees_rows_then_streams_in_order),
        TEST(a_store_that_has_nothing_is_filled_and_is_another),
        TEST(what_fails_leaves_nothing_and_may_be_repeated),
        TEST(what_is_killed_leaves_nothing_and_may_be_repeated),
        TEST(what_a_store_has_is_not_filled_over),
    };
    setenv("CONSE_TEST_STORES", "sqlite:", 0);
    return WORLD_RUN("store: what lasts", tests);
}
