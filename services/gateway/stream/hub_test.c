// News of streams: every listener gets them, in order, on every loop; also while listeners come and go.
#include <pthread.h>
#include <sodium.h>

#include "lib/base/clock.h"
#include "lib/net/loop.h"
#include "services/gateway/stream/hub.h"
#include "services/gateway/stream/topics.h"
#include "tests/test.h"

enum { LISTENERS = 8 };

struct place {
    struct topics *topics;
    struct loop *loop;
    struct hub *hub;
    unsigned awakes;
};

struct listener {
    struct hub_subscription subscription;
    struct place *place;
    unsigned count, overruns;
    uint64_t last;
    char payload[16];
    struct listener *drops[LISTENERS]; // when news come
    const char *joins[2];
};

static void on_awake(void *arg)
{
    struct place *place = arg;
    place->awakes++;
    hub_awake(place->hub);
}

static void on_turn(void *arg) { (void)arg; }

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    struct err err = {0};
    const struct loop_options options = {.turn = on_turn, .awake = on_awake, .arg = place};
    assert_true(sodium_init() >= 0);
    assert_true(topics_create(&place->topics, &err));
    assert_true(loop_create(&place->loop, &options, &err));
    assert_true(hub_create(&place->hub, place->topics, place->loop, 5, &err));
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    hub_destroy(place->hub);
    loop_destroy(place->loop);
    topics_destroy(place->topics);
    free(place);
    return 0;
}

static void publish(struct place *place, const char *stream, uint64_t seq)
{
    char payload[24];
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = stream;
    notice.seq = seq;
    notice.kind = "COUNTED";
    notice.payload.len = (size_t)snprintf(payload, sizeof payload, "%llu", (unsigned long long)seq);
    notice.payload.data = (uint8_t *)payload;
    topics_publish(place->topics, &notice);
}

static void on_news(void *arg, const struct news *news)
{
    struct listener *listener = arg;
    struct err err = {0};
    listener->count++;
    if (strcmp(news->kind, NEWS_OVERRUN) == 0) {
        assert_int_equal(news->seq, 0);
        listener->overruns++;
    } else {
        assert_true(news->seq > listener->last);
        listener->last = news->seq;
        if (news->payload)
            snprintf(listener->payload, sizeof listener->payload, "%.*s", (int)news->payload->len,
                     news->payload->bytes);
    }
    for (size_t i = 0; i < LISTENERS && listener->drops[i]; i++)
        hub_unsubscribe(listener->place->hub, &listener->drops[i]->subscription);
    for (size_t i = 0; i < 2 && listener->joins[i]; i++) {
        hub_unsubscribe(listener->place->hub, &listener->subscription);
        assert_true(hub_subscribe(listener->place->hub, &listener->subscription, listener->joins[i], &err));
    }
}

static void join(struct place *place, struct listener *listener, const char *stream)
{
    struct err err = {0};
    listener->place = place;
    listener->subscription.news = on_news;
    listener->subscription.arg = listener;
    assert_true(hub_subscribe(place->hub, &listener->subscription, stream, &err));
}

static void leave(struct place *place, struct listener *listener)
{
    hub_unsubscribe(place->hub, &listener->subscription);
}

static void news_come_to_those_who_listen_in_order(void **state)
{
    struct place *place = *state;
    struct listener a = {0}, b = {0}, c = {0};
    join(place, &a, "events.1.public");
    join(place, &b, "events.1.public");
    join(place, &c, "events.10.public");
    for (uint64_t seq = 1; seq <= 100; seq++) publish(place, "events.1.public", seq);
    publish(place, "events.1.god", 1);
    publish(place, "users.1", 1);
    assert_int_equal(a.count, 0);
    loop_turn(place->loop);
    assert_int_equal(place->awakes, 1); // woken once for all of them
    assert_int_equal(a.count, 100);
    assert_int_equal(b.count, 100);
    assert_int_equal(c.count, 0);
    assert_string_equal(a.payload, "100");
    leave(place, &a);
    leave(place, &a); // once too often
    publish(place, "events.1.public", 101);
    hub_awake(place->hub);
    assert_int_equal(a.count, 100);
    assert_int_equal(b.count, 101);
    leave(place, &b);
    publish(place, "events.1.public", 102); // on its way when the last one left
    leave(place, &c);
    hub_awake(place->hub);
}

static void a_private_notice_has_no_payload(void **state)
{
    struct place *place = *state;
    struct listener a = {.payload = "none"};
    Bus__Notice notice = BUS__NOTICE__INIT;
    join(place, &a, "users.1");
    notice.stream = "users.1";
    notice.seq = 7;
    topics_publish(place->topics, &notice);
    hub_awake(place->hub);
    assert_int_equal(a.last, 7);
    assert_string_equal(a.payload, "none");
    leave(place, &a);
}

