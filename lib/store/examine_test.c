// How the files of a store do.
#include <fcntl.h>

#include "lib/store/testing/world.h"

static struct store_condition examined(struct world *world)
{
    struct store_condition condition;
    must(world, store_examine(world->url, &condition, &world->err));
    return condition;
}

static void append_many(struct world *world)
{
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    for (uint64_t seq = 1; seq <= 200; seq++)
        must(world, store_wait(world->store, append(world, "many", seq, text), &world->err));
}

static void a_sound_store_is_said_to_be_one_open_or_not(void **state)
{
    struct world *world = *state;
    append_many(world);
    struct store_condition condition = examined(world);
    assert_string_equal(condition.fault, "");
    assert_true(condition.bytes > 200000);
    assert_true(condition.free_bytes > 0);
    assert_int_equal(condition.ballast_bytes, 0);
    assert_int_equal(condition.ballast_whole_bytes, 32 << 20);
    must(world, store_wait(world->store, append(world, "many", 201, "it goes on"), &world->err));
    world_close(world);
    assert_string_equal(examined(world).fault, "");
}

static void ballast_is_told_as_much_as_there_is(void **state)
{
    struct world *world = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/store.ballast", world->folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, 5 << 20), 0);
    close(fd);
    assert_int_equal(examined(world).ballast_bytes, 5 << 20);
}

static void spoil(struct world *world, off_t from, off_t to)
{
    char junk[4096];
    memset(junk, 0x5a, sizeof junk);
    int fd = open(world->path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (off_t at = from; at < to; at += (off_t)sizeof junk)
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    close(fd);
}

static void damage_is_a_finding(void **state)
{
    struct world *world = *state;
    append_many(world);
    world_close(world);
    spoil(world, 40960, 122880);
    assert_string_not_equal(examined(world).fault, "");
    spoil(world, 0, 4096);
    assert_non_null(strstr(examined(world).fault, "not a database"));
}

static void what_has_no_files_here_is_refused(void **state)
{
    struct world *world = *state;
    struct store_condition condition;
    assert_false(store_examine("mongodb://ada:secret@localhost/x", &condition, &world->err));
    assert_null(strstr(world->err.message, "secret"));
    assert_false(store_examine("sqlite:/nowhere/store.db", &condition, &world->err));
    assert_non_null(strstr(world->err.message, "/nowhere/store.db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_store_is_said_to_be_one_open_or_not),
        TEST(ballast_is_told_as_much_as_there_is),
        TEST(damage_is_a_finding),
        TEST(what_has_no_files_here_is_refused),
    };
    return cmocka_run_group_tests_name("store: how its files do", tests, NULL, NULL);
}
