// Filling a store: all of it or nothing.
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "lib/store/testing/world.h"

static const struct person ADA = {.id = "u1", .username = "ada"};

struct filling {
    struct world *world;
    const char *fails; // "" : it does not
};

static bool fill(void *arg, struct store *store, struct err *err)
{
    const struct filling *filling = arg;
    struct world inside = {.store = store};
    uint64_t ticket = append(&inside, "a", 1, "one");
    if (!store_wait(store, ticket, err) || !store_wait(store, person_put(&inside, ADA, 0, NULL), err))
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

// What lies in the folder but for the lock.
static size_t files_in(struct world *world)
{
    size_t count = 0;
    DIR *dir = opendir(world->folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.' && strcmp(entry->d_name, "store.lock") != 0;
    closedir(dir);
    return count;
}

static int without_store(void **state)
{
    set_up(state);
    struct world *world = *state;
    char command[128];
    world_close(world);
    snprintf(command, sizeof command, "rm -f %s/*", world->folder);
    return system(command);
}

static void assert_filled(struct world *world)
{
    uint64_t version;
    must(world, world_open(world, TABLES));
    assert_string_equal(stream_text(world, "a", 1, 10), "one");
    assert_string_equal(person_get(world, "u1", &version)->username, "ada");
}

static void a_store_that_is_not_there_is_filled(void **state)
{
    struct world *world = *state;
    must(world, fill_store(world, ""));
    assert_int_equal(files_in(world), 1);
    assert_filled(world);
}

static void what_fails_leaves_nothing(void **state)
{
    struct world *world = *state;
    assert_false(fill_store(world, "by half"));
    assert_string_equal(world->err.message, "by half");
    assert_int_equal(files_in(world), 0);
    must(world, fill_store(world, ""));
    assert_filled(world);
}

static void what_is_killed_leaves_no_store(void **state)
{
    struct world *world = *state;
    int status;
    pid_t child = fork();
    if (child == 0) _exit(fill_store(world, "killed") ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_not_equal(access(world->path, F_OK), 0);
    must(world, fill_store(world, ""));
    assert_int_equal(files_in(world), 1);
    assert_filled(world);
}

static void a_store_that_has_something_stays(void **state)
{
    struct world *world = *state;
    assert_durable(world, append(world, "b", 1, "mine"));
    assert_false(fill_store(world, ""));
    assert_int_equal(world->err.reason, IS(SERVICE_BUSY)); // it is open
    world_close(world);
    assert_false(fill_store(world, ""));
    assert_int_equal(world->err.reason, IS(CONFLICT));
    must(world, world_open(world, TABLES));
    assert_string_equal(stream_text(world, "b", 1, 10), "mine");
    assert_int_equal(head(world, "a"), 0);
    assert_durable(world, store_delete_stream(world->store, "b", 0, NULL));
    assert_durable(world, person_put(world, ADA, 0, NULL));
    world_close(world);
    assert_false(fill_store(world, ""));
    assert_non_null(strstr(world->err.message, "user"));
}

static void a_file_of_something_else_stays(void **state)
{
    struct world *world = *state;
    char command[300];
    snprintf(command, sizeof command, "sqlite3 %s 'create table t(a)'", world->path);
    assert_int_equal(system(command), 0);
    assert_false(fill_store(world, ""));
    assert_int_equal(world->err.reason, IS(STORE_CORRUPT));
    assert_int_equal(files_in(world), 1);
}

int main(void)
{
#define NEW(test) cmocka_unit_test_setup_teardown(test, without_store, tear_down)
    const struct CMUnitTest tests[] = {
        NEW(a_store_that_is_not_there_is_filled), NEW(what_fails_leaves_nothing),
        NEW(what_is_killed_leaves_no_store),      TEST(a_store_that_has_something_stays),
        NEW(a_file_of_something_else_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