static void a_listener_may_leave_while_it_is_told(void **state)
{
    struct place *place = *state;
    struct listener all[LISTENERS] = {0};
    for (size_t i = 0; i < LISTENERS; i++) join(place, &all[i], "events.1.public"); // told last first
    all[6].drops[0] = &all[6];                                                      // itself
    all[5].drops[0] = &all[4], all[5].drops[1] = &all[3];                           // the next ones
    all[2].drops[0] = &all[7];                                                      // one that was told
    publish(place, "events.1.public", 1);
    publish(place, "events.1.public", 2);
    hub_awake(place->hub);
    const unsigned told[LISTENERS] = {2, 2, 2, 0, 0, 2, 1, 1};
    for (size_t i = 0; i < LISTENERS; i++) assert_int_equal(all[i].count, told[i]);
    for (size_t i = 0; i < LISTENERS; i++) all[0].drops[i] = &all[i]; // everybody
    publish(place, "events.1.public", 3);
    publish(place, "events.1.public", 4);
    hub_awake(place->hub);
    assert_int_equal(all[0].count, 3);
    for (size_t i = 0; i < LISTENERS; i++) assert_null(all[i].subscription.stream);
}

static void a_listener_may_move_while_it_is_told(void **state)
{
    struct place *place = *state;
    struct listener a = {.joins = {"events.2.public", "events.1.public"}}, b = {0};
    join(place, &b, "events.1.public");
    join(place, &a, "events.1.public");
    publish(place, "events.1.public", 1);
    hub_awake(place->hub);
    assert_int_equal(a.count, 1);
    assert_int_equal(b.count, 1);
    a.joins[0] = "events.2.public", a.joins[1] = NULL;
    publish(place, "events.1.public", 2);
    publish(place, "events.1.public", 3);
    publish(place, "events.2.public", 4); // nobody listens yet
    hub_awake(place->hub);
    assert_int_equal(a.count, 2);
    publish(place, "events.2.public", 5);
    hub_awake(place->hub);
    assert_int_equal(a.count, 3);
    assert_int_equal(a.last, 5);
    assert_int_equal(b.count, 3);
    leave(place, &a);
    leave(place, &b);
}

static void who_falls_behind_is_told_to_read_again(void **state)
{
    struct place *place = *state;
    struct listener a = {0}, b = {0}, moving = {.joins = {"events.3.public", "events.4.public"}};
    join(place, &a, "events.1.public");
    join(place, &b, "events.2.public");
    join(place, &moving, "events.2.public");
    for (uint64_t seq = 1; seq <= HUB_INBOX_MOST + 10; seq++) publish(place, "events.1.public", seq);
    hub_awake(place->hub);
    assert_int_equal(a.last, HUB_INBOX_MOST);
    assert_int_equal(a.overruns, 1);
    assert_int_equal(b.overruns, 1);
    assert_true(moving.overruns >= 1);
    publish(place, "events.1.public", HUB_INBOX_MOST + 11);
    hub_awake(place->hub);
    assert_int_equal(a.last, HUB_INBOX_MOST + 11);
    assert_int_equal(a.overruns, 1);
    leave(place, &a);
    leave(place, &b);
    leave(place, &moving);
}

static void streams_are_bounded(void **state)
{
    struct place *place = *state;
    struct hub_subscription *all = calloc(HUB_STREAMS_MOST + 1, sizeof *all);
    struct err err = {0};
    char stream[32];
    assert_non_null(all);
    for (size_t i = 0; i < HUB_STREAMS_MOST; i++) {
        snprintf(stream, sizeof stream, "rooms.%zu", i);
        assert_true(hub_subscribe(place->hub, &all[i], stream, &err));
    }
    assert_false(hub_subscribe(place->hub, &all[HUB_STREAMS_MOST], "rooms.x", &err));
    assert_true(err_is(&err, SERVICE_BUSY));
    assert_true(hub_subscribe(place->hub, &all[HUB_STREAMS_MOST], "rooms.0", &err)); // no other one
    for (size_t i = 0; i <= HUB_STREAMS_MOST; i++) hub_unsubscribe(place->hub, &all[i]);
    free(all);
}

// ---- Loops and publishers on threads of their own

enum { LOOPS = 8, PUBLISHERS = 4, STREAMS = 16, NEWS = 3000, VISITORS = 6 };

struct crowd {
    struct topics *topics;
    atomic_uint ready;
    atomic_bool published;
    struct member {
        struct crowd *crowd;
        pthread_t thread;
        struct place place;
        struct listener steady[STREAMS];
        struct hub_subscription visitors[VISITORS];
        unsigned visits;
    } members[LOOPS];
};

