// Copies of several stores as of one moment.
#include <pthread.h>

#include "lib/store/testing/world.h"

static const struct person ADA = {.id = "u1", .username = "ada", .phone = "+11", .created_s = 7};

static void wait_until(atomic_uint_fast64_t *number, uint64_t reached)
{
    while (*number < reached) sched_yield();
}

struct pair_writer {
    struct world *left, *right;
    pthread_t thread;
    atomic_bool stop;
    atomic_uint_fast64_t acknowledged;
};

// Each entry of the right store is written when its twin of the left one is durable.
static void *write_pairs(void *arg)
{
    struct pair_writer *writer = arg;
    struct err err;
    for (uint64_t seq = 1; !writer->stop; seq++) {
        if (!store_wait(writer->left->store, append(writer->left, "pairs", seq, "x"), &err)) break;
        if (!store_wait(writer->right->store, append(writer->right, "pairs", seq, "x"), &err)) break;
        writer->acknowledged = seq;
    }
    return NULL;
}

static uint64_t head_of_copy(const struct world *world, const char *path)
{
    struct world copy = *world;
    snprintf(copy.url, sizeof copy.url, "sqlite:%s", path);
    must(&copy, world_open(&copy, TABLES));
    uint64_t seq = head(&copy, "pairs");
    world_close(&copy);
    return seq;
}

// The right one is copied last, and its copy is still not ahead.
static void copies_of_two_stores_are_of_one_moment(void **state)
{
    struct world *world = *state, other = *world;
    struct pair_writer writer = {.left = world, .right = &other};
    char left[96], right[96];
    int64_t moment_ms = 0;
    snprintf(other.url, sizeof other.url, "sqlite:%s/other.db", world->folder);
    must(&other, world_open(&other, TABLES));
    assert_int_equal(pthread_create(&writer.thread, NULL, write_pairs, &writer), 0);
    wait_until(&writer.acknowledged, 20);
    for (int round = 0; round < 10; round++) {
        uint64_t before = writer.acknowledged;
        snprintf(left, sizeof left, "%s/left-%d.db", world->folder, round);
        snprintf(right, sizeof right, "%s/right-%d.db", world->folder, round);
        const struct store_copy copies[] = {{world->url, left, NULL}, {other.url, right, NULL}};
        must(world, store_backup_together(copies, 2, &moment_ms, &world->err));
        uint64_t of_left = head_of_copy(world, left), of_right = head_of_copy(world, right);
        assert_true(moment_ms > 0 && of_right >= before);
        assert_true(of_left == of_right || of_left == of_right + 1);
    }
    wait_until(&writer.acknowledged, writer.acknowledged + 10); // it goes on
    writer.stop = true;
    pthread_join(writer.thread, NULL);
    world_close(&other);
}

static void copies_leave_out_what_was_deleted(void **state)
{
    struct world *world = *state;
    char path[96], text[] = "erase-me-and-leave-no-trace";
    int64_t moment_ms;
    assert_durable(world, append(world, "gone", 1, text));
    assert_durable(world, store_delete_stream(world->store, "gone", 1, NULL));
    assert_durable(world, person_put(world, (struct person){.id = "u1", .username = "lovelace"}, 0, NULL));
    snprintf(path, sizeof path, "%s/copy.db", world->folder);
    const struct store_copy copy = {world->url, path, USERS};
    must(world, store_backup_together(&copy, 1, &moment_ms, &world->err));
    assert_false(store_backup_together(&copy, 1, &moment_ms, &world->err)); // never over an older one
    assert_int_equal(world->err.reason, IS(CONFLICT));
    char whole[1 << 20];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(whole, 1, sizeof whole, file);
    fclose(file);
    assert_true(len > 0 && len < sizeof whole);
    assert_null(memmem(whole, len, text, sizeof text - 1));
    assert_null(memmem(whole, len, "lovelace", 8));
}

static void copies_of_what_is_no_store_fail(void **state)
{
    struct world *world = *state;
    char path[96];
    int64_t moment_ms;
    snprintf(path, sizeof path, "%s/copy.db", world->folder);
    const struct store_copy copies[] = {{world->url, path, NULL}, {"sqlite:/nowhere/at/all.db", path, NULL}};
    assert_false(store_backup_together(copies, 2, &moment_ms, &world->err));
    assert_non_null(strstr(world->err.message, "/nowhere/at/all"));
    assert_int_equal(access(path, F_OK), -1);
    assert_durable(world, person_put(world, ADA, 0, NULL)); // its writes don't wait any more
    assert_false(store_copies("mongodb://127.0.0.1/conse"));
    assert_true(store_copies(world->url));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copies_of_two_stores_are_of_one_moment),
        TEST(copies_leave_out_what_was_deleted),
        TEST(copies_of_what_is_no_store_fail),
    };
    return cmocka_run_group_tests_name("store: copies of several", tests, NULL, NULL);
}
