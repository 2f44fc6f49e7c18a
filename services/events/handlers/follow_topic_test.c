// Following a topic by its name: what its owner and devs get of it, from where each is; to others there is
// none.
#include <pthread.h>

#include "services/events/push/push.h"
#include "services/events/push/topic_rows.h"
#include "services/events/streams.h"
#include "services/events/testing/follow.h"
#include "services/events/testing/topics.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static follow_reply follow_topic(struct service_world *world, const struct asker *who, const char *after)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{'name':'own','viewers':[{'user_id':'%s','level':%u,'after':'%s'}]}",
             who->user_id, who->level, after);
    return (follow_reply)service_must(world, &nobody, "events.FollowTopic", request).reply;
}

static struct answer read_topic(struct service_world *world, const struct asker *who, const char *after)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{'name':'own','after':'%s'}", after);
    return service_ask(world, who, "events.ReadTopic", request);
}

static struct uuid open_topic(struct service_world *world)
{
    open_now(world);
    return make_topic(world, &god, "own", "events.$event.public", "");
}

static struct cursor_text topic_now(struct service_world *world, const struct asker *who)
{
    follow_reply reply = follow_topic(world, who, "");
    assert_int_equal(reply->views[0]->snapshot, 1);
    assert_int_equal(reply->snapshots[0]->topic->count, reply->seq);
    return cursor_after(reply->views[0]);
}

static void publish(struct service_world *world, const char *title)
{
    retitle(world, title);
    feed(world);
}

static void who_follows_is_told_each_once(void **state)
{
    struct service_world *world = *state;
    char pattern[STREAM_LEN + 8];
    struct uuid id = open_topic(world);
    follow_reply reply = follow_topic(world, &god, "");
    assert_string_equal(reply->stream, topic_stream(id.text).text);
    assert_string_equal(reply->snapshots[0]->topic->name, "own");
    snprintf(pattern, sizeof pattern, "events.%s.public", service_recall(world, "event"));
    assert_string_equal(reply->snapshots[0]->topic->pattern, pattern);
    assert_false(reply->snapshots[0]->topic->stopped);
    struct cursor_text at = topic_now(world, &god);
    assert_string_equal(topic_now(world, &dev).text, at.text); // they see the same
    for (unsigned i = 1; i <= 3; i++) {
        publish(world, i % 2 ? "one" : "two");
        reply = follow_topic(world, &god, at.text);
        assert_goes_on(reply, 1);
        const Events__TopicEntry *entry = reply->bodies[0]->topic;
        assert_int_equal(entry->index, i);
        assert_string_equal(entry->topic, "own");
        assert_string_equal(entry->stream, pattern);
        assert_string_equal(entry->entry->kind, "EDITED");
        at = cursor_after(reply->views[0]);
        assert_string_equal(entry->cursor, at.text);
        assert_goes_on(follow_topic(world, &dev, at.text), 0);
    }
    assert_goes_on(follow_topic(world, &god, cursor_at(at.text, 0).text), 3);
}

static void assert_absent(follow_reply reply)
{
    assert_int_equal(reply->views[0]->place->key.len, 0);
    assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__RIGHTS);
    assert_int_equal(reply->n_snapshots + reply->n_bodies, 0);
}

static void to_others_there_is_none(void **state)
{
    struct service_world *world = *state;
    static const struct asker *const others[] = {&nobody, &player, &second_god};
    struct uuid id = open_topic(world);
    struct cursor_text at = topic_now(world, &god);
    publish(world, "one");
    for (size_t i = 0; i < 3; i++) {
        assert_absent(follow_topic(world, others[i], ""));
        assert_absent(follow_topic(world, others[i], at.text));
    }
    for (size_t i = 1; i < 3; i++)
        assert_int_equal(read_topic(world, others[i], "").err.reason, CONSE__REASON__VALUE__NOT_FOUND);
    service_must(world, &god, "events.DeleteTopic", "{'name':'own'}");
    assert_absent(follow_topic(world, &god, at.text));
    assert_string_equal(follow_topic(world, &god, at.text)->stream, "");
    assert_int_equal(read_topic(world, &god, "").err.reason, CONSE__REASON__VALUE__NOT_FOUND);
    struct uuid again = make_topic(world, &god, "own", "events.$event.public", "");
    assert_string_not_equal(again.text, id.text);
    assert_begins_anew(follow_topic(world, &god, at.text), EVENTS__RESET__REASON__EPOCH); // it is another
}

static void *end_own(void *arg)
{
    struct events *events = arg;
    struct arena arena;
    struct err err;
    Push__TopicRow *row;
    uint64_t version;
    arena_init(&arena, 1 << 16);
    assert_true(topic_find(events, "own", &arena, &row, &version, &err));
    assert_true(store_wait(events->store, topic_end(events, row, version, &(struct store_write){0}), &err));
    arena_finish(&arena);
    return NULL;
}

// It ends between any two reads of the store.
static void who_asks_while_it_ends_is_told_that_it_ended(void **state)
{
    struct service_world *world = *state;
    open_now(world);
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        make_topic(world, &god, "own", "events.$event.public", "");
        publish(world, i % 2 ? "one" : "two");
        struct cursor_text at = topic_now(world, &god);
        assert_int_equal(pthread_create(&thread, NULL, end_own, &world->events), 0);
        struct answer answer;
        while ((answer = read_topic(world, &god, at.text)).ok)
            assert_null(((const Events__ReadTopicReply *)(const void *)answer.reply)->reset);
        assert_int_equal(answer.err.reason, CONSE__REASON__VALUE__NOT_FOUND);
        pthread_join(thread, NULL);
    }
}

