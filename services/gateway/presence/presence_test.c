// Who follows which event, in one process: what is known of it, what is kept of a night, and many threads.
#include "services/gateway/presence/presence.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/net/loop.h"
#include "services/gateway/stream/hub.h"
#include "services/gateway/stream/topics.h"
#include "tests/test.h"

#define EVENT "01890000-0000-7000-8000-000000000001"
#define ALI "01890000-0000-7000-8000-000000000002"
#define SARA "01890000-0000-7000-8000-000000000003"

enum { PATIENCE_MS = 20000 };

static struct topics *topics;

static int set_up(void **state)
{
    struct err err;
    assert_true(sodium_init() >= 0 && topics_create(&topics, &err));
    const struct presence_options options = {.url = "memory:", .topics = topics};
    assert_true(presence_open((struct presence **)state, &options, &err));
    return 0;
}

static int tear_down(void **state)
{
    presence_stop(*state);
    presence_destroy(*state);
    topics_destroy(topics);
    return 0;
}

static void come(struct presence *presence, const char *user_id)
{
    struct err err;
    assert_true(presence_come(presence, EVENT, user_id, 0, &err));
}

// As it is passed on to events.
static Events__FollowPresenceRequest known(struct presence *presence, struct arena *arena)
{
    Events__FollowPresenceRequest request = EVENTS__FOLLOW_PRESENCE_REQUEST__INIT;
    request.event_id = EVENT;
    presence_fill(presence, &request, arena);
    return request;
}

static void what_is_known_is_passed_on(void **state)
{
    struct arena arena;
    struct err err;
    arena_init(&arena, 1 << 20);
    assert_int_equal(known(*state, &arena).n_people, 0);
    come(*state, ALI);
    assert_true(presence_say(*state, EVENT, ALI, 0, true, &err));
    Events__FollowPresenceRequest request = known(*state, &arena);
    assert_int_equal(request.n_people, 1);
    assert_string_equal(request.people[0]->user_id, ALI);
    assert_int_equal(request.people[0]->state, EVENTS__PRESENCE__STATE__AWAY);
    assert_true(presence_is_known(*state, EVENT));
    arena_finish(&arena);
}

static void a_night_is_kept_until_it_is_over(void **state)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    come(*state, ALI);
    assert_true(presence_night(*state, EVENT, 7000, 20));
    come(*state, SARA);
    Events__FollowPresenceRequest request = known(*state, &arena);
    assert_int_equal(request.n_people, 2);
    assert_int_equal(request.night_ms, 7000);
    assert_int_equal(request.n_frozen, 1);
    assert_string_equal(request.frozen[0]->user_id, ALI);
    assert_true(presence_night(*state, EVENT, 7000, 60000)); // told again
    assert_int_equal(known(*state, &arena).n_frozen, 1);
    assert_true(presence_night(*state, EVENT, 0, 0));
    assert_int_equal(known(*state, &arena).night_ms, 0);
    assert_true(presence_night(*state, EVENT, 9000, 60000)); // it began unseen
    assert_int_equal(known(*state, &arena).night_ms, 0);
    arena_finish(&arena);
}

// ---- Hints

struct house {
    struct loop *loop;
    struct hub *hub;
    struct hub_subscription heard;
    unsigned hints;
};

static void on_turn(void *arg) { (void)arg; }

static void on_awake(void *arg) { hub_awake(((struct house *)arg)->hub); }

static void on_hint(void *arg, const struct news *news)
{
    struct house *house = arg;
    (void)news;
    house->hints++;
}

static void open_house(struct house *house)
{
    struct err err;
    const struct loop_options options = {on_turn, on_awake, house};
    *house = (struct house){.hints = 0};
    house->heard = (struct hub_subscription){.news = on_hint, .arg = house};
    assert_true(loop_create(&house->loop, &options, &err));
    assert_true(hub_create(&house->hub, topics, house->loop, 0, &err));
    assert_true(hub_subscribe(house->hub, &house->heard, "presence." EVENT, &err));
}