static void name_stream(char stream[32], size_t i) { snprintf(stream, 32, "events.%zu.public", i); }

static void on_visit(void *arg, const struct news *news)
{
    (void)news;
    ((struct member *)arg)->visits++;
}

static void move_visitors(struct member *member, uint32_t *dice)
{
    char stream[32];
    struct err err;
    for (size_t i = 0; i < VISITORS; i++) {
        *dice = *dice * 1664525 + 1013904223;
        struct hub_subscription *visitor = &member->visitors[i];
        hub_unsubscribe(member->place.hub, visitor);
        *visitor = (struct hub_subscription){.news = on_visit, .arg = member};
        name_stream(stream, (*dice >> 16) % (2 * STREAMS));
        if (*dice >> 30) assert_true(hub_subscribe(member->place.hub, visitor, stream, &err));
    }
}

static bool has_all(const struct member *member)
{
    for (size_t i = 0; i < STREAMS; i++)
        if (member->steady[i].last < NEWS) return false;
    return true;
}

static void *live(void *arg)
{
    struct member *member = arg;
    char stream[32];
    uint32_t dice = (uint32_t)member->place.awakes;
    for (size_t i = 0; i < STREAMS; i++) {
        name_stream(stream, i);
        join(&member->place, &member->steady[i], stream);
    }
    atomic_fetch_add(&member->crowd->ready, 1);
    while (!has_all(member)) {
        loop_turn(member->place.loop);
        move_visitors(member, &dice);
        loop_again(member->place.loop);
    }
    for (size_t i = 0; i < STREAMS; i++) leave(&member->place, &member->steady[i]);
    for (size_t i = 0; i < VISITORS; i++) hub_unsubscribe(member->place.hub, &member->visitors[i]);
    return NULL;
}

struct publisher {
    pthread_t thread;
    struct crowd *crowd;
    size_t from, until; // streams
};

static void *publish_all(void *arg)
{
    struct publisher *publisher = arg;
    struct place place = {.topics = publisher->crowd->topics};
    char stream[32];
    while (atomic_load(&publisher->crowd->ready) < LOOPS) sched_yield();
    for (uint64_t seq = 1; seq <= NEWS; seq++)
        for (size_t i = publisher->from; i < publisher->until; i++) {
            name_stream(stream, i);
            publish(&place, stream, seq);
        }
    return NULL;
}

static void begin_member(struct crowd *crowd, size_t i)
{
    struct member *member = &crowd->members[i];
    struct err err = {0};
    const struct loop_options options = {.turn = on_turn, .awake = on_awake, .arg = &member->place};
    member->crowd = crowd;
    member->place.topics = crowd->topics;
    member->place.awakes = (unsigned)i * 7919;
    assert_true(loop_create(&member->place.loop, &options, &err));
    assert_true(hub_create(&member->place.hub, crowd->topics, member->place.loop, i, &err));
}

static void every_loop_gets_everything_in_order(void **state)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);
    struct publisher publishers[PUBLISHERS];
    struct err err = {0};
    (void)state;
    assert_non_null(crowd);
    assert_true(topics_create(&crowd->topics, &err));
    for (size_t i = 0; i < LOOPS; i++) begin_member(crowd, i);
    for (size_t i = 0; i < LOOPS; i++)
        assert_int_equal(pthread_create(&crowd->members[i].thread, NULL, live, &crowd->members[i]), 0);
    for (size_t i = 0; i < PUBLISHERS; i++) {
        enum { EACH = STREAMS / PUBLISHERS };
        publishers[i] = (struct publisher){.crowd = crowd, .from = i * EACH, .until = (i + 1) * EACH};
        assert_int_equal(pthread_create(&publishers[i].thread, NULL, publish_all, &publishers[i]), 0);
    }
    for (size_t i = 0; i < PUBLISHERS; i++) pthread_join(publishers[i].thread, NULL);
    for (size_t i = 0; i < LOOPS; i++) pthread_join(crowd->members[i].thread, NULL);
    for (size_t i = 0; i < LOOPS; i++) {
        for (size_t n = 0; n < STREAMS; n++) assert_int_equal(crowd->members[i].steady[n].count, NEWS);
        hub_destroy(crowd->members[i].place.hub);
        loop_destroy(crowd->members[i].place.loop);
    }
    topics_destroy(crowd->topics);
    free(crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(news_come_to_those_who_listen_in_order),          TEST(a_private_notice_has_no_payload),
        TEST(a_listener_may_leave_while_it_is_told),           TEST(a_listener_may_move_while_it_is_told),
        TEST(who_falls_behind_is_told_to_read_again),          TEST(streams_are_bounded),
        cmocka_unit_test(every_loop_gets_everything_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
