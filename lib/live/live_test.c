// Objects in memory over a real store that no other process writes.
#include "lib/live/testing/jars.h"

enum { THREADS = 4, ROUNDS = 200 };

struct shelf {
    struct place place;
    struct world *world;
};

static int open_shelf(void **state)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    void *world;
    set_up(&world);
    shelf->world = world;
    place_open(&shelf->place, shelf->world->store);
    *state = shelf;
    return 0;
}

static int close_shelf(void **state)
{
    struct shelf *shelf = *state;
    void *world = shelf->world;
    store_close(shelf->world->store);
    shelf->world->store = NULL;
    place_close(&shelf->place);
    free(shelf);
    return tear_down(&world);
}

static void what_is_not_there_is_not_kept(void **state)
{
    struct shelf *shelf = *state;
    struct place *place = &shelf->place;
    assert_int_equal(refusal(place, 1), IS(NOT_FOUND));
    assert_int_equal(place->destroyed, 1);
    assert_int_equal(refusal(place, 1), IS(NOT_FOUND));
    assert_int_equal(place->loads, 2);
}

static void the_least_recently_used_goes_and_comes_back_whole(void **state)
{
    struct shelf *shelf = *state;
    struct place *place = &shelf->place;
    for (unsigned i = 1; i <= 3; i++) make_jar(place, i, (uint8_t)i);
    live_leave(place->live, &enter(place, 1)->live);
    assert_int_equal(place->loads, 0);
    make_jar(place, 4, 4);
    live_leave(place->live, &enter(place, 4)->live);
    assert_int_equal(place->destroyed, 1);
    live_leave(place->live, &enter(place, 1)->live);
    assert_int_equal(place->loads, 0);
    struct jar *jar = enter(place, 2);
    assert_int_equal(place->loads, 1);
    assert_int_equal(jar->beans, 2);
    live_leave(place->live, &jar->live);
}

static void a_failed_write_is_undone_once_all_writes_have_ended(void **state)
{
    struct shelf *shelf = *state;
    struct place *place = &shelf->place;
    make_jar(place, 1, 5);
    struct jar *jar = enter(place, 1);
    atomic_fetch_add(&jar->live.pending, 1); // another write on its way
    add(place, jar, 9, 200);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    assert_failed(shelf->world, ticket, IS(CONFLICT));
    assert_int_equal(refusal(place, 1), IS(SERVICE_BUSY));
    live_written(&jar->live, true);
    jar = enter(place, 1);
    assert_int_equal(jar->beans, 5);
    assert_int_equal(jar->live.ticket, 0);
    live_leave(place->live, &jar->live);
}

static void what_was_decided_on_a_failed_write_fails_with_it(void **state)
{
    struct shelf *shelf = *state;
    struct place *place = &shelf->place;
    make_jar(place, 1, 5);
    struct jar *jar = enter(place, 1);
    add(place, jar, 9, 1);
    add(place, jar, 2, 1);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    assert_failed(shelf->world, ticket, IS(CONFLICT));
    assert_int_equal(head(shelf->world, jar_id(1).text), 1);
}

static void what_does_not_verify_is_not_read_again_at_once(void **state)
{
    struct shelf *shelf = *state;
    struct place *place = &shelf->place;
    uint8_t bean = 1;
    ProtobufCBinaryData entry = {1, &bean};
    assert_durable(shelf->world, store_append(place->store, jar_id(1).text, 1, &entry, 1, NULL));
    place->corrupt = true;
    assert_int_equal(refusal(place, 1), IS(STORE_CORRUPT));
    place->corrupt = false;
    assert_int_equal(refusal(place, 1), IS(STORE_CORRUPT));
    assert_int_equal(place->loads, 1);
}

// A page of the store ends with an append, so it may be longer than was asked for.
static void what_was_appended_together_is_loaded_together(void **state)
{
    enum { ALONE = 499, TOGETHER = 3 };
    struct shelf *shelf = *state;
    struct place *place = &shelf->place;
    const struct uuid id = jar_id(1);
    const char *stream = id.text;
    ProtobufCBinaryData beans[ALONE];
    for (size_t i = 0; i < ALONE; i++) beans[i] = (ProtobufCBinaryData){1, (uint8_t *)"\1"};
    store_append(place->store, stream, 1, beans, ALONE, NULL);
    store_append(place->store, stream, ALONE + 1, beans, TOGETHER, NULL);
    assert_durable(shelf->world, store_append(place->store, stream, ALONE + TOGETHER + 1, beans, 1, NULL));
    struct jar *jar = enter(place, 1);
    assert_int_equal(jar->seq, ALONE + TOGETHER + 1);
    assert_int_equal(jar->beans, ALONE + TOGETHER + 1);
    live_leave(place->live, &jar->live);
}

static void a_deleted_one_is_gone_at_once_and_stays_gone(void **state)
{
    struct shelf *shelf = *state;
    struct place *place = &shelf->place;
    make_jar(place, 1, 5);
    struct jar *jar = enter(place, 1);
    struct store_write write = {.done = live_written, .arg = &jar->live};
    live_delete(&jar->live, place->store, jar->live.id.text, 1, write);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    assert_int_equal(refusal(place, 1), IS(NOT_FOUND));
    assert_durable(shelf->world, ticket);
    assert_int_equal(refusal(place, 1), IS(NOT_FOUND));
}

static void *add_often(void *arg)
{
    struct place *place = arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct jar *jar = enter(place, 1);
        add(place, jar, jar->seq + 1, 1);
        live_leave(place->live, &jar->live);
    }
    return NULL;
}

static void commands_come_one_at_a_time(void **state)
{
    struct shelf *shelf = *state;
    struct place *place = &shelf->place;
    pthread_t threads[THREADS];
    make_jar(place, 1, 1);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_often, place), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    struct jar *jar = enter(place, 1);
    uint64_t ticket = jar->live.ticket;
    assert_int_equal(jar->beans, 1 + THREADS * ROUNDS);
    live_leave(place->live, &jar->live);
    assert_durable(shelf->world, ticket);
    assert_int_equal(head(shelf->world, jar_id(1).text), 1 + THREADS * ROUNDS);
}

#define IN_PLACE(name) cmocka_unit_test_setup_teardown(name, open_shelf, close_shelf)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(what_is_not_there_is_not_kept),
        IN_PLACE(the_least_recently_used_goes_and_comes_back_whole),
        IN_PLACE(a_failed_write_is_undone_once_all_writes_have_ended),
        IN_PLACE(what_was_decided_on_a_failed_write_fails_with_it),
        IN_PLACE(what_does_not_verify_is_not_read_again_at_once),
        IN_PLACE(what_was_appended_together_is_loaded_together),
        IN_PLACE(a_deleted_one_is_gone_at_once_and_stays_gone),
        IN_PLACE(commands_come_one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
