// Topics with two processes of events on one store, between which no announcement arrives: what one of them
// writes, the other publishes all the same, and whose right it took, the other no longer serves.
#include "lib/replica/testing/other.h"
#include "services/events/push/courier.h"
#include "services/events/push/letter.h"
#include "services/events/testing/topics.h"
#include "services/events/testing/two.h"

#define URL "shared:feeder"

static int both_up(void **state)
{
    (void)state;
    two_open(URL);
    lay_table(one);
    for (struct service_world *world = one; world; world = world == one ? two : NULL) {
        service_teach(world, god.user_id, "god", LEVEL_GOD);
        service_teach(world, second_god.user_id, "second", LEVEL_GOD);
    }
    open_now(one);
    two_know_the_same();
    return 0;
}

static int both_down(void **state)
{
    (void)state;
    two_close(URL);
    return 0;
}

static Events__TopicEntry *entry_at(struct service_world *world, struct uuid topic_id, uint64_t index)
{
    struct store_entries page;
    struct err err = {0};
    struct arena *arena = &world->arena;
    Push__TopicRow *row;
    assert_true(topic_by_id(&world->events, topic_id.text, arena, &row, &err));
    assert_true(
        store_read(world->events.store, topic_stream(topic_id.text).text, index, 1, arena, &page, &err));
    const Push__Published *published =
        push__published__unpack(&arena->allocator, page.entries[0].len, page.entries[0].data);
    return letter_entry(&world->events, row, index, published, arena, &err);
}

static void what_the_other_wrote_is_published(void **state)
{
    (void)state;
    struct uuid id = make_topic(one, &god, "own", "events.$event.public", "");
    retitle(one, "one");
    feed(two); // which has the event in memory from now on
    assert_int_equal(topic_head(two, id), 1);
    for (int i = 0; i < 3; i++) retitle(one, i % 2 ? "more" : "much more");
    feed(two);
    assert_int_equal(topic_head(two, id), 4);
}

static void what_the_other_published_is_told_whole(void **state)
{
    (void)state;
    struct uuid id = make_topic(one, &god, "own", "events.$event.public", "");
    retitle(one, "one");
    feed(two);
    retitle(one, "two");
    feed(one);
    const Events__TopicEntry *entry = entry_at(two, id, 2);
    assert_non_null(entry);
    assert_non_null(entry->entry);
    assert_string_equal(entry->entry->kind, "EDITED");
}

// Nothing listens at the address: what is sent to it fails, and is counted.
static void who_handed_over_at_the_other_is_sent_nothing(void **state)
{
    struct arena arena;
    struct err err = {0};
    int64_t again_ms;
    const struct outside outside = {.loopback = true};
    (void)state;
    make_topic(one, &god, "own", "events.$event.public", ",'webhook':{'url':'http://127.0.0.1:1/'}");
    retitle(one, "one");
    feed(two);
    service_must(one, &god, "events.HandOverEvent", "{" EVENT ",'god_id':'$second'}");
    arena_init(&arena, 8 << 20);
    struct courier courier = {.events = &two->events, .outside = &outside, .arena = &arena};
    if (!courier_step(&courier, "own", one->now_ms, &again_ms, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
    const Events__ListTopicsReply *list =
        (const void *)service_must(one, &god, "events.ListTopics", "{}").reply;
    assert_true(list->topics[0]->stopped);
    assert_int_equal(list->topics[0]->webhook->failures, 0);
}

int main(void)
{
#define BOTH(name) cmocka_unit_test_setup_teardown(name, both_up, both_down)
    const struct CMUnitTest tests[] = {
        BOTH(what_the_other_wrote_is_published),
        BOTH(what_the_other_published_is_told_whole),
        BOTH(who_handed_over_at_the_other_is_sent_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