static void await_hint(struct house *house, unsigned after)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (house->hints == after && clock_mono_ms() < until_ms) {
        loop_again(house->loop);
        loop_turn(house->loop);
    }
    assert_true(house->hints > after);
}

// The thread looks at most every 100 ms, and then they are as they were; but who asked was told otherwise.
static void what_was_asked_for_in_between_is_hinted_at(void **state)
{
    struct house house;
    struct arena arena;
    struct err err;
    arena_init(&arena, 1 << 20);
    open_house(&house);
    come(*state, ALI);
    await_hint(&house, 0);
    unsigned hints = house.hints;
    assert_true(presence_say(*state, EVENT, ALI, 0, true, &err));
    assert_int_equal(known(*state, &arena).people[0]->state, EVENTS__PRESENCE__STATE__AWAY);
    assert_true(presence_say(*state, EVENT, ALI, 0, false, &err));
    await_hint(&house, hints);
    assert_int_equal(known(*state, &arena).people[0]->state, EVENTS__PRESENCE__STATE__CONNECTED);
    hub_unsubscribe(house.hub, &house.heard);
    hub_destroy(house.hub);
    loop_destroy(house.loop);
    arena_finish(&arena);
}

// ---- Many

static struct uuid event(unsigned number)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-%012u", 1000 + number);
    return id;
}

static void one_user_leaves_room_for_the_others(void **state)
{
    enum { MANY = 4500 };
    struct arena arena;
    struct err err;
    arena_init(&arena, 1 << 20);
    for (unsigned i = 0; i < MANY; i++) assert_true(presence_say(*state, event(i).text, ALI, i, true, &err));
    assert_true(presence_has(*state, event(MANY - 1).text, ALI));
    assert_false(presence_has(*state, event(0).text, ALI));
    assert_true(presence_watch(*state, EVENT, &err));
    come(*state, SARA);
    assert_int_equal(known(*state, &arena).n_people, 1);
    presence_unwatch(*state, EVENT);
    arena_finish(&arena);
}

static void *crowd_in(void *presence)
{
    struct arena arena;
    struct err err;
    arena_init(&arena, 1 << 20);
    for (uint64_t i = 0; i < 300; i++) {
        bool came = presence_come(presence, EVENT, ALI, i % 5, &err);
        (void)!presence_say(presence, EVENT, SARA, i % 7, i % 2, &err);
        if (presence_watch(presence, EVENT, &err)) presence_unwatch(presence, EVENT);
        presence_night(presence, EVENT, i / 50 * 1000, 10);
        known(presence, &arena);
        if (came) presence_go(presence, EVENT, ALI, i % 5, false);
        arena_reset(&arena);
    }
    arena_finish(&arena);
    return NULL;
}

static void many_threads_come_and_go(void **state)
{
    enum { CROWD = 4 };
    pthread_t threads[CROWD];
    struct arena arena;
    for (int i = 0; i < CROWD; i++) assert_int_equal(pthread_create(&threads[i], NULL, crowd_in, *state), 0);
    for (int i = 0; i < CROWD; i++) pthread_join(threads[i], NULL);
    arena_init(&arena, 1 << 20);
    Events__FollowPresenceRequest request = known(*state, &arena);
    assert_int_equal(request.n_people, 1); // who just left; who only said something is not there
    assert_string_equal(request.people[0]->user_id, ALI);
    arena_finish(&arena);
}

int main(void)
{
#define IN_PROCESS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_PROCESS(what_is_known_is_passed_on),
        IN_PROCESS(a_night_is_kept_until_it_is_over),
        IN_PROCESS(what_was_asked_for_in_between_is_hinted_at),
        IN_PROCESS(one_user_leaves_room_for_the_others),
        IN_PROCESS(many_threads_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