static void viewers_beside_one_who_may_not(void **state)
{
    struct service_world *world = *state;
    char request[WORLD_REQUEST];
    open_topic(world);
    struct cursor_text at = topic_now(world, &god);
    for (int i = 0; i < 3; i++) publish(world, i % 2 ? "one" : "two");
    snprintf(request, sizeof request,
             "{'name':'own','viewers':[{'user_id':'%s','level':3,'after':'%s'},{'user_id':'%s','level':2,"
             "'after':'%s'},{'user_id':'%s','level':1,'after':'%s'}]}",
             player.user_id, at.text, god.user_id, cursor_at(at.text, 2).text, dev.user_id,
             cursor_at(at.text, 1).text);
    follow_reply reply = (follow_reply)service_must(world, &nobody, "events.FollowTopic", request).reply;
    static const size_t counts[] = {0, 1, 2};
    assert_int_equal(reply->n_bodies, 2);
    for (size_t i = 0; i < 3; i++) assert_int_equal(reply->views[i]->n_body, counts[i]);
    assert_int_equal(reply->views[0]->place->key.len, 0);
    assert_int_equal(reply->views[0]->place->offset, 0);
    assert_int_equal(reply->bodies[reply->views[1]->body[0]]->topic->index, 3);
}

static void what_is_trimmed_is_said(void **state)
{
    struct service_world *world = *state;
    struct err err;
    open_topic(world);
    struct cursor_text at = topic_now(world, &god);
    for (int i = 0; i < 3; i++) publish(world, i % 2 ? "one" : "two");
    assert_true(push_sweep(&world->events, world->now_ms + 31 * DAY_MS, &err));
    assert_begins_anew(follow_topic(world, &god, at.text), EVENTS__RESET__REASON__TRIMMED);
    assert_goes_on(follow_topic(world, &god, cursor_at(at.text, 2).text), 1);
    assert_begins_anew(follow_topic(world, &god, cursor_at(at.text, 4).text), EVENTS__RESET__REASON__EPOCH);
    assert_begins_anew(follow_topic(world, &god, "nonsense"), EVENTS__RESET__REASON__EPOCH);
}

// A text of nearly 30 KB each.
static void publish_much(struct service_world *world, size_t count)
{
    static char request[WORLD_REQUEST];
    for (size_t i = 0; i < count; i++) {
        size_t len = (size_t)snprintf(request, sizeof request, "{" EVENT ",'content':'");
        for (size_t at = 0; at < 7500 - i; at++) len += (size_t)sprintf(request + len, "%s", "🐺");
        snprintf(request + len, sizeof request - len, "'}");
        world->now_ms += 1000;
        service_must(world, &god, "events.UpdateEvent", request);
    }
    feed(world);
}

static void more_than_a_megabyte_is_too_far(void **state)
{
    struct service_world *world = *state;
    open_topic(world);
    struct cursor_text at = topic_now(world, &god);
    publish_much(world, 36);
    assert_begins_anew(follow_topic(world, &god, at.text), EVENTS__RESET__REASON__TOO_FAR);
    const Events__ReadTopicReply *read = (const void *)read_topic(world, &god, at.text).reply;
    assert_int_equal(read->reset->reason, EVENTS__RESET__REASON__TOO_FAR);
    follow_reply reply = follow_topic(world, &god, cursor_at(at.text, 2).text);
    assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__NONE);
    assert_int_equal(reply->views[0]->n_body, 2);
    assert_true(reply->views[0]->more);
}

static void an_owner_without_the_right_sees_that_it_stopped(void **state)
{
    struct service_world *world = *state;
    open_topic(world);
    publish(world, "one");
    struct cursor_text at = topic_now(world, &god);
    service_teach(world, god.user_id, "god", LEVEL_PLAYER);
    publish(world, "unheard");
    assert_goes_on(follow_topic(world, &god, at.text), 0);
    assert_true(follow_topic(world, &god, "")->snapshots[0]->topic->stopped);
}

static void it_is_read_from_a_cursor_on(void **state)
{
    struct service_world *world = *state;
    struct uuid id = open_topic(world);
    const Events__ReadTopicReply *reply = (const void *)read_topic(world, &god, "").reply;
    assert_non_null(reply->state);
    assert_null(reply->reset);
    assert_string_equal(reply->stream, topic_stream(id.text).text);
    struct cursor_text at;
    snprintf(at.text, sizeof at.text, "%s", reply->cursor);
    assert_string_equal(at.text, topic_now(world, &god).text);
    for (int i = 0; i < 2; i++) publish(world, i % 2 ? "one" : "two");
    reply = (const void *)read_topic(world, &god, at.text).reply;
    assert_int_equal(reply->n_entries, 2);
    assert_null(reply->state);
    assert_string_equal(reply->cursor, cursor_at(at.text, 2).text);
    assert_string_equal(reply->entries[1]->cursor, reply->cursor);
    reply = (const void *)read_topic(world, &dev, cursor_at(at.text, 9).text).reply;
    assert_int_equal(reply->reset->reason, EVENTS__RESET__REASON__EPOCH);
    assert_int_equal(reply->state->count, 2);
    assert_int_equal(reply->n_entries, 0);
}

int main(void)
{
#define OWNED(test) cmocka_unit_test_setup_teardown(test, set_up_owner, tear_down)
    const struct CMUnitTest tests[] = {
        OWNED(who_follows_is_told_each_once),
        OWNED(to_others_there_is_none),
        OWNED(who_asks_while_it_ends_is_told_that_it_ended),
        OWNED(viewers_beside_one_who_may_not),
        OWNED(what_is_trimmed_is_said),
        OWNED(more_than_a_megabyte_is_too_far),
        OWNED(an_owner_without_the_right_sees_that_it_stopped),
        OWNED(it_is_read_from_a_cursor_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
