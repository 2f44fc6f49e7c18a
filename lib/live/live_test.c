// Objects in memory over a real store: a jar is the sum of the beans in its stream's entries.
#include "lib/live/live.h"

#include "lib/store/testing/world.h"

enum { JAR_BYTES = 1000, ROOM = 4 * JAR_BYTES, THREADS = 4, ROUNDS = 200 };

struct jar {
    struct live_object live;
    struct place *place;
    uint64_t seq, beans;
};

struct place {
    struct world *world;
    struct live *live;
    unsigned loads, forgets, destroyed;
    bool corrupt;
};

static struct jar *jar_of(const struct live_object *object) { return (struct jar *)object; }

static bool add_beans(void *fold, const ProtobufCBinaryData *entry, struct err *err)
{
    struct jar *jar = fold;
    if (jar->place->corrupt) return err_fail(err, STORE_CORRUPT, "mould");
    jar->seq++;
    jar->beans += entry->data[0];
    return true;
}

static void begin_jar(struct live_object *object, void *place)
{
    struct jar *jar = jar_of(object);
    jar->place = place;
    jar->seq = jar->beans = 0;
}

static bool load_jar(struct live_object *object, void *context, struct err *err)
{
    struct place *place = context;
    place->loads++;
    begin_jar(object, place);
    return live_catch_up(place->world->store, object->id.text, 1, add_beans, object, &place->world->arena,
                         err);
}

static void forget_jar(struct live_object *object)
{
    if (jar_of(object)->place) jar_of(object)->place->forgets++;
}

static void destroy_jar(struct live_object *object)
{
    if (jar_of(object)->place) jar_of(object)->place->destroyed++;
}

static bool has_beans(const struct live_object *object) { return jar_of(object)->seq; }
static size_t weigh_jar(const struct live_object *object) { return has_beans(object) ? JAR_BYTES : 0; }

static const struct live_kind jars = {"jar",      "jars.load", sizeof(struct jar), load_jar, begin_jar,
                                      forget_jar, destroy_jar, has_beans,          weigh_jar};

static struct uuid jar_id(unsigned number)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-%012u", number);
    return id;
}

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    void *world;
    struct err err;
    set_up(&world);
    place->world = world;
    assert_true(live_open(&place->live, &jars, place, ROOM, &err));
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    void *world = place->world;
    store_close(place->world->store);
    place->world->store = NULL;
    live_close(place->live);
    free(place);
    return tear_down(&world);
}

static void add(struct place *place, struct jar *jar, uint64_t first_seq, uint8_t beans)
{
    ProtobufCBinaryData entry = {1, &beans};
    struct store_write write = {.done = live_written, .arg = &jar->live};
    live_append(&jar->live, place->world->store, jar->live.id.text, first_seq, &entry, 1, write);
    jar->seq++;
    jar->beans += beans;
}

static struct jar *enter(struct place *place, unsigned number)
{
    struct live_object *object;
    struct err err;
    if (!live_enter(place->live, jar_id(number).text, &object, &err)) fail_msg("%s", err.message);
    return jar_of(object);
}

static Conse__Reason__Value refusal(struct place *place, unsigned number)
{
    struct live_object *object;
    struct err err = {0};
    assert_false(live_enter(place->live, jar_id(number).text, &object, &err));
    assert_null(object);
    return err.reason;
}

static void make_jar(struct place *place, unsigned number, uint8_t beans)
{
    struct jar *jar = jar_of(live_enter_new(place->live, jar_id(number).text));
    assert_non_null(jar);
    add(place, jar, 1, beans);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    assert_durable(place->world, ticket);
}

static void what_is_not_there_is_not_kept(void **state)
{
    struct place *place = *state;
    assert_int_equal(refusal(place, 1), IS(NOT_FOUND));
    assert_int_equal(place->destroyed, 1);
    assert_int_equal(refusal(place, 1), IS(NOT_FOUND));
    assert_int_equal(place->loads, 2);
}

static void the_least_recently_used_goes_and_comes_back_whole(void **state)
{
    struct place *place = *state;
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
    struct place *place = *state;
    make_jar(place, 1, 5);
    struct jar *jar = enter(place, 1);
    atomic_fetch_add(&jar->live.pending, 1); // another write on its way
    add(place, jar, 9, 200);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    assert_failed(place->world, ticket, IS(CONFLICT));
    assert_int_equal(refusal(place, 1), IS(SERVICE_BUSY));
    live_written(&jar->live, true);
    jar = enter(place, 1);
    assert_int_equal(jar->beans, 5);
    assert_int_equal(jar->live.ticket, 0);
    live_leave(place->live, &jar->live);
}

static void what_was_decided_on_a_failed_write_fails_with_it(void **state)
{
    struct place *place = *state;
    make_jar(place, 1, 5);
    struct jar *jar = enter(place, 1);
    add(place, jar, 9, 1);
    add(place, jar, 2, 1);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    assert_failed(place->world, ticket, IS(CONFLICT));
    assert_int_equal(head(place->world, jar_id(1).text), 1);
}

static void what_does_not_verify_is_not_read_again_at_once(void **state)
{
    struct place *place = *state;
    uint8_t bean = 1;
    ProtobufCBinaryData entry = {1, &bean};
    assert_durable(place->world, store_append(place->world->store, jar_id(1).text, 1, &entry, 1, NULL));
    place->corrupt = true;
    assert_int_equal(refusal(place, 1), IS(STORE_CORRUPT));
    place->corrupt = false;
    assert_int_equal(refusal(place, 1), IS(STORE_CORRUPT));
    assert_int_equal(place->loads, 1);
}

static void a_deleted_one_is_gone_at_once_and_stays_gone(void **state)
{
    struct place *place = *state;
    make_jar(place, 1, 5);
    struct jar *jar = enter(place, 1);
    struct store_write write = {.done = live_written, .arg = &jar->live};
    live_delete(&jar->live, place->world->store, jar->live.id.text, 1, write);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    assert_int_equal(refusal(place, 1), IS(NOT_FOUND));
    assert_durable(place->world, ticket);
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
    struct place *place = *state;
    pthread_t threads[THREADS];
    make_jar(place, 1, 1);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_often, place), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    struct jar *jar = enter(place, 1);
    uint64_t ticket = jar->live.ticket;
    assert_int_equal(jar->beans, 1 + THREADS * ROUNDS);
    live_leave(place->live, &jar->live);
    assert_durable(place->world, ticket);
    assert_int_equal(head(place->world, jar_id(1).text), 1 + THREADS * ROUNDS);
}

#define IN_PLACE(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(what_is_not_there_is_not_kept),
        IN_PLACE(the_least_recently_used_goes_and_comes_back_whole),
        IN_PLACE(a_failed_write_is_undone_once_all_writes_have_ended),
        IN_PLACE(what_was_decided_on_a_failed_write_fails_with_it),
        IN_PLACE(what_does_not_verify_is_not_read_again_at_once),
        IN_PLACE(a_deleted_one_is_gone_at_once_and_stays_gone),
        IN_PLACE(commands_come_one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
